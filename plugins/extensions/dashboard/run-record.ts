import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import {
  Attribute,
  type Batch,
  cpuUsage,
  figuresOf,
  findFigure,
  findSignal,
  hostPower,
  isSignal,
  measure,
  numberOf,
  regionOf,
  runDuration,
  runWindow,
  type Series,
  scenarioOf,
  toSeconds,
} from 'wattline/plugin';

/** A figure of a run, with its labels beyond those of the run. */
export interface NamedFigure {
  readonly value: number;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A run in the history. Unknown values are null, never 0; times are seconds since 1970. */
export interface RunRecord {
  /** The id of the run, made from its scenario, start and labels: the same each time that the run is read. */
  readonly id: string;
  readonly scenario: string | null;
  readonly region: string | null;
  readonly encoder: string | null;
  readonly bitrate: string | null;
  readonly started: number | null;
  readonly ended: number;
  readonly duration: number | null;
  /** Whether its power is predicted rather than measured. */
  readonly predicted: boolean;
  readonly joules: number | null;
  readonly core_seconds: number | null;
  readonly total_usd: number | null;
  readonly energy_usd: number | null;
  readonly compute_usd: number | null;
  readonly co2_kg: number | null;
  /** The other attributes of the run, and its `NamedFigure`s by name, both as JSON. */
  readonly attributes: string;
  readonly figures: string;
  readonly power: Series | undefined;
  readonly cpu: Series | undefined;
}

/** The names of the figures with a column of their own. */
export const figureNames = {
  total: 'cost_total_load_aware',
  energy: 'cost_energy_load_aware',
  compute: 'cost_compute_load_aware',
  co2: 'co2_emissions_kg',
} as const;

/**
 * Whether a batch is a run: it has samples or a time. Counters of live streams, slices of a stream and metrics of other
 * programs are not runs.
 */
export function isRun(batch: Batch): boolean {
  const { attributes } = batch.resource;
  if (attributes['stream.id'] !== undefined) return false;
  if (findSignal(batch, hostPower) || findSignal(batch, cpuUsage)) return true;
  const { startTime, endTime, duration } = Attribute;
  return [startTime, endTime, duration].some((name) => numberOf(attributes, name) !== undefined);
}

/** Returns the identity of a run, which is the same each time that it is read: its scenario, start and labels. */
export function keyOf(batch: Batch): string {
  const { attributes } = batch.resource;
  const start = numberOf(attributes, Attribute.startTime) ?? endOf(batch);
  const { encoder, bitrate } = attributes;
  return [scenarioOf(attributes), start, placeOf(batch), encoder, bitrate].join('\u0000');
}

/** Returns the end of a run in seconds since 1970. */
export function endOf(batch: Batch): number {
  return toSeconds(runWindow(batch).end);
}

/** Returns the record of a batch for the history. */
export function recordOf(batch: Batch): RunRecord {
  const { attributes } = batch.resource;
  const value = (name: string) => finite(findFigure(batch, name)?.value);
  return {
    id: hash('sha256', keyOf(batch)).slice(0, 16),
    scenario: scenarioOf(attributes) ?? null,
    region: placeOf(batch) ?? null,
    encoder: textOf(attributes[Attribute.encoder]),
    bitrate: textOf(attributes[Attribute.bitrate]),
    started: numberOf(attributes, Attribute.startTime) ?? null,
    ended: endOf(batch),
    duration: runDuration(attributes) ?? null,
    predicted: attributes[Attribute.power] === 'predicted',
    joules: finite(measure(batch, hostPower).value),
    core_seconds: finite(measure(batch, cpuUsage).value),
    total_usd: value(figureNames.total),
    energy_usd: value(figureNames.energy),
    compute_usd: value(figureNames.compute),
    co2_kg: value(figureNames.co2),
    attributes: JSON.stringify(withoutLabels(attributes)),
    figures: JSON.stringify(namedFigures(batch)),
    power: findSignal(batch, hostPower),
    cpu: findSignal(batch, cpuUsage),
  };
}

/** Returns the region of the run, otherwise that of its figures. */
function placeOf(batch: Batch): string | undefined {
  const own = regionOf(batch.resource.attributes);
  if (own !== undefined) return own;
  for (const { metrics } of batch.scopeMetrics) {
    for (const metric of metrics) {
      const region = pointOf(metric)?.attributes[Attribute.region];
      if (typeof region === 'string') return region;
    }
  }
  return undefined;
}

/** Returns all figures by name. */
function namedFigures(batch: Batch): Record<string, NamedFigure> {
  const figures = figuresOf(batch).map(({ name, ...rest }) => [name, rest] as const);
  return Object.fromEntries(figures);
}

function pointOf(metric: MetricData): DataPoint<number> | undefined {
  if (isSignal(metric)) return undefined;
  const [point, ...more] = metric.dataPoints;
  return point && more.length === 0 && typeof point.value === 'number' ? (point as DataPoint<number>) : undefined;
}

const LABELS: ReadonlySet<string> = new Set([
  ...[Attribute.scenario, Attribute.region, Attribute.encoder, Attribute.bitrate, Attribute.power],
]);

function withoutLabels(attributes: Attributes): Attributes {
  const others: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) if (!LABELS.has(name)) others[name] = value;
  return others;
}

function textOf(value: unknown): string | null {
  return value === undefined || value === '' ? null : String(value);
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
