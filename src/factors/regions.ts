import type { Factor } from '../model/factor.ts';
import { intensityOfCountry, intensityOfZone } from './grid-data.ts';
import { type Cloud, type KnownRegion, regionFactor, regionTable } from './region-table.ts';

export { seedNames } from './region-table.ts';

/** Where average intensities come from; `seed` knows eight regions, and the other two the rest. */
export const datasets = ['seed', 'electricity_maps', 'ember'] as const;
export type Dataset = (typeof datasets)[number];

/** A place where runs take place, and what a kilowatt-hour costs and emits there, as far as that is known. */
export interface Region {
  readonly name: string;
  /** Undefined where the region is a configuration's own. */
  readonly cloud?: Cloud | undefined;
  /** By ISO 3166, alpha-3. */
  readonly country?: string | undefined;
  /** By the names of Electricity Maps. */
  readonly zone?: string | undefined;
  /** In USD/kWh. */
  readonly price?: Factor | undefined;
  /** In kg CO₂e/kWh, the average of the grid. */
  readonly intensity?: Factor | undefined;
  /** Energy at the meter of the data centre by that of the machine. */
  readonly pue?: Factor | undefined;
}

/** What a configuration says of a region, in place of what is known or besides. */
export interface OwnRegion {
  readonly usd_per_kwh?: number | undefined;
  readonly kg_per_kwh?: number | undefined;
  readonly pue?: number | undefined;
  readonly country?: string | undefined;
  readonly zone?: string | undefined;
  readonly source?: string | undefined;
  readonly year?: number | undefined;
}

const SEED_DEFAULT = { source: 'default of the system that Wattline replaces', year: 2025 };

/** The factors used for a region that is not known, where a configuration asks for that. */
export const fallbackRegion = {
  name: 'fallback',
  price: regionFactor('price', 'fallback', 'seed', { value: 0.12, ...SEED_DEFAULT }),
  intensity: regionFactor('intensity', 'fallback', 'seed', { value: 0.5, ...SEED_DEFAULT }),
} satisfies Region;

/** The names of all regions of AWS, Google Cloud and Azure, those of the seed first; no two clouds share one. */
export const regionNames: readonly string[] = [...regionTable.keys()];

/**
 * What is known of a region by its cloud provider's name, such as `us-east-1`, with what a configuration says of it over
 * that; undefined where nothing is. The intensity is that of the dataset alone, but by `seed` that of the seed, else of the
 * zone, else of the country; of a region that a configuration places itself, the seed knows nothing.
 */
export function findRegion(name: string, dataset: Dataset = 'seed', own?: OwnRegion): Region | undefined {
  const known = regionTable.get(name);
  if (!own) return known && knownRegion(known, dataset);
  const { country, zone, source = 'configuration', year } = own;
  const factor = (quantity: 'price' | 'intensity' | 'pue', value: number | undefined) =>
    value === undefined ? undefined : regionFactor(quantity, name, 'configured', { value, source, year });
  const isPlaced = country !== undefined || zone !== undefined;
  const region: KnownRegion = {
    ...known,
    name,
    ...(isPlaced && { country, zone, seed: undefined }),
    price: factor('price', own.usd_per_kwh) ?? known?.price,
    pue: factor('pue', own.pue) ?? known?.pue,
  };
  return withIntensity(region, dataset, factor('intensity', own.kg_per_kwh));
}

/** The regions of the table by dataset and name, made once each, as all runs of a region share it. */
const knownRegions = new Map<string, Region>();

function knownRegion(known: KnownRegion, dataset: Dataset): Region {
  const key = `${dataset} ${known.name}`;
  const made = knownRegions.get(key) ?? withIntensity(known, dataset);
  knownRegions.set(key, made);
  return made;
}

/** The intensity is looked up when it is asked for: what only wants a price reads no tables of the grid. */
function withIntensity({ seed, ...region }: KnownRegion, dataset: Dataset, own?: Factor): Region {
  const lookUp = () => {
    if (dataset === 'seed') return seed ?? byZone(region) ?? byCountry(region);
    return dataset === 'ember' ? byCountry(region) : byZone(region);
  };
  let found: { readonly intensity: Factor | undefined } | undefined = own && { intensity: own };
  return {
    ...region,
    get intensity() {
      found ??= { intensity: lookUp() };
      return found.intensity;
    },
  };
}

function byZone({ name, zone }: Region): Factor | undefined {
  const found = zone === undefined ? undefined : intensityOfZone(zone);
  return found && regionFactor('intensity', name, 'electricity_maps', found);
}

function byCountry({ name, country }: Region): Factor | undefined {
  const found = country === undefined ? undefined : intensityOfCountry(country);
  return found && regionFactor('intensity', name, 'ember', found);
}
