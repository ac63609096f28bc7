import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { secondsBetween, toHrTime, toSeconds } from './hr-time.ts';
import type { RunFacts } from './run-facts.ts';
import { lastTime } from './run-metrics.ts';
import type { RunWindow } from './run-parts.ts';
import type { Integrated } from './series.ts';
import { cpuUsage, hostPower, ruleOf, type Sampled, type Samples, type Signal } from './signals.ts';

/** What a run states of its time. */
export type StatedTimes = Pick<RunFacts, 'startTime' | 'endTime' | 'statedDuration'>;

/** A stretch of time in seconds since 1970. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Returns when a run was; undefined where nothing says it. This is the one place that decides it:
 *
 * - Its start and end are those that it states. Samples outside of them change nothing.
 * - Where it states one of them, the other is a duration away, and without a duration where its samples begin or end; never
 *   on the wrong side, where it is a run of one moment.
 * - Where it states neither, it ends with its samples, and began a duration before, or with them.
 */
export function timeSpanOf(stated: StatedTimes, sampled: () => TimeSpan | undefined): TimeSpan | undefined {
  const { startTime: start, endTime: end } = stated;
  const duration = durationIn(stated);
  if (start !== undefined) {
    const until = end ?? (duration === undefined ? sampled()?.end : start + duration);
    return { start, end: end ?? Math.max(start, until ?? start) };
  }
  if (end !== undefined) {
    const since = duration === undefined ? sampled()?.start : end - duration;
    return { start: Math.min(end, since ?? end), end };
  }
  const known = sampled();
  // Nothing was before 1970, whatever a run says of its duration.
  return known && { start: duration === undefined ? known.start : Math.max(0, known.end - duration), end: known.end };
}

/** The duration of a run in seconds, above 0: the one that it states, else end minus start; undefined where neither is known. */
export function durationOf(stated: StatedTimes): number | undefined {
  const { startTime, endTime } = stated;
  const duration = durationIn(stated);
  if (duration !== undefined) return duration;
  return startTime !== undefined && endTime !== undefined && endTime > startTime ? endTime - startTime : undefined;
}

function durationIn({ statedDuration }: StatedTimes): number | undefined {
  return statedDuration !== undefined && statedDuration > 0 ? statedDuration : undefined;
}

/** What says when a run was. */
interface Timed extends StatedTimes, Sampled {
  readonly readTime: number | undefined;
  readonly isDated: boolean;
  readonly metrics: readonly ScopeMetrics[];
  samplesOf(signal: Signal): Samples | undefined;
}

/**
 * Returns when a run began and ended. One that says nothing of its time ended when it was read, and what has no samples
 * either is of the moment of its last point, else of now.
 */
export function windowOf(run: Timed): RunWindow {
  const { startTime, endTime, statedDuration, readTime, metrics } = run;
  const stated = { startTime, endTime: run.isDated ? endTime : readTime, statedDuration };
  const sampled = () => spanOfSamples(run) ?? (startTime === undefined ? undefined : spanOfLastPoint(metrics));
  const span = timeSpanOf(stated, sampled);
  if (span) return { start: toHrTime(span.start), end: toHrTime(span.end) };
  const moment = lastTime([], metrics) ?? toHrTime(Date.now() / 1000);
  return { start: moment, end: moment };
}

function spanOfLastPoint(metrics: readonly ScopeMetrics[]): TimeSpan | undefined {
  const last = lastTime([], metrics);
  return last && { start: toSeconds(last), end: toSeconds(last) };
}

/** The seconds from the start of a window to its end, above 0; undefined where it is a moment. */
export function lengthOf({ start, end }: RunWindow): number | undefined {
  const seconds = secondsBetween(start, end);
  return seconds > 0 ? seconds : undefined;
}

/** Returns when the measured samples of a run begin and end; undefined where it has none. */
export function spanOfSamples(run: Pick<Timed, 'samplesOf'> & Sampled): TimeSpan | undefined {
  return spanOf(
    [hostPower, cpuUsage].flatMap((signal) => {
      const series = run.samplesOf(signal)?.series;
      return series ? [{ series, sampling: ruleOf(run, signal) }] : [];
    }),
  );
}

/** Returns when the first of some series begins and the last one ends; undefined where there is none. */
export function spanOf(all: readonly Pick<Integrated, 'series' | 'sampling'>[]): TimeSpan | undefined {
  if (all.length === 0) return undefined;
  const spans = all.map(({ series, sampling }): TimeSpan => {
    const origin = toSeconds(series.start);
    return { start: origin + series.offset(0), end: origin + series.end(sampling) };
  });
  return { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
}
