import { DataPointType, type GaugeMetricData, type MetricData } from '@opentelemetry/sdk-metrics';

const USD = '{USD}';

/** Whether a metric is a figure in USD, or in USD for each of something. */
export function isUsd(metric: MetricData): metric is GaugeMetricData {
  const { unit } = metric.descriptor;
  return metric.dataPointType === DataPointType.GAUGE && (unit === USD || unit.startsWith(`${USD}/`));
}

/** What a figure in USD is called in another currency: `_usd` in its name gives way to it, or it comes at the end. */
export function convertedName(name: string, currency: string): string {
  const code = currency.toLowerCase();
  const replaced = name.replace(/_usd(?=_|$)/, `_${code}`);
  return replaced === name ? `${name}_${code}` : replaced;
}

/** A figure in USD as a figure of its own in another currency, of which a dollar is worth `rate`; its labels stay. */
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
