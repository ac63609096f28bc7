import {
  Attribute,
  type Batch,
  cpuUsage,
  eachFigure,
  figuresOf,
  hostPower,
  JOULES_PER_KWH,
  labelsOf,
  measure,
  runLabelsOf,
  runWindow,
  SECONDS_PER_HOUR,
  toSeconds,
} from 'wattline/plugin';

/** A run as people read it: who it was, when it ended, and its numbers by name with their unit. */
export interface RunFigures {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly ended: number;
  /** By the name of the figure with its unit, such as `energy [kWh]`. */
  readonly figures: ReadonlyMap<string, number>;
}

/** A run as people read it. */
export function runFigures(batch: Batch): RunFigures {
  const labels: Record<string, string> = labelsOf(batch.resource.attributes);
  const region = runLabelsOf(batch)[Attribute.region];
  if (region !== undefined) labels[Attribute.region] = String(region);
  for (const { attributes } of figuresOf(batch)) {
    if (attributes.region_known !== undefined) labels.region_known = String(attributes.region_known);
  }
  const figures = new Map<string, number>();
  eachNumber(batch, (name, unit, value) => figures.set(columnOf(name, unit), value));
  return { labels, ended: toSeconds(runWindow(batch).end), figures };
}

/** Visits the numbers of a run: its energy and CPU time, and every single-point number that the stages before have added. */
export function eachNumber(batch: Batch, visit: (name: string, unit: string, value: number) => void): void {
  const joules = measure(batch, hostPower).value;
  if (joules !== undefined) visit('energy', 'kWh', joules / JOULES_PER_KWH);
  const coreSeconds = measure(batch, cpuUsage).value;
  if (coreSeconds !== undefined) visit('CPU', 'core-h', coreSeconds / SECONDS_PER_HOUR);
  eachFigure(batch, visit);
}

/** A figure with its unit in UCUM, where braces hold a unit of their own, or after another one what it is a unit of. */
export function columnOf(name: string, unit: string): string {
  const plain = unit.replace(/(?<!\w)\{([^}]*)\}/g, '$1').replace(/\{[^}]*\}/g, '');
  return plain === '' || plain === '1' ? name : `${name} [${plain}]`;
}
