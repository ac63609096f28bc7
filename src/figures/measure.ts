import { describeRun } from '../model/attributes.ts';
import { type PowerKind, powerKindOf } from '../model/power-kind.ts';
import type { Run } from '../model/run.ts';
import type { Integrated, Series } from '../model/series.ts';
import { cpuUsage, filledCpu, filledPower, hostPower, ruleOf, type Samples, type Signal } from '../model/signals.ts';
import { isRun } from '../model/stream.ts';
import { predictedSignalOf, samplesOfBound } from './bounds.ts';
import { integrate } from './integrate.ts';
import { holesIn } from './segments.ts';

export type { Integrated } from '../model/series.ts';

/** The integral of a run's signal in the signal's unit times seconds, or why there is none. */
export type Measured = Integrated | { readonly value: undefined; readonly reason: string; readonly problem: string };

/**
 * Integrates a signal of a run over its own samples: joules for power, core-seconds for CPU. Missing is never 0. What
 * comes of it is remembered with the series, since every stage asks.
 */
export function measure(run: Run, signal: Signal): Measured {
  const samples = run.samplesOf(signal) ?? samplesOfBound(run, signal);
  if (!samples) return none(`no_${signal.field}`, `${describeRun(run)} has no \`${signal.field}\``);
  const { series } = samples;
  const sampling = ruleOf(run, signal);
  const { duration } = run;
  const known = series.integrated;
  if (known && known.sampling === sampling && known.duration === duration) return known;
  const flaw = flawIn(samples);
  if (flaw) return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(run)} ${flaw}`);
  const integral = integrate(series, { sampling, duration });
  if (integral && Number.isFinite(integral.value)) {
    const { value, span } = integral;
    series.integrated = { value, span, series, sampling, duration };
    return series.integrated;
  }
  const what = integral ? 'adds up to infinity' : whyNothing(series);
  return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(run)} ${what}`);
}

/** How samples came about: as power does, or `assumed` for the time without any. */
export type SampleKind = PowerKind | 'assumed';

/** Returns how the samples of a signal, or of that which it is a bound of, came about, where a run has any. */
export function sampleKindOf(run: Run, signal: Signal): SampleKind {
  const own = predictedSignalOf(signal);
  if (own === filledPower || own === filledCpu) return 'assumed';
  return own === hostPower ? powerKindOf(run) : (run.cpu ?? 'measured');
}

/**
 * Returns whether nothing is missing where a run has no samples of a signal: a machine need not report all of them, and
 * metrics of other programs are no run.
 */
export function mayLack(run: Run, signal: Signal): boolean {
  if (run.samplesOf(signal)) return false;
  return run.isSlice || (!isRun(run) && !run.samplesOf(hostPower) && !run.samplesOf(cpuUsage));
}

function none(reason: string, problem: string): Measured {
  return { value: undefined, reason, problem };
}

function whyNothing(series: Series): string {
  const { length } = series;
  const count = series.values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0);
  if (count === 0) return 'has no sample that is not missing';
  if (count === 1 && length === 1) return 'is a single sample, which needs a step or a duration';
  if (count === 1) return 'has a single sample that is not missing';
  const seconds = holesIn({ series, sampling: 'instant', span: 0 });
  return `has no two samples that are at most two steps apart, so that all of its ${seconds} s are holes`;
}

function flawIn({ signal, series, sources, unknownUnit }: Samples): string | undefined {
  if (unknownUnit !== undefined) return `is in \`${unknownUnit}\`, which cannot be converted to ${signal.unit}`;
  if (sources > 1) return `mixes samples of ${sources} sources; send one, that of the host`;
  if (series.sum !== undefined) return undefined;
  const { values } = series;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < 0 || value === Number.POSITIVE_INFINITY) {
      return `has ${value} as sample ${i}, which is not a number of 0 or more`;
    }
  }
  if (series.step !== undefined) return undefined;
  for (let i = 1; i < series.length; i++) {
    if (series.offset(i) === series.offset(i - 1)) return 'has two samples at the same time';
  }
  return undefined;
}
