import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { Attribute } from './attributes.ts';
import { addSeconds, secondsBetween, toSeconds } from './hr-time.ts';
import { meaningOf } from './meters.ts';
import type { Run } from './run.ts';
import { isSignal, samplesIn } from './signals.ts';

/**
 * Returns whether what a resource sent is a run: it says when that took place (`run.start_time`, `run.end_time`,
 * `run.duration`), or that it is one (`run.id`).
 */
export function isRun(run: Run): boolean {
  return isTimed(run) || run.attributes[Attribute.id] !== undefined;
}

/** Returns whether more requests may come of a run: it has meters, and says that it is one, but not when. */
export function isPartOfRun(run: Run): boolean {
  if (isTimed(run) || run.attributes[Attribute.id] === undefined) return false;
  return run.metrics.some(({ metrics }) => metrics.some(isMeter));
}

/** Returns whether a run says when it took place; most do. */
export function isTimed({ startTime, endTime, statedDuration }: Run): boolean {
  return startTime !== undefined || endTime !== undefined || statedDuration !== undefined;
}

/** Returns whether a metric says what a machine used: power, energy or CPU time. */
export function isMeter(metric: MetricData): boolean {
  return isSignal(metric) || meaningOf(metric.descriptor.name) !== undefined;
}

/** What a resource sent, parted: what meters of machines say, and all other metrics. */
export interface MeterParts {
  readonly meters: readonly MetricData[];
  /** The run without these; undefined where nothing is left. */
  readonly rest: Run | undefined;
}

/** Parts what a resource sent; undefined where no meter is among it. */
export function metersOf(run: Run): MeterParts | undefined {
  const meters = run.metrics.flatMap(({ metrics }) => metrics.filter(isMeter));
  return meters.length ? { meters, rest: restOf(run, isMeter) } : undefined;
}

/** Returns a run without the metrics that are taken out of it; undefined where nothing is left. */
export function restOf(run: Run, isTaken: (metric: MetricData) => boolean): Run | undefined {
  const { samples, figures } = run;
  const metrics = run.metrics
    .map(({ scope, metrics }): ScopeMetrics => ({ scope, metrics: metrics.filter((metric) => !isTaken(metric)) }))
    .filter(({ metrics }) => metrics.length);
  if (metrics.length === 0 && samples.length === 0 && figures.length === 0) return undefined;
  return run.bare().with({ metrics, samples, figures });
}

/** Returns a run that says when it took place: where it says nothing of that itself, when its samples did. */
export function withTimesOfSamples(run: Run): Run {
  if (isTimed(run)) return run;
  const spans = [...run.samples, ...samplesIn(run.metrics)].map(({ series }) => {
    return [series.start, addSeconds(series.start, series.offset(series.length - 1))] as const;
  });
  const [first] = spans;
  if (!first) return run;
  let [start, end] = first;
  for (const [from, to] of spans) {
    if (secondsBetween(start, from) < 0) start = from;
    if (secondsBetween(end, to) > 0) end = to;
  }
  return run.with({ attributes: { [Attribute.startTime]: toSeconds(start), [Attribute.endTime]: toSeconds(end) } });
}
