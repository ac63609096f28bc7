import type { Attributes } from '@opentelemetry/api';
import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Figure } from '../model/figure.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, filledCpu, filledPower, hostPower, type Samples, signalNamed } from '../model/signals.ts';

const signals = [hostPower, cpuUsage, filledPower, filledCpu];

/** Samples as they are stored; a missing one is null. */
interface StoredSamples extends Pick<Samples, 'scope' | 'sources'> {
  readonly signal: string;
  readonly start: Series['start'];
  readonly step?: number | undefined;
  readonly offsets?: readonly number[] | undefined;
  readonly values: readonly (number | null)[];
}

interface StoredRun {
  readonly attributes: Attributes;
  readonly samples: readonly StoredSamples[];
  readonly metrics: readonly ScopeMetrics[];
  readonly figures: readonly Figure[];
}

/** Returns a run as a text that `runOfText` reads; values are kept to the bit. */
export function textOfRun(run: Run): string {
  const samples = signals.flatMap((signal) => run.samplesOf(signal) ?? []).filter((one) => !one.unknownUnit);
  const stored: StoredRun = {
    attributes: run.attributes,
    samples: samples.map(({ signal, series, scope, sources }) => {
      return { signal: signal.field, scope, sources, ...series.toJSON() };
    }),
    metrics: run.withoutSamples(signals).metrics,
    figures: run.figures,
  };
  return JSON.stringify(stored);
}

/** Returns the run of a text. */
export function runOfText(text: string): Run {
  const { attributes, samples, metrics, figures } = JSON.parse(text) as StoredRun;
  return Run.of(attributes, { samples: samples.flatMap(samplesIn), metrics, figures });
}

function samplesIn({ signal: field, scope, sources, start, step, offsets, values }: StoredSamples): Samples[] {
  const signal = signalNamed(field);
  if (!signal) return [];
  const numbers = Float64Array.from(values, (value) => value ?? Number.NaN);
  const series = offsets
    ? Series.irregular(start, Float64Array.from(offsets), numbers)
    : Series.regular(start, step ?? 0, numbers);
  return [{ signal, scope, sources, series }];
}
