import { hostPower, Run, type Samples, Series, samplesOf } from 'wattline/plugin';

/** Mean power in watts of a run, from two samples. */
export const powerSamples = (...values: number[]): Samples =>
  samplesOf(hostPower, Series.regular([1766947958, 0], 5, Float64Array.from(values)));

/** A run of 100 s with these samples. */
export const runOf = (scenario: string, samples: Samples[], attributes = {}): Run =>
  Run.of({ scenario, 'run.start_time': 1000, 'run.end_time': 1100, ...attributes }, { samples });

/** A run with so many streams and measured power, 25 W and 25 W more for each stream if nothing else is said. */
export const measuredRun = (streams: number, start = streams, watts = 25 + 25 * streams): Run =>
  runOf(`${streams} streams`, [powerSamples(watts - 5, watts + 5)], { 'run.start_time': start });
