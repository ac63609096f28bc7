import type { HrTime } from '@opentelemetry/api';
import { type Sampling, Series } from 'wattline/plugin';
import type { Grid } from './window.ts';

/** A point of an answer: milliseconds since 1970, and the value. */
export type Point = readonly [time: number, value: number];

/** The samples of an answer, or the reason why it is refused. */
export type Samples = { readonly series: Series } | { readonly reason: string; readonly problem: string };

/**
 * Returns the samples of a run from the points of one returned series, ordered by time. Missing points between others are
 * NaN; those at the ends are left out. A point of an interval covers the step before it, and becomes a sample at the start
 * of that step. Times are those of the answer, since some servers shift them to multiples of the step; points outside of
 * the run are left out.
 */
export function samplesOf(points: readonly Point[], grid: Grid, sampling: Sampling): Samples {
  const last = grid.first + (grid.count - 1) * grid.step;
  const present = points.filter(([time, value]) => time >= grid.first && time <= last && !Number.isNaN(value));
  const [from, to] = [present[0]?.[0], present.at(-1)?.[0]];
  if (from === undefined || to === undefined) {
    return { reason: 'no_samples', problem: 'the returned series has no number within the run' };
  }
  const index = (time: number) => Math.round((time - from) / grid.step);
  const values = new Float64Array(index(to) + 1).fill(Number.NaN);
  for (const [time, value] of present) {
    if (value < 0 || !Number.isFinite(value)) {
      const at = new Date(time).toISOString();
      return { reason: 'invalid_samples', problem: `it gives ${value} at ${at}, which is not a number of 0 or more` };
    }
    values[index(time)] = value;
  }
  const start = sampling === 'interval' ? from - grid.step : from;
  return { series: Series.regular(hrTime(start), grid.step / 1000, values) };
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1e6];
}
