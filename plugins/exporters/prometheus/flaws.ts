import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { exposedName, typeOf } from './exposition-text.ts';

/** Why a metric is not exposed. */
export type Flaw = readonly [reason: string, problem: string];

/** Returns why a metric cannot be exposed; `known` is the type of the family with its name. */
export function flawOf(metric: MetricData, known: string | undefined): Flaw | undefined {
  const { dataPointType: type } = metric;
  if (/^_?$/.test(exposedName(metric))) return ['no_name', 'a name needs a letter or a digit'];
  if (type === DataPointType.EXPONENTIAL_HISTOGRAM) {
    return [
      'unsupported_type',
      'an exponential histogram has no form in Prometheus text; send one with explicit buckets',
    ];
  }
  if (type !== DataPointType.GAUGE && metric.aggregationTemporality === AggregationTemporality.DELTA) {
    return ['delta_temporality', 'its values are changes since the point before; send cumulative ones'];
  }
  if (known !== undefined && known !== typeOf(metric)) {
    return ['type_conflict', `it is a ${typeOf(metric)} here, and a ${known} elsewhere`];
  }
  return undefined;
}
