import type { Attributes } from '@opentelemetry/api';
import { Attribute, type Batch, describeRun } from './attributes.ts';
import { countSources, findSignal } from './find-signal.ts';
import { integrate } from './integrate.ts';
import { RunResource } from './run-resource.ts';
import type { Integrated, Sampling, Series } from './series.ts';
import type { Signal } from './signals.ts';

export type { Integrated } from './series.ts';

/** The integral of a run's signal in the signal's unit times seconds, or why there is none. */
export type Measured = Integrated | { readonly value: undefined; readonly reason: string; readonly problem: string };

/** Integrates a signal of a run over its own samples: joules for power, core-seconds for CPU. Missing is never 0. */
export function measure(batch: Batch, signal: Signal): Measured {
  const series = findSignal(batch, signal);
  if (!series) return none(`no_${signal.field}`, `${describeRun(batch)} has no \`${signal.field}\``);
  const facts = RunResource.factsOf(batch.resource);
  // It is remembered only where nothing is wrong with it; samples of several sources are joined anew for each who asks.
  const sampling = signal.sampling ?? (facts.saysSampling ? samplingOf(facts.attributes, signal) : 'instant');
  const known = series.integratedFor(facts);
  if (known?.sampling === sampling) return known;
  const sources = countSources(batch, signal);
  const flaw = sources > 1 ? `mixes samples of ${sources} sources; send one, that of the host` : flawOf(series);
  if (flaw) return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(batch)} ${flaw}`);
  const { duration } = facts;
  const integral = integrate(series, { sampling, duration });
  if (integral && Number.isFinite(integral.value)) {
    const { value, span } = integral;
    const integrated = { value, span, series, sampling, duration };
    series.remember(integrated, facts);
    return integrated;
  }
  const what = integral ? 'adds up to infinity' : whyNothing(series);
  return none(`invalid_${signal.field}`, `\`${signal.field}\` of ${describeRun(batch)} ${what}`);
}

function samplingOf(attributes: Attributes, { samplingAttribute }: Signal): Sampling {
  const stated = attributes[samplingAttribute] ?? attributes[Attribute.sampling];
  return stated === 'interval' ? 'interval' : 'instant';
}

function none(reason: string, problem: string): Measured {
  return { value: undefined, reason, problem };
}

function whyNothing({ length }: Series): string {
  if (length === 1) return 'is a single sample, which needs a step or a duration';
  return 'has no two samples that are at most two steps apart';
}

function flawOf(series: Series): string | undefined {
  const { values } = series;
  if (series.sum !== undefined) return undefined;
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
