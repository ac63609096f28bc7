import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { toHrTime } from './hr-time.ts';
import type { RunFacts } from './run-facts.ts';
import { lastTime } from './run-metrics.ts';
import type { RunWindow } from './run-parts.ts';
import type { Samples } from './signals.ts';

type Times = Pick<RunFacts, 'startTime' | 'endTime' | 'statedDuration'>;

/** What says when a run was. */
interface Timed extends Times {
  readonly samples: readonly Samples[];
  readonly metrics: readonly ScopeMetrics[];
}

/** The duration of a run in seconds, above 0: the one that it states, else end minus start; undefined where neither is known. */
export function durationOf({ statedDuration, startTime, endTime }: Times): number | undefined {
  if (statedDuration !== undefined && statedDuration > 0) return statedDuration;
  return startTime !== undefined && endTime !== undefined && endTime > startTime ? endTime - startTime : undefined;
}

/** When a run began and ended: its own end, else start plus duration, else its last sample, else now; without a start it is of one moment. */
export function windowOf({ startTime, endTime, statedDuration, samples, metrics }: Timed): RunWindow {
  const ended =
    endTime ?? (startTime !== undefined && statedDuration !== undefined ? startTime + statedDuration : undefined);
  const end = ended === undefined ? (lastTime(samples, metrics) ?? toHrTime(Date.now() / 1000)) : toHrTime(ended);
  return { start: startTime === undefined ? end : toHrTime(startTime), end };
}
