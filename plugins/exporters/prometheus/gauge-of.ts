import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type GaugeMetricData } from '@opentelemetry/sdk-metrics';
import type { FigureDefinition } from 'wattline/plugin';

/** Returns a gauge without points, which stands for figures and samples that have no metric. */
export function gaugeOf({ name, unit, description }: FigureDefinition): GaugeMetricData {
  return {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [],
  };
}
