import type { Attributes } from '@opentelemetry/api';
import { attributesKey, type Batch } from './attributes.ts';
import { Run } from './run-batch.ts';
import { SampledGauge, type Series, seriesOf } from './series.ts';
import type { Signal } from './signals.ts';

/** The samples of a signal in a run, under its OpenTelemetry name or its results-file name. */
export function findSignal(batch: Batch, signal: Signal): Series | undefined {
  for (const metric of Run.signalsOf(batch)) {
    const { name } = metric.descriptor;
    const series = name === signal.name || name === signal.field ? seriesOf(metric) : undefined;
    if (series?.length) return series;
  }
  return undefined;
}

/**
 * How many sources the samples of a signal come from: points with different attributes, such as two `hw.id`, must not
 * be taken for one series.
 */
export function countSources(batch: Batch, signal: Signal): number {
  let known: Attributes | undefined;
  let sources: Set<string> | undefined;
  for (const metric of Run.signalsOf(batch)) {
    const { name } = metric.descriptor;
    if (metric instanceof SampledGauge || (name !== signal.name && name !== signal.field)) continue;
    for (const { attributes } of metric.dataPoints) {
      known ??= attributes;
      // Receivers share the attributes that points have in common.
      if (attributes === known) continue;
      sources ??= new Set([attributesKey(known)]);
      sources.add(attributesKey(attributes));
    }
  }
  return sources?.size ?? 1;
}
