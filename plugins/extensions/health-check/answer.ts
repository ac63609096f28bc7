import type { RunState, ServiceStatus } from 'wattline/plugin';

/** The answer to a probe. */
export interface Answer {
  readonly code: 200 | 404 | 503;
  readonly body: Readonly<Record<string, string>>;
}

/**
 * Returns the answer to a probe of the service, or of the pipeline with that id: 200 where it runs, 503 while it starts or
 * stops, in the format of the Collector's `health_check`; 404 where there is no such pipeline.
 */
export function answerTo(pipeline: string | undefined, status: ServiceStatus, now: Date): Answer {
  const asked = pipeline === undefined ? status : status.pipelines.find(({ id }) => id === pipeline);
  if (!asked) {
    const ids = status.pipelines.map(({ id }) => id).join(', ');
    return { code: 404, body: { status: `there is no pipeline ${pipeline}; there are: ${ids}` } };
  }
  if (asked.state !== 'running') return unavailable(asked.state);
  const exporters = status.pipelines.find(({ id }) => id === pipeline)?.exporters;
  const blocked = status.stages.filter(({ kind, id, blocked }) => {
    return blocked && (exporters === undefined || (kind === 'exporter' && exporters.includes(id)));
  });
  return available(
    status.upSince ?? now,
    now,
    blocked.map(({ kind, id }) => `${kind} ${id}`),
  );
}

/** Names what somebody must mend, though it takes runs; why is not for everybody. */
function available(since: Date, now: Date, blocked: readonly string[]): Answer {
  const uptime = goDuration(Math.max(0, now.getTime() - since.getTime()));
  const more = blocked.length > 0 ? { blocked: blocked.join(', ') } : {};
  return { code: 200, body: { status: 'Server available', upSince: since.toISOString(), uptime, ...more } };
}

/** The Collector sends its zero time here, and no uptime; `reason` says why. */
function unavailable(reason: RunState): Answer {
  const never = { upSince: '0001-01-01T00:00:00Z', uptime: '' };
  return { code: 503, body: { status: 'Server not available', ...never, reason } };
}

/** Formats milliseconds as Go prints a duration: `350ms`, `2.5s`, `1h0m2.3s`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 1000) return `${milliseconds}ms`;
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = `${(milliseconds % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
