import type { Attributes } from '@opentelemetry/api';
import { z } from 'zod';
import { Attribute, describeRun } from '../model/attributes.ts';
import type { Factor } from '../model/factor.ts';
import type { FigureDefinition } from '../model/figure.ts';
import type { Run } from '../model/run.ts';
import type { Context, Place } from '../plugin/contract.ts';
import type { Marks } from '../plugin/schema.ts';
import { moneySettings } from './money-settings.ts';
import {
  type Dataset,
  datasets,
  fallbackRegion,
  findRegion,
  type Region,
  regionNames,
  renamedDatasets,
} from './regions.ts';

const ownRegion = moneySettings(
  {
    usd_per_kwh: z.number().min(0).optional().describe('Price of electricity in USD/kWh, for `cost`'),
    kg_per_kwh: z
      .number()
      .min(0)
      .optional()
      .describe('Average carbon intensity of electricity in kg CO₂e/kWh, for `co2`'),
    pue: z
      .number()
      .min(1)
      .optional()
      .describe('Energy at the meter of the data centre by that of the machine, for `energy`'),
    country: z
      .string()
      .regex(/^[A-Z]{3}$/, { error: 'expected a country in three letters such as DEU (ISO 3166, alpha-3)' })
      .optional()
      .describe('The country in three letters such as `DEU` (ISO 3166, alpha-3), whose intensity Ember knows'),
    zone: z
      .string()
      .min(1)
      .optional()
      .describe('The zone of Electricity Maps such as `DE` or `US-MIDA-PJM`, whose intensity it knows'),
    source: z.string().min(1).optional().describe('Where the numbers come from, for the record'),
    year: z.int().min(1900).max(2200).optional().describe('The year that they are of, for the record'),
  },
  'price',
);

/** The settings of a processor whose factors depend on the region; `regionIsKnown` checks them. */
export const regionSettings = {
  region: z
    .string()
    .optional()
    .describe('The region of runs that name none; a run’s own `region` or `cloud.region` comes first'),
  unknown_region: z
    .enum(['reject', 'fallback'])
    .default('reject')
    .describe(
      `What becomes of a run in a region that is not known: no figure (\`reject\`), or one with ${fallbackRegion.price.value} USD/kWh and ${fallbackRegion.intensity.value} kg/kWh and the label \`region_known="false"\` (\`fallback\`); neither gives a PUE`,
    ),
  regions: z
    .record(z.string().min(1), ownRegion)
    .optional()
    .describe('Regions of your own by name, and what you know better of others, one number at a time'),
};

/** The setting of a processor that wants intensities of regions. */
export const datasetSetting = z
  .enum(datasets)
  .meta({ renamed: renamedDatasets } satisfies Marks)
  .default('builtin')
  .describe(
    'Where average intensities come from: the first eight regions’ own and Electricity Maps for all others (`builtin`), `electricity_maps`, or `ember`',
  );

/** A checked configuration with `regionSettings`, and with `datasetSetting` where intensities are wanted. */
export type RegionConfig = z.output<z.ZodObject<typeof regionSettings>> & { readonly dataset?: Dataset | undefined };

/** Refuses a configured `region` that is neither a cloud's nor one of `regions`; a check of the whole configuration. */
export const regionIsKnown = z.superRefine<Pick<RegionConfig, 'region' | 'regions'>>(
  ({ region, regions = {} }, ctx) => {
    const values = [...Object.keys(regions), ...regionNames];
    if (region === undefined || values.includes(region)) return;
    const message = 'expected a region that `wattline regions` lists, or one of `regions`';
    ctx.addIssue({ code: 'invalid_value', values, input: region, path: ['region'], message });
  },
  // Runs beside other problems too, as long as these two settings have none.
  {
    when: ({ value, issues }) =>
      typeof (value as Partial<RegionConfig> | null)?.region === 'string' &&
      issues.every(({ path }) => path?.[0] !== 'regions'),
  },
);

/** The region whose factors apply to a run, and the labels that say so; or why there is none. */
export interface ResolvedRegion {
  readonly region?: Region;
  /** Where the run took place, known or not; undefined where nothing says so. */
  readonly place?: Place;
  readonly labels: Readonly<Record<string, string>>;
  readonly reason: 'no_region' | 'unknown_region';
  readonly problem: string;
}

/**
 * Returns what gives a run what `derive` makes of its region. That is made once for each known region, since there are few
 * and many runs took place in them; for any other region it is made for each run, since senders may name any number of them.
 */
export function byRegion<T>(config: RegionConfig, derive: (place: ResolvedRegion) => T): (run: Run) => T {
  const known = new Map<string, T>();
  return (run) => {
    const { region: name = config.region, namesCloud } = run;
    const found = namesCloud || name === undefined ? undefined : known.get(name);
    if (found !== undefined) return found;
    const place = resolveRegion(run, config);
    const derived = derive(place);
    if (name !== undefined && !namesCloud && place.region && place.region !== fallbackRegion) known.set(name, derived);
    return derived;
  };
}

/** Returns the region of a run: the one that it names, else the configured one. */
export function resolveRegion(run: Run, config: RegionConfig): ResolvedRegion {
  const { region: name = config.region } = run;
  if (name === undefined) {
    const problem = `${describeRun(run)} names no region, and none is configured`;
    return { labels: {}, reason: 'no_region', problem };
  }
  const { regions = {} } = config;
  const own = Object.hasOwn(regions, name) ? regions[name] : undefined;
  const known = findRegion(name, config.dataset, own);
  const region = known && (own || !isOfAnotherCloud(known, run.attributes)) ? known : undefined;
  const place = { region: name, country: region?.country, zone: region?.zone };
  const labels = { [Attribute.region]: name };
  const reason = 'unknown_region';
  if (region) return { region, place, labels, reason, problem: '' };
  const cloud = known ? ` in the cloud \`${run.attributes['cloud.provider']}\`` : '';
  const problem = `the region \`${name}\` of ${describeRun(run)} is not known${cloud}; \`wattline regions\` lists those that are, and \`regions\` takes others`;
  if (config.unknown_region === 'reject') return { place, labels, reason, problem };
  return { region: fallbackRegion, place, labels: { ...labels, region_known: 'false' }, reason, problem };
}

/** Clouds use each other's names: `eu-west-2` is London at AWS and Paris at Outscale. */
function isOfAnotherCloud({ name, cloud }: Region, attributes: Attributes): boolean {
  const provider = attributes['cloud.provider'];
  const isNamedByCloud = attributes['cloud.region'] === name && !attributes[Attribute.region];
  return isNamedByCloud && typeof provider === 'string' && provider !== cloud;
}

/**
 * Registers two gauges of the regions' own factors that a processor has used, by region: their values, and their years
 * where these are known. Returns a function that records the use of one.
 */
export function observeFactors(
  { meter, id }: Context,
  gauges: { readonly value: FigureDefinition; readonly year: FigureDefinition },
): (place: ResolvedRegion, factor: Factor) => void {
  const used = new Map<string, Factor>();
  const observe = ({ name, ...rest }: FigureDefinition, read: (factor: Factor) => number | undefined) =>
    meter.createObservableGauge(name, rest).addCallback((result) => {
      for (const [region, factor] of used) {
        const value = read(factor);
        if (value !== undefined) result.observe(value, { processor: id, region });
      }
    });
  observe(gauges.value, ({ value }) => value);
  observe(gauges.year, ({ year }) => year);
  return ({ region, labels }, factor) => {
    const name = labels[Attribute.region];
    // Senders may name any number of regions that are not known.
    if (region && name !== undefined && region !== fallbackRegion) used.set(name, factor);
  };
}
