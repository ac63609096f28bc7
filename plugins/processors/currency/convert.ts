import { DataPointType, type GaugeMetricData, type MetricData } from '@opentelemetry/sdk-metrics';

const USD = '{USD}';

/** Whether a metric is a figure in USD, or in USD per unit of something. */
export function isUsd(metric: MetricData): metric is GaugeMetricData {
  const { unit } = metric.descriptor;
  return metric.dataPointType === DataPointType.GAUGE && (unit === USD || unit.startsWith(`${USD}/`));
}

/** Returns the name of a figure in another currency, which replaces `_usd` in its name or is appended. */
export function convertedName(name: string, currency: string): string {
  const code = currency.toLowerCase();
  const replaced = name.replace(/_usd(?=_|$)/, `_${code}`);
  return replaced === name ? `${name}_${code}` : replaced;
}

/** Returns a figure in USD as a new figure in another currency, with its labels; `rate` is the units for one dollar. */
export function converted(metric: GaugeMetricData, currency: string, rate: number): GaugeMetricData {
  const { descriptor, dataPointType, aggregationTemporality, dataPoints } = metric;
  return {
    dataPointType,
    aggregationTemporality,
    descriptor: {
      ...descriptor,
      name: convertedName(descriptor.name, currency),
      unit: descriptor.unit.replace(USD, `{${currency}}`),
      description: descriptor.description.replaceAll('USD', currency),
    },
    dataPoints: dataPoints.map((point) => ({ ...point, value: point.value * rate })),
  };
}
