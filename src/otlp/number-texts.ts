import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/**
 * Puts texts in the place of numbers that the SDK's serializer cannot write in JSON. NaN and the infinities would become
 * null, and OTLP has them as text; integers that a double is not sure to hold would be no 64-bit integers.
 */
export class NumberTexts {
  /** What text of an attribute begins with that is a number; nobody else can know it. */
  readonly #mark = crypto.randomUUID();
  readonly #marked = new RegExp(`"stringValue":"${this.#mark}([^"]+)"`, 'g');

  /** Returns the same resource with texts; those of attributes are marked. */
  putInto({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics {
    const { schemaUrl } = resource;
    const attributes = this.#attributes(resource.attributes);
    return {
      resource: { attributes, ...(schemaUrl !== undefined && { schemaUrl }) } as ResourceMetrics['resource'],
      scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
        scope,
        metrics: metrics.map((metric) => this.#metric(metric)),
      })),
    };
  }

  /** Makes numbers of the marked texts in what was written. */
  unmark(json: string): string {
    return json.replace(this.#marked, '"doubleValue":"$1"');
  }

  #metric(metric: MetricData): MetricData {
    const points = metric.dataPoints as DataPoint<unknown>[];
    const dataPoints = points.map((point) => {
      const value = replaced(point.value, (number) => (Number.isFinite(number) ? number : String(number)));
      const attributes = this.#attributes(point.attributes);
      return value === point.value && attributes === point.attributes ? point : { ...point, value, attributes };
    });
    if (dataPoints.every((point, index) => point === points[index])) return metric;
    const { descriptor, dataPointType, aggregationTemporality } = metric;
    const monotonic = 'isMonotonic' in metric ? { isMonotonic: metric.isMonotonic } : {};
    return { descriptor, dataPointType, aggregationTemporality, ...monotonic, dataPoints } as MetricData;
  }

  #attributes(attributes: Attributes): Attributes {
    return replaced(attributes, (number) => {
      const isWritable = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
      return isWritable ? number : `${this.#mark}${number}`;
    });
  }
}

/** Returns the value with other numbers in it; it is the same where nothing changes. */
function replaced<T>(value: T, replace: (number: number) => number | string): T {
  if (typeof value === 'number') return replace(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, item, replaced(item, replace)] as const);
  if (entries.every(([, before, after]) => before === after)) return value;
  if (Array.isArray(value)) return entries.map(([, , after]) => after) as T;
  return Object.fromEntries(entries.map(([key, , after]) => [key, after])) as T;
}
