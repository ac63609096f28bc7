import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import {
  Attribute,
  type Batch,
  cpuUsage,
  findSignal,
  hostPower,
  isSignal,
  labelsOf,
  measure,
  numberOf,
  runDuration,
  runWindow,
  type Series,
  toSeconds,
} from 'wattline/plugin';

/** A number that a stage has added to a run, with what it says about itself beside the run's labels. */
export interface NamedFigure {
  readonly value: number;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A run as the history keeps it. What is not known is null, never 0; times are seconds since 1970. */
export interface RunRecord {
  /** The same for every reading of the run: made of its scenario, start and labels. */
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
  /** What else the run says about itself, and its `NamedFigure`s by name, both as JSON. */
  readonly attributes: string;
  readonly figures: string;
  readonly power: Series | undefined;
  readonly cpu: Series | undefined;
}

/** The names of the figures that have columns of their own. */
export const figureNames = {
  total: 'cost_total_load_aware',
  energy: 'cost_energy_load_aware',
  compute: 'cost_compute_load_aware',
  co2: 'co2_emissions_kg',
} as const;

/** What the history keeps of a batch. */
export function recordOf(batch: Batch): RunRecord {
  const { attributes } = batch.resource;
  const figures = figuresOf(batch);
  const labels = labelsOf(attributes, Object.assign({}, ...Array.from(figures.values(), ({ labels }) => labels)));
  const { scenario = null, region = null, encoder = null, bitrate = null } = labels;
  const start = numberOf(attributes, Attribute.startTime);
  const ended = toSeconds(runWindow(batch).end);
  const value = (name: string) => finite(figures.get(name)?.figure.value);
  return {
    id: hash('sha256', JSON.stringify([scenario, start ?? ended, region, bitrate, encoder])).slice(0, 16),
    ...{ scenario, region, encoder, bitrate, started: start ?? null, ended },
    duration: runDuration(attributes) ?? null,
    predicted: labels[Attribute.power] === 'predicted',
    joules: finite(measure(batch, hostPower).value),
    core_seconds: finite(measure(batch, cpuUsage).value),
    total_usd: value(figureNames.total),
    energy_usd: value(figureNames.energy),
    compute_usd: value(figureNames.compute),
    co2_kg: value(figureNames.co2),
    attributes: JSON.stringify(Object.fromEntries(Object.entries(attributes).filter(([name]) => !(name in labels)))),
    figures: JSON.stringify(Object.fromEntries(Array.from(figures, ([name, { figure }]) => [name, figure]))),
    power: findSignal(batch, hostPower),
    cpu: findSignal(batch, cpuUsage),
  };
}

interface LabelledFigure {
  readonly figure: NamedFigure;
  readonly labels: Attributes;
}

/** Every number with a single point, by name; what a point says beyond the usual labels belongs to the figure. */
function figuresOf(batch: Batch): Map<string, LabelledFigure> {
  const figures = new Map<string, LabelledFigure>();
  for (const metric of batch.scopeMetrics.flatMap((scope) => scope.metrics)) {
    const point = pointOf(metric);
    if (!point) continue;
    const { name, unit } = metric.descriptor;
    const labels: Attributes = {};
    const more: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(point.attributes)) {
      if (isLabel(key)) labels[key] = value;
      else more[key] = value;
    }
    figures.set(name, { figure: { value: point.value, unit, attributes: more }, labels });
  }
  return figures;
}

function pointOf(metric: MetricData): DataPoint<number> | undefined {
  if (isSignal(metric)) return undefined;
  const [point, ...more] = metric.dataPoints;
  return point && more.length === 0 && typeof point.value === 'number' ? (point as DataPoint<number>) : undefined;
}

const LABELS: ReadonlySet<string> = new Set(['scenario', 'region', 'encoder', 'bitrate', 'power']);

function isLabel(name: string): boolean {
  return LABELS.has(name);
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
