import type { Attributes } from '@opentelemetry/api';
import { Attribute, type Batch } from './attributes.ts';
import { FigureGauge } from './figure-gauge.ts';
import { RunResource } from './run-resource.ts';
import { isSignal } from './signals.ts';

/**
 * The labels that every series of a run carries, so that two runs are never taken for one: its own, and where it names
 * no region the one that its figures name.
 */
export function runLabelsOf(batch: Batch): Attributes {
  const { labels } = RunResource.factsOf(batch.resource);
  if (labels[Attribute.region] !== undefined) return labels;
  const regions = new Set<unknown>();
  for (const { metrics } of batch.scopeMetrics) {
    for (const metric of metrics) {
      if (isSignal(metric)) continue;
      if (metric instanceof FigureGauge) {
        regions.add(metric.labels[Attribute.region]);
        continue;
      }
      for (const { attributes } of metric.dataPoints) regions.add(attributes[Attribute.region]);
    }
  }
  // Energy is the same everywhere, and its figures may name none.
  regions.delete(undefined);
  const [region] = regions;
  return regions.size === 1 && typeof region === 'string' ? { ...labels, [Attribute.region]: region } : labels;
}
