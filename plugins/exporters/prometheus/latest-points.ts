import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import {
  type Batch,
  isSignal,
  labelsFrom,
  metricName,
  runLabelsOf,
  type Skipped,
  secondsBetween,
} from 'wattline/plugin';
import { seriesNames } from './series-names.ts';

type Point = DataPoint<unknown>;
type Flaw = readonly [reason: string, problem: string];

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
  /** Told of each metric that cannot be exposed. */
  skip(skipped: Skipped): void;
}

/** Who the names of Wattline's own metrics belong to. */
const OWN = 'Wattline itself';

/** The latest point of every series, ready to be exposed: of two points with the same labels, the one that ended later. */
export class LatestPoints {
  readonly #families = new Map<string, Family>();
  /** Whose a series name is; a histogram has several. */
  readonly #owners = new Map<string, string>();
  readonly #options: LatestPointsOptions;

  constructor(options: LatestPointsOptions) {
    this.#options = options;
  }

  /** Takes over the points of a batch, as of the time `now` in milliseconds. */
  add(batch: Batch, now: number): void {
    const { resourceLabels, includeSamples } = this.#options;
    const { attributes } = batch.resource;
    const chosen = Object.fromEntries(resourceLabels.map((name) => [name, attributes[name]]));
    const labels = { ...chosen, ...runLabelsOf(batch) };
    for (const { metrics } of batch.scopeMetrics) {
      for (const metric of metrics) {
        if (!includeSamples && isSignal(metric)) continue;
        const family = this.#family(metric);
        if (family) addPoints(family, metric, labels, now);
      }
    }
  }

  /** Keeps the names of these metrics free of data: a family that has one of them is dropped. */
  reserve(metrics: readonly MetricData[]): void {
    for (const metric of metrics) {
      for (const series of seriesNames(metricName(metric), metric)) {
        const owner = this.#owners.get(series);
        if (owner === OWN) continue;
        this.#owners.set(series, OWN);
        const family = owner === undefined ? undefined : this.#families.get(owner);
        if (!family) continue;
        this.#families.delete(owner as string);
        this.#refuse(family.metric, ['name_conflict', `${OWN} has the series ${series}`]);
      }
    }
  }

  /** All series that have not expired at `now`, one metric a name. */
  metrics(now: number): MetricData[] {
    const { expiration } = this.#options;
    const result: MetricData[] = [];
    for (const { metric, points } of this.#families.values()) {
      if (expiration > 0) {
        for (const [key, { takenAt }] of points) if (now - takenAt > expiration) points.delete(key);
      }
      if (points.size === 0) continue;
      const dataPoints = Array.from(points.values(), ({ point }) => point);
      result.push({ ...metric, dataPoints } as MetricData);
    }
    return result;
  }

  /** The family that a metric belongs to; undefined, and counted, where it cannot be exposed. */
  #family(metric: MetricData): Family | undefined {
    const name = metricName(metric);
    const known = this.#families.get(name);
    const flaw = flawOf(metric, known?.metric) ?? (known ? undefined : this.#claim(name, metric));
    if (flaw) return this.#refuse(metric, flaw);
    if (known) return known;
    const family: Family = { metric: withoutPoints(metric, name), points: new Map() };
    this.#families.set(name, family);
    return family;
  }

  /** Takes the names of a new family; says why where they are another's. */
  #claim(name: string, metric: MetricData): Flaw | undefined {
    const names = seriesNames(name, metric);
    const taken = names.find((series) => this.#owners.has(series) && this.#owners.get(series) !== name);
    if (taken !== undefined) return ['name_conflict', `${this.#owners.get(taken)} has the series ${taken}`];
    for (const series of names) this.#owners.set(series, name);
    return undefined;
  }

  #refuse({ descriptor }: MetricData, [reason, problem]: Flaw): undefined {
    this.#options.skip({ item: 'metric', reason, message: `\`${descriptor.name}\` is not exposed: ${problem}` });
  }
}

function addPoints({ points }: Family, metric: MetricData, more: Attributes, now: number): void {
  const reserved = metric.dataPointType === DataPointType.HISTOGRAM ? 'le' : undefined;
  for (const point of metric.dataPoints as readonly Point[]) {
    const attributes = labelsFrom(behind(point.attributes, more), reserved);
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = points.get(key);
    if (known && secondsBetween(point.endTime, known.point.endTime) > 0) continue;
    points.set(key, { point: { ...point, attributes }, takenAt: now });
  }
}

/** Attributes with more of them behind, which replace none. */
function behind(attributes: Attributes, more: Attributes): Attributes {
  const others = Object.entries(more).filter(([name]) => attributes[name] === undefined);
  return others.length ? { ...attributes, ...Object.fromEntries(others) } : attributes;
}

/** Why a metric cannot be exposed, if so; `known` is one that is exposed under the same name. */
function flawOf(metric: MetricData, known: MetricData | undefined): Flaw | undefined {
  const { dataPointType: type } = metric;
  if (/^_?$/.test(metricName(metric))) return ['no_name', 'a name needs a letter or a digit'];
  if (type === DataPointType.EXPONENTIAL_HISTOGRAM) {
    return [
      'unsupported_type',
      'an exponential histogram has no form in Prometheus text; send one with explicit buckets',
    ];
  }
  if (type !== DataPointType.GAUGE && metric.aggregationTemporality === AggregationTemporality.DELTA) {
    return ['delta_temporality', 'its values are changes since the point before; send cumulative ones'];
  }
  if (known && kindOf(known) !== kindOf(metric)) {
    return ['type_conflict', `it is a ${kindOf(metric)} here, and a ${kindOf(known)} elsewhere`];
  }
  return undefined;
}

function kindOf(metric: MetricData): string {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return 'histogram';
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? 'counter' : 'gauge';
}

function withoutPoints(metric: MetricData, name: string): MetricData {
  const { descriptor, dataPointType, aggregationTemporality } = metric;
  const common = { descriptor: { ...descriptor, name }, dataPointType, aggregationTemporality, dataPoints: [] };
  return ('isMonotonic' in metric ? { ...common, isMonotonic: metric.isMonotonic } : common) as MetricData;
}
