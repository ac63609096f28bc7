import { ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type GaugeMetricData,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import { exporterAlive } from 'wattline/figures';

/**
 * Returns a function that writes Wattline's own metrics as OpenTelemetry's exporter for Prometheus does. Times must be whole
 * milliseconds, since Prometheus reads no other ones.
 */
export function ownTextWriter(withTimes: boolean): (metrics: readonly MetricData[]) => Promise<string> {
  // Kept for all scrapes, since each serializer warns once of metrics that contradict each other.
  let serializer: PrometheusSerializer | undefined;
  return async (metrics) => {
    // Loaded for the first scrape, so that the start need not wait for it.
    const sdk = await import('@opentelemetry/exporter-prometheus');
    // Neither `target_info` nor labels for the scopes of metrics are written.
    serializer ??= new sdk.PrometheusSerializer(undefined, withTimes, undefined, true, true);
    const scopeMetrics = [{ scope: { name: 'wattline' }, metrics: [...metrics] }];
    return serializer.serialize({ resource: emptyResource(), scopeMetrics });
  };
}

/** Returns the gauge that shows that the exporter runs now. */
export function aliveNow(): GaugeMetricData {
  const time = millisToHrTime(Date.now());
  return {
    descriptor: { ...exporterAlive, valueType: ValueType.INT },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [{ startTime: time, endTime: time, attributes: {}, value: 1 }],
  };
}
