import type { Attributes } from '@opentelemetry/api';
import { Attribute } from '../model/attributes.ts';
import type { Run } from '../model/run.ts';
import { isSignal } from '../model/signals.ts';

/**
 * Returns the labels that every series of a run carries, so that two runs are never taken for one: its own, and where it
 * names no region the one that its figures name.
 */
export function runLabelsOf(run: Run): Attributes {
  const { labels } = run;
  if (labels[Attribute.region] !== undefined) return labels;
  const regions = new Set<unknown>(run.figures.map((figure) => figure.labels?.[Attribute.region]));
  for (const { metrics } of run.metrics) {
    for (const metric of metrics) {
      if (isSignal(metric)) continue;
      for (const { attributes } of metric.dataPoints) regions.add(attributes[Attribute.region]);
    }
  }
  // Energy is the same everywhere, and its figures may name none.
  regions.delete(undefined);
  const [region] = regions;
  return regions.size === 1 && typeof region === 'string' ? { ...labels, [Attribute.region]: region } : labels;
}
