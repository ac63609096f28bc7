import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { Attribute, describeRun } from './attributes.ts';
import { toSeconds } from './hr-time.ts';
import { meaningOf } from './meters.ts';
import type { Run } from './run.ts';
import { isSignal } from './signals.ts';

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

/** Returns whether a run says when it took place, as most do, or whoever has read it that it does not. */
export function isTimed({ startTime, endTime, statedDuration, readTime }: Run): boolean {
  return startTime !== undefined || endTime !== undefined || statedDuration !== undefined || readTime !== undefined;
}

/** Returns whether the times of a run are those of its reading, since it says nothing of its own. */
export function isOfReading({ readTime, isDated }: Run): boolean {
  return readTime !== undefined && !isDated;
}

/** Says why whatever needs a time does without a run that is not dated. */
export function noTime(run: Run): { readonly reason: string; readonly problem: string } {
  const remedy = 'give it `start_time`, `end_time` or `timestamps`, or its file a `test_date`';
  return { reason: 'no_time', problem: `${describeRun(run)} does not say when it was; ${remedy}` };
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
  if (isTimed(run) || !run.isDated) return run;
  const { start, end } = run.window;
  return run.with({ attributes: { [Attribute.startTime]: toSeconds(start), [Attribute.endTime]: toSeconds(end) } });
}
