import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';
import { figuresOf, findFigure, knownFigures, measure, runLabelsOf } from 'wattline/figures';
import { Attribute, cpuUsage, hostPower, type Run, type Series, toSeconds } from 'wattline/plugin';

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
  total: knownFigures.totalCost.name,
  energy: knownFigures.energyCost.name,
  compute: knownFigures.computeCost.name,
  co2: knownFigures.emissions.name,
} as const;

/**
 * Returns whether what came is a measured run: it has samples or a time. Counters of live streams, slices of a stream and
 * metrics of other programs are not.
 */
export function isMeasured(run: Run): boolean {
  if (run.attributes[Attribute.streamId] !== undefined) return false;
  if (run.samplesOf(hostPower) || run.samplesOf(cpuUsage)) return true;
  return run.startTime !== undefined || run.endTime !== undefined || run.statedDuration !== undefined;
}

/** Returns the identity of a run, which is the same each time that it is read: its scenario, start and labels. */
export function keyOf(run: Run): string {
  const { scenario, startTime, encoder, bitrate } = run;
  return [scenario, startTime ?? endOf(run), placeOf(run), encoder, bitrate].join('\u0000');
}

/** Returns the end of a run in seconds since 1970. */
export function endOf(run: Run): number {
  return toSeconds(run.window.end);
}

/** Returns the record of a run for the history. */
export function recordOf(run: Run): RunRecord {
  const { attributes } = run.resource;
  const value = (name: string) => finite(findFigure(run, name)?.value);
  return {
    id: hash('sha256', keyOf(run)).slice(0, 16),
    scenario: run.scenario ?? null,
    region: placeOf(run) ?? null,
    encoder: run.encoder ?? null,
    bitrate: run.bitrate ?? null,
    started: run.startTime ?? null,
    ended: endOf(run),
    duration: run.duration ?? null,
    predicted: run.power === 'predicted',
    joules: finite(measure(run, hostPower).value),
    core_seconds: finite(measure(run, cpuUsage).value),
    total_usd: value(figureNames.total),
    energy_usd: value(figureNames.energy),
    compute_usd: value(figureNames.compute),
    co2_kg: value(figureNames.co2),
    attributes: JSON.stringify(withoutLabels(attributes)),
    figures: JSON.stringify(namedFigures(run)),
    power: run.samplesOf(hostPower)?.series,
    cpu: run.samplesOf(cpuUsage)?.series,
  };
}

/** Returns the region that the run names, otherwise the one that all its figures are for. */
function placeOf(run: Run): string | undefined {
  const region = runLabelsOf(run)[Attribute.region];
  return typeof region === 'string' ? region : undefined;
}

/** Returns all figures by name. */
function namedFigures(run: Run): Record<string, NamedFigure> {
  const figures = figuresOf(run).map(({ name, ...rest }) => [name, rest] as const);
  return Object.fromEntries(figures);
}

const LABELS: ReadonlySet<string> = new Set([
  ...[Attribute.scenario, Attribute.region, Attribute.encoder, Attribute.bitrate, Attribute.power],
]);

function withoutLabels(attributes: Attributes): Attributes {
  const others: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) if (!LABELS.has(name)) others[name] = value;
  return others;
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
