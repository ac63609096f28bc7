import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import { headText, labelText, pointText, timeText, typeOf, type Value } from './exposition-text.ts';
import { exposedName } from './series-names.ts';

/**
 * Metrics as text, all points of each, those of one name as one family. Neither attributes nor times are judged: it is
 * for Wattline's own metrics. A name of two types is left out.
 */
export function ownText(metrics: readonly MetricData[], withTimes: boolean): string {
  let text = '';
  for (const [name, family] of Map.groupBy(metrics, exposedName)) {
    const types = new Set(family.map(typeOf));
    const [type] = types;
    if (type === undefined || types.size > 1) continue;
    const firstOf = (key: 'description' | 'unit') =>
      family.map(({ descriptor }) => descriptor[key]).find(Boolean) ?? '';
    text += headText(name, type, firstOf('description'), firstOf('unit'));
    for (const metric of family) text += pointsText(name, metric, withTimes);
  }
  return text;
}

function pointsText(name: string, metric: MetricData, withTimes: boolean): string {
  const points = metric.dataPoints as DataPoint<Value>[];
  return points
    .map(({ attributes, value, endTime }) =>
      pointText(name, labelText(pairsOf(attributes)), value, withTimes ? timeText(endTime) : ''),
    )
    .join('');
}

/** Attributes as labels, as the SDK's exporter makes them. */
function pairsOf(attributes: Attributes): [name: string, value: string][] {
  return Object.entries(attributes).map(([name, value = '']) => [
    name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_'),
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}
