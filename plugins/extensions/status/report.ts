import type { ServiceStatus, StageStatus } from 'wattline/plugin';
import { type Counts, keyOf } from './counts.ts';
import type { Rates } from './rates.ts';

/** The JSON answer of `/status`; what is not known is undefined. */
export type Report = ReturnType<typeof makeReport>;
export type PipelineReport = Report['pipelines'][number];
export type StageReport = Report['services'][number];

/** Returns the report of all stages at one moment. */
export function makeReport(status: ServiceStatus, counts: Counts, rates: Rates, time: Date) {
  const reportOf = (stage: StageStatus) => {
    const { kind, id, state, lastError: last_error, blocked } = stage;
    const key = keyOf(stage);
    return {
      ...{ kind, id, state, last_error, blocked },
      points: counts.points.get(key),
      points_per_second: rates.points.get(key),
      queue: counts.queues.get(key),
      streams: stage.streams?.map(({ names, meters, lastHeard }) => {
        return { names: names.map(([attribute, value]) => ({ attribute, value })), meters, last_heard: lastHeard };
      }),
      unread: stage.unread,
    };
  };
  const stagesOf = (kind: StageStatus['kind'], ids: readonly string[], pipeline?: string) =>
    ids.flatMap((id) => {
      const stage = status.stages.find(
        (candidate) => candidate.kind === kind && candidate.id === id && candidate.pipeline === pipeline,
      );
      return stage ? [reportOf(stage)] : [];
    });
  return {
    state: status.state,
    time,
    up_since: status.upSince,
    version: counts.version,
    process: { ...counts.process, cpu_cores: rates.cpuCores },
    pipelines: status.pipelines.map(({ id, state, receivers, processors, exporters }) => ({
      ...{ id, state },
      /** In the order in which runs pass. */
      stages: [
        ...stagesOf('receiver', receivers),
        ...stagesOf('processor', processors, id),
        ...stagesOf('exporter', exporters),
      ],
    })),
    /** Extensions and providers. */
    services: status.stages.filter(({ kind }) => kind === 'extension' || kind === 'provider').map(reportOf),
    skipped: counts.skipped.toSorted((a, b) => b.count - a.count),
  };
}
