import { Attribute } from '../model/attributes.ts';
import { addSeconds } from '../model/hr-time.ts';
import type { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, hostPower, type Signal } from '../model/signals.ts';
import type { Change } from './advice.ts';

/** The attribute by which a run is known again after it was changed. */
export const RUN_NUMBER = 'advice.run';

/** Returns the runs with numbers, by which `numberOfRun` and `changing` know them. */
export function numbered(runs: readonly Run[]): Run[] {
  return runs.map((run, index) => run.with({ attributes: { [RUN_NUMBER]: index } }));
}

/** Returns the number of a run, which its changed versions have too. */
export function numberOfRun(run: Run): number {
  return run.attributes[RUN_NUMBER] as number;
}

/** Returns the change of these runs alone, however they were changed before; undefined drops a run. */
export function changing(runs: readonly Run[], change: (run: Run) => Run | undefined): Change {
  const numbers = new Set(runs.map(numberOfRun));
  return (all) => all.flatMap((run) => (numbers.has(numberOfRun(run)) ? (change(run) ?? []) : run));
}

/** Returns a run as if it had taken place in another region. */
export function movedTo(run: Run, region: string): Run {
  return run.with({ attributes: { [Attribute.region]: region } });
}

/** Returns a run as if it had begun so many seconds later. */
export function shiftedBy(run: Run, seconds: number): Run {
  const { startTime, endTime } = run;
  const later = withSeries(run, (series) => copyOf(series, { start: addSeconds(series.start, seconds) }));
  return later.with({
    attributes: {
      ...(startTime !== undefined && { [Attribute.startTime]: startTime + seconds }),
      ...(endTime !== undefined && { [Attribute.endTime]: endTime + seconds }),
    },
  });
}

/** Returns a run whose samples of both signals are what `value` makes of each, by its index; NaN is still missing. */
export function withValues(run: Run, value: (was: number, index: number, signal: Signal) => number): Run {
  return withSeries(run, (series, signal) => {
    return copyOf(series, {
      values: series.values.map((was, index) => (Number.isNaN(was) ? was : value(was, index, signal))),
    });
  });
}

function withSeries(run: Run, change: (series: Series, signal: Signal) => Series): Run {
  const signals = [hostPower, cpuUsage];
  const changed = signals.flatMap((signal) => {
    const samples = run.samplesOf(signal);
    return samples ? [{ ...samples, series: change(samples.series, signal) }] : [];
  });
  return run.withoutSamples(signals).with({ samples: changed });
}

function copyOf(
  series: Series,
  { start = series.start, values = series.values }: Partial<Pick<Series, 'start' | 'values'>>,
): Series {
  if (series.step !== undefined) return Series.regular(start, series.step, values);
  const offsets = Float64Array.from({ length: series.length }, (_, index) => series.offset(index));
  return series.isHeld ? Series.held(start, offsets, values) : Series.irregular(start, offsets, values);
}
