import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Batch, isSignal, secondsBetween } from 'wattline/plugin';

type Point = DataPoint<unknown>;

interface Family {
  readonly metric: MetricData;
  readonly points: Map<string, { point: Point; takenAt: number }>;
}

/** What is kept, and for how long. */
export interface LatestPointsOptions {
  /** Resource attributes that become labels beside each point's own attributes. */
  readonly resourceLabels: readonly string[];
  /** Whether the last sample of each measured signal is kept too. */
  readonly includeSamples: boolean;
  /** Milliseconds after which a series that no run has renewed is dropped; 0 is never. */
  readonly expiration: number;
}

/** The latest point of every series: of two points with the same labels, the one that ended later. */
export class LatestPoints {
  readonly #families = new Map<string, Family>();
  readonly #options: LatestPointsOptions;

  constructor(options: LatestPointsOptions) {
    this.#options = options;
  }

  /** Takes over the points of a batch, as of the time `now` in milliseconds. */
  add(batch: Batch, now: number): void {
    const labels = this.#labels(batch.resource.attributes);
    for (const { metrics } of batch.scopeMetrics) {
      for (const metric of metrics) {
        if (!this.#options.includeSamples && isSignal(metric)) continue;
        const { points } = this.#family(metric);
        for (const point of metric.dataPoints as Point[]) {
          const attributes = labels ? { ...point.attributes, ...labels } : point.attributes;
          const key = seriesKey(attributes);
          const known = points.get(key);
          if (known && secondsBetween(point.endTime, known.point.endTime) > 0) continue;
          points.set(key, { point: labels ? { ...point, attributes } : point, takenAt: now });
        }
      }
    }
  }

  /** All series that have not expired at `now`, one metric a name. */
  metrics(now: number): ResourceMetrics['scopeMetrics'][number]['metrics'] {
    const { expiration } = this.#options;
    const result: MetricData[] = [];
    for (const { metric, points } of this.#families.values()) {
      if (expiration > 0) {
        for (const [key, { takenAt }] of points) if (now - takenAt > expiration) points.delete(key);
      }
      if (points.size === 0) continue;
      const dataPoints = Array.from(points.values(), ({ point }) => point);
      result.push({ ...withoutPoints(metric), dataPoints } as MetricData);
    }
    return result;
  }

  #family(metric: MetricData): Family {
    const { name } = metric.descriptor;
    const known = this.#families.get(name);
    if (known) return known;
    const family: Family = { metric: withoutPoints(metric) as MetricData, points: new Map() };
    this.#families.set(name, family);
    return family;
  }

  #labels(attributes: Attributes): Attributes | undefined {
    const known = this.#options.resourceLabels.filter((name) => attributes[name] !== undefined);
    return known.length ? Object.fromEntries(known.map((name) => [name, attributes[name]])) : undefined;
  }
}

function withoutPoints(metric: MetricData) {
  const { descriptor, dataPointType, aggregationTemporality } = metric;
  const common = { descriptor, dataPointType, aggregationTemporality };
  return 'isMonotonic' in metric ? { ...common, isMonotonic: metric.isMonotonic } : common;
}

/** A text that is the same for the same labels, whatever their order. */
function seriesKey(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  return JSON.stringify(names.map((name) => [name, attributes[name]]));
}
