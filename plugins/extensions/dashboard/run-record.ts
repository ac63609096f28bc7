import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';
import {
  assumptionsOf,
  figuresOf,
  findFigure,
  isOfReading,
  knownFigures,
  measure,
  powerKindOf,
  runLabelsOf,
} from 'wattline/figures';
import { Attribute, cpuUsage, type FigureDefinition, hostPower, type Run, toSeconds } from 'wattline/plugin';

/** A figure of a run, with its labels beyond those of the run. */
export interface NamedFigure {
  readonly value: number;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A run in the history. Unknown values are null, never 0; times are seconds since 1970. */
export type RunRecord = Readonly<ReturnType<typeof recordOf>>;

/**
 * Returns whether what came is a measured run: it has samples or a time. Counters of live streams, slices of a stream and
 * metrics of other programs are not.
 */
export function isMeasured(run: Run): boolean {
  if (run.isSlice) return false;
  if (run.samplesOf(hostPower) || run.samplesOf(cpuUsage)) return true;
  const { startTime, endTime, statedDuration, readTime } = run;
  return [startTime, endTime, statedDuration, readTime].some((time) => time !== undefined);
}

/**
 * Returns the identity of a run, which is the same each time that it is read: its scenario, start and labels. One that does
 * not say when it was is known by what was measured.
 */
export function keyOf(run: Run): string {
  const { scenario, startTime, encoder, bitrate } = run;
  const when = isOfReading(run) ? amountsOf(run) : (startTime ?? endOf(run));
  return [scenario, when, placeOf(run), encoder, bitrate].join('\u0000');
}

function amountsOf(run: Run): string {
  return `${run.statedDuration} ${measure(run, hostPower).value} ${measure(run, cpuUsage).value}`;
}

/** Returns the end of a run in seconds since 1970, or when it was read where it does not say when it was. */
export function endOf(run: Run): number {
  return toSeconds(run.window.end);
}

/** Returns the record of a run for the history. */
export function recordOf(run: Run) {
  const joules = finite(measure(run, hostPower).value);
  const value = ({ name }: FigureDefinition) => finite(findFigure(run, name)?.value);
  return {
    id: hash('sha256', keyOf(run)).slice(0, 16),
    scenario: run.scenario ?? null,
    region: placeOf(run) ?? null,
    encoder: run.encoder ?? null,
    bitrate: run.bitrate ?? null,
    started: run.startTime ?? null,
    ended: endOf(run),
    duration: run.duration ?? null,
    joules,
    core_seconds: finite(measure(run, cpuUsage).value),
    total_usd: value(knownFigures.totalCost),
    energy_usd: value(knownFigures.energyCost),
    compute_usd: value(knownFigures.computeCost),
    co2_kg: value(knownFigures.emissions),
    attributes: JSON.stringify(withoutLabels(run.resource.attributes)),
    power_kind: joules === null ? null : powerKindOf(run),
    /** `NamedFigure`s by name. */
    figures: JSON.stringify(Object.fromEntries(figuresOf(run).map(({ name, ...figure }) => [name, figure]))),
    /** Whether the price of CPU time includes the cost of energy, which is then in no total. */
    energy_included: findFigure(run, knownFigures.energyCost.name)?.labels[Attribute.includedIn] !== undefined,
    /** Sentences about the defaults that its figures rest on. */
    assumptions: JSON.stringify(assumptionsOf(run.resource.attributes)),
    power: run.samplesOf(hostPower)?.series,
    cpu: run.samplesOf(cpuUsage)?.series,
  };
}

/** Returns the region that the run names, otherwise the one that all its figures are for. */
function placeOf(run: Run): string | undefined {
  const region = runLabelsOf(run)[Attribute.region];
  return typeof region === 'string' ? region : undefined;
}

const LABELS: ReadonlySet<string> = new Set([
  ...[Attribute.scenario, Attribute.region, Attribute.encoder, Attribute.bitrate, Attribute.power],
]);

function withoutLabels(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !LABELS.has(name)));
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
