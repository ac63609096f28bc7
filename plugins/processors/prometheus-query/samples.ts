import type { HrTime } from '@opentelemetry/api';
import { type Sampling, Series } from 'wattline/plugin';
import type { Grid } from './window.ts';

/** A point of an answer: milliseconds since 1970, and the value. */
export type Point = readonly [time: number, value: number];

/** What the points of an answer come to, or why they are refused. */
export type Samples = { readonly series: Series } | { readonly reason: string; readonly problem: string };

/**
 * The samples of a run out of the points of one returned series, in time order. What is missing between two points is
 * NaN; what is missing at the ends is left out. A point of an interval speaks for the step before it, and becomes a
 * sample at the start of that step. Times are those of the answer, since some servers move them to multiples of the
 * step; what they have moved out of the run is left out.
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
