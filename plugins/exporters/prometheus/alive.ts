import { ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { AggregationTemporality, DataPointType, type GaugeMetricData } from '@opentelemetry/sdk-metrics';

const description = { name: 'cost_exporter_alive', unit: '1', description: '1 while the exporter runs' };

/** The gauge that says that the exporter runs. */
export const aliveMetric = {
  ...description,
  now(): GaugeMetricData {
    const time = millisToHrTime(Date.now());
    return {
      descriptor: { ...description, valueType: ValueType.INT },
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [{ startTime: time, endTime: time, attributes: {}, value: 1 }],
    };
  },
};
