import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { Run } from '../../src/plugin/index.ts';

/** A point of a live metric: its time in seconds, its value, its attributes, and since when a counter counts. */
export interface LivePoint {
  readonly at: number;
  readonly value: number;
  readonly attributes?: Attributes;
  readonly start?: number;
}

/** A metric as a receiver hands it over. */
export function liveMetric(
  name: string,
  type: 'gauge' | 'counter' | 'delta',
  points: readonly LivePoint[],
  unit = '',
): MetricData {
  const dataPoints = points.map(({ at, value, attributes = {}, start }): DataPoint<number> => {
    return { startTime: start === undefined ? [0, 0] : timeAt(start), endTime: timeAt(at), attributes, value };
  });
  const { DELTA, CUMULATIVE } = AggregationTemporality;
  const common = { descriptor: { name, unit, description: '', valueType: ValueType.DOUBLE }, dataPoints };
  if (type === 'gauge') {
    return { ...common, dataPointType: DataPointType.GAUGE, aggregationTemporality: CUMULATIVE };
  }
  const aggregationTemporality = type === 'delta' ? DELTA : CUMULATIVE;
  return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, aggregationTemporality };
}

/** Returns what one resource sends of such metrics. */
export function liveRun(attributes: Attributes, ...metrics: readonly MetricData[]): Run {
  return Run.of(attributes, { metrics: [{ scope: { name: 'test' }, metrics: [...metrics] }] });
}

/** Seconds and milliseconds as the SDK has them, exactly. */
export function timeAt(seconds: number): HrTime {
  const milliseconds = Math.round(seconds * 1000);
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6];
}

/** The values of the sums of runs, the last of each series, by name and labels such as `energy_joules_total{boundary="host"}`. */
export function sumsIn(runs: readonly Run[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { scopeMetrics } of runs) {
    for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
      if (metric.dataPointType !== DataPointType.SUM) continue;
      for (const { attributes, value } of metric.dataPoints) {
        const labels = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
        const text = labels.map(([key, label]) => `${key}="${label}"`).join(',');
        sums[`${metric.descriptor.name}{${text}}`] = value;
      }
    }
  }
  return sums;
}
