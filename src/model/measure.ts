import { Attribute, type Batch, describeRun } from './attributes.ts';
import { type Integral, integrate } from './integrate.ts';
import { runDuration } from './run.ts';
import type { Sampling } from './segments.ts';
import type { Series } from './series.ts';
import { countSources, findSignal, type Signal } from './signals.ts';

/** A signal of a run, what it comes to, and how that was reckoned. */
export interface Integrated extends Integral {
  readonly series: Series;
  readonly sampling: Sampling;
  /** The run's duration in seconds, where it is known. */
  readonly duration: number | undefined;
}

/** The integral of a run's signal in the signal's unit times seconds, or why there is none. */
export type Measured = Integrated | { readonly value: undefined; readonly reason: string; readonly problem: string };

/** Integrates a signal of a run over its own samples: joules for power, core-seconds for CPU. Missing is never 0. */
export function measure(batch: Batch, signal: Signal): Measured {
  const series = findSignal(batch, signal);
  if (!series) return none(`no_${signal.field}`, `${describeRun(batch)} has no \`${signal.field}\``);
  const sources = countSources(batch, signal);
  const flaw = sources > 1 ? `mixes samples of ${sources} sources; send one, that of the host` : flawOf(series);
  if (flaw) return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(batch)} ${flaw}`);
  const { attributes } = batch.resource;
  const stated = attributes[`${Attribute.sampling}.${signal.field}`] ?? attributes[Attribute.sampling];
  const sampling = signal.sampling ?? (stated === 'interval' ? 'interval' : 'instant');
  const duration = runDuration(attributes);
  const integral = integrate(series, { sampling, duration });
  if (integral && Number.isFinite(integral.value)) return { ...integral, series, sampling, duration };
  const what = integral ? 'adds up to infinity' : whyNothing(series);
  return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(batch)} ${what}`);
}

function none(reason: string, problem: string): Measured {
  return { value: undefined, reason, problem };
}

function whyNothing({ length }: Series): string {
  if (length === 1) return 'is a single sample, which needs a step or a duration';
  return 'has no two samples that are at most two steps apart';
}

function flawOf(series: Series): string | undefined {
  const index = series.values.findIndex((value) => value < 0 || value === Number.POSITIVE_INFINITY);
  if (index >= 0) return `has ${series.values[index]} as sample ${index}, which is not a number of 0 or more`;
  if (series.step !== undefined) return undefined;
  for (let i = 1; i < series.length; i++) {
    if (series.offset(i) === series.offset(i - 1)) return 'has two samples at the same time';
  }
  return undefined;
}
