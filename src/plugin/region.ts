import { z } from 'zod';
import { Attribute, type Batch, describeRun, regionOf } from '../model/attributes.ts';
import { type Factor, fallbackRegion, findRegion, type Region, regionNames } from '../model/regions.ts';
import type { Figure } from '../model/run.ts';
import type { Context } from './contract.ts';

/** The settings of a processor whose factors depend on the region. */
export const regionSettings = {
  region: z
    .enum(regionNames as [string, ...string[]])
    .optional()
    .describe('The region of runs that name none'),
  unknown_region: z
    .enum(['reject', 'fallback'])
    .default('reject')
    .describe(
      `What becomes of a run in a region that is not known: no figure, or a figure with ${fallbackRegion.usd_per_kwh.value} USD/kWh and ${fallbackRegion.kg_per_kwh.value} kg/kWh and the label region_known="false"`,
    ),
};

/** The region whose factors apply to a run, and the labels that say so; or why there is none. */
export interface ResolvedRegion {
  readonly region?: Region;
  readonly labels: Readonly<Record<string, string>>;
  readonly reason: 'no_region' | 'unknown_region';
  readonly problem: string;
}

/** Finds the region of a run: the one that it names, else the configured one. */
export function resolveRegion(
  batch: Batch,
  config: { readonly region?: string | undefined; readonly unknown_region: 'reject' | 'fallback' },
): ResolvedRegion {
  const name = regionOf(batch.resource.attributes) ?? config.region;
  if (name === undefined) {
    const problem = `${describeRun(batch)} names no region, and none is configured`;
    return { labels: {}, reason: 'no_region', problem };
  }
  const labels = { [Attribute.region]: name };
  const region = findRegion(name);
  const problem = `the region \`${name}\` of ${describeRun(batch)} is not known; known are ${regionNames.join(', ')}`;
  if (region) return { region, labels, reason: 'unknown_region', problem };
  if (config.unknown_region === 'reject') return { labels, reason: 'unknown_region', problem };
  return { region: fallbackRegion, labels: { ...labels, region_known: 'false' }, reason: 'unknown_region', problem };
}

/**
 * Registers two gauges on the factors that a processor has used from the table: their value, and the year that they are
 * from, both by region. The function notes one that is used.
 */
export function observeFactors(
  { meter, id }: Context,
  gauges: { readonly value: Figure; readonly year: Figure },
): (place: ResolvedRegion, factor: (region: Region) => Factor) => void {
  const used = new Map<string, Factor>();
  const observe = ({ name, ...rest }: Figure, read: (factor: Factor) => number) =>
    meter.createObservableGauge(name, rest).addCallback((result) => {
      for (const [region, factor] of used) result.observe(read(factor), { processor: id, region });
    });
  observe(gauges.value, ({ value }) => value);
  observe(gauges.year, ({ year }) => year);
  return ({ region, labels }, factor) => {
    const name = labels[Attribute.region];
    // Names that are not in the table are the sender's, and without number.
    if (region && name !== undefined && region !== fallbackRegion) used.set(name, factor(region));
  };
}
