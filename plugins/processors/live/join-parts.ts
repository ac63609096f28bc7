import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { attributesKey, Run } from 'wattline/plugin';

/** Returns the run that several requests are parts of: what the later ones say of it comes first, and a point counts once. */
export function joinParts(parts: readonly Run[]): Run {
  const attributes: Attributes = {};
  const scopes = new Map<string, Map<string, MetricData[]>>();
  for (const part of parts) {
    Object.assign(attributes, part.attributes);
    for (const { scope, metrics } of part.metrics) {
      const known = scopes.get(scope.name) ?? new Map<string, MetricData[]>();
      scopes.set(scope.name, known);
      for (const metric of metrics) {
        const key = JSON.stringify([metric.descriptor.name, metric.descriptor.unit, metric.dataPointType]);
        const alike = known.get(key);
        if (alike) alike.push(metric);
        else known.set(key, [metric]);
      }
    }
  }
  const scopeMetrics = [...scopes].map(([name, metrics]): ScopeMetrics => {
    return { scope: { name }, metrics: [...metrics.values()].map(joinMetrics) };
  });
  return Run.from({ resource: { attributes }, scopeMetrics });
}

function joinMetrics(metrics: readonly MetricData[]): MetricData {
  const [first] = metrics as [MetricData];
  if (metrics.length === 1) return first;
  const points = new Map<string, DataPoint<unknown>>();
  for (const { dataPoints } of metrics) {
    for (const point of dataPoints as readonly DataPoint<unknown>[]) {
      const { startTime, endTime, attributes } = point;
      points.set(`${startTime} ${endTime} ${attributesKey(attributes)}`, point);
    }
  }
  return { ...first, dataPoints: [...points.values()] } as MetricData;
}
