import {
  Attribute,
  type Batch,
  cpuUsage,
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

/** The figures of a run: its energy and CPU time, and every single-point number that the stages before have added. */
export function runFigures(batch: Batch): RunFigures {
  const figures = new Map<string, number>();
  const joules = measure(batch, hostPower).value;
  if (joules !== undefined) figures.set('energy [kWh]', joules / JOULES_PER_KWH);
  const coreSeconds = measure(batch, cpuUsage).value;
  if (coreSeconds !== undefined) figures.set('CPU [core-h]', coreSeconds / SECONDS_PER_HOUR);
  const labels: Record<string, string> = labelsOf(batch.resource.attributes);
  const regions = runLabelsOf(batch)[Attribute.region];
  if (regions !== undefined) labels[Attribute.region] = String(regions);
  for (const { name, unit, value, attributes } of figuresOf(batch)) {
    figures.set(columnOf(name, unit), value);
    if (attributes.region_known !== undefined) labels.region_known = String(attributes.region_known);
  }
  return { labels, ended: toSeconds(runWindow(batch).end), figures };
}

/** A figure with its unit in UCUM, where braces hold a unit of their own, or after another one what it is a unit of. */
function columnOf(name: string, unit: string): string {
  const plain = unit.replace(/(?<!\w)\{([^}]*)\}/g, '$1').replace(/\{[^}]*\}/g, '');
  return plain === '' || plain === '1' ? name : `${name} [${plain}]`;
}
