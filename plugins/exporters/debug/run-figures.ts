import {
  assumptionsOf,
  eachFigure,
  figuresOf,
  isOfReading,
  JOULES_PER_KWH,
  measure,
  type OwnAttributes,
  powerKindOf,
  runLabelsOf,
  SECONDS_PER_HOUR,
} from 'wattline/figures';
import { Attribute, cpuUsage, hostPower, type Run, toSeconds } from 'wattline/plugin';

/** A run as people read it: who it was, when it ended, and its numbers by name with their unit. */
export interface RunFigures {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970; undefined where the run does not say it. */
  readonly ended: number | undefined;
  /** By the name of the figure with its unit, such as `energy [kWh]`. */
  readonly figures: ReadonlyMap<string, number>;
  /** What they assume, a sentence for each default of Wattline. */
  readonly assumptions: readonly string[];
}

/** A run as people read it. */
export function runFigures(run: Run): RunFigures {
  const power = run.samplesOf(hostPower) && powerKindOf(run);
  const labels: Record<string, string> = { ...run.labels, ...(power && { power }) };
  const region = runLabelsOf(run)[Attribute.region];
  if (region !== undefined) labels[Attribute.region] = String(region);
  for (const { attributes } of figuresOf(run)) {
    if (attributes.region_known !== undefined) labels.region_known = String(attributes.region_known);
  }
  const figures = new Map<string, number>();
  eachNumber(run, (name, unit, value) => figures.set(columnOf(name, unit), value));
  const ended = isOfReading(run) ? undefined : toSeconds(run.window.end);
  return { labels, ended, figures, assumptions: assumptionsOf(run.resource.attributes) };
}

/** Visits the numbers of a run: its energy and CPU time, and every single-point number that the stages before have added. */
export function eachNumber(
  run: Run,
  visit: (name: string, unit: string, value: number) => void,
  own?: OwnAttributes,
): void {
  const joules = measure(run, hostPower).value;
  if (joules !== undefined) visit('energy', 'kWh', joules / JOULES_PER_KWH);
  const coreSeconds = measure(run, cpuUsage).value;
  if (coreSeconds !== undefined) visit('CPU', 'core-h', coreSeconds / SECONDS_PER_HOUR);
  eachFigure(run, visit, own);
}

/** A figure with its unit in UCUM, where braces hold a unit of their own, or after another one what it is a unit of. */
export function columnOf(name: string, unit: string): string {
  const plain = unit.replace(/(?<!\w)\{([^}]*)\}/g, '$1').replace(/\{[^}]*\}/g, '');
  return plain === '' || plain === '1' ? name : `${name} [${plain}]`;
}
