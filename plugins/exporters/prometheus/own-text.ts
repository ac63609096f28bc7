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

/** Writes Wattline's own metrics as OpenTelemetry's exporter for Prometheus does. */
export class OwnText {
  readonly #withTimes: boolean;
  /** Kept for all scrapes, since each serializer warns once of metrics that contradict each other. */
  #serializer: PrometheusSerializer | undefined;

  constructor(withTimes: boolean) {
    this.#withTimes = withTimes;
  }

  /** Returns the text of all points. Times must be whole milliseconds, since Prometheus reads no other ones. */
  async of(metrics: readonly MetricData[]): Promise<string> {
    this.#serializer ??= await createSerializer(this.#withTimes);
    const scopeMetrics = [{ scope: { name: 'wattline' }, metrics: [...metrics] }];
    return this.#serializer.serialize({ resource: emptyResource(), scopeMetrics });
  }
}

/** Makes a serializer that writes neither `target_info` nor labels for the scopes of metrics. */
async function createSerializer(withTimes: boolean): Promise<PrometheusSerializer> {
  // Loaded for the first scrape, so that the start need not wait for it.
  const { PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus');
  const withoutTargetInfo = true;
  const withoutScopeInfo = true;
  return new PrometheusSerializer(undefined, withTimes, undefined, withoutTargetInfo, withoutScopeInfo);
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
