import { ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { AggregationTemporality, DataPointType, type GaugeMetricData } from '@opentelemetry/sdk-metrics';
import { exporterAlive } from 'wattline/figures';

/** Returns the gauge that says that the exporter runs, of this moment. */
export function aliveNow(): GaugeMetricData {
  const time = millisToHrTime(Date.now());
  return {
    descriptor: { ...exporterAlive, valueType: ValueType.INT },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [{ startTime: time, endTime: time, attributes: {}, value: 1 }],
  };
}
