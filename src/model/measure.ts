import { type Batch, describeRun } from './attributes.ts';
import { integrate } from './integrate.ts';
import { runDuration } from './run.ts';
import type { Series } from './series.ts';
import { countSources, findSignal, type Signal } from './signals.ts';

/** The integral of a run's signal in the signal's unit times seconds, or why there is none. */
export type Measured =
  | { readonly value: number }
  | { readonly value: undefined; readonly reason: string; readonly problem: string };

/** Integrates a signal of a run over its own samples: joules for power, core-seconds for CPU. Missing is never 0. */
export function measure(batch: Batch, signal: Signal): Measured {
  const series = findSignal(batch, signal);
  if (!series) return none(`no_${signal.field}`, `${describeRun(batch)} has no \`${signal.field}\``);
  const sources = countSources(batch, signal);
  const flaw = sources > 1 ? `mixes samples of ${sources} sources; send one, that of the host` : flawOf(series);
  if (flaw) return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(batch)} ${flaw}`);
  const value = integrate(series, runDuration(batch.resource.attributes));
  if (value !== undefined && Number.isFinite(value)) return { value };
  const what = value === undefined ? 'is a single sample, which needs a step or a duration' : 'adds up to infinity';
  return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(batch)} ${what}`);
}

function none(reason: string, problem: string): Measured {
  return { value: undefined, reason, problem };
}

function flawOf(series: Series): string | undefined {
  const index = series.values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (index >= 0) return `has ${series.values[index]} as sample ${index}, which is not a number of 0 or more`;
  if (series.step !== undefined) return undefined;
  for (let i = 1; i < series.length; i++) {
    if (series.offset(i) === series.offset(i - 1)) return 'has two samples at the same time';
  }
  return undefined;
}
