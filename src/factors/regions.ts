import type { Factor } from '../model/factor.ts';
import { intensityOfCountry, intensityOfZone } from './grid-data.ts';
import { type Cloud, type KnownRegion, regionFactor, regionTable } from './region-table.ts';

export { builtinNames } from './region-table.ts';

/** Where average intensities come from; `builtin` has a few of its own, and all others from the other two. */
export const datasets = ['builtin', 'electricity_maps', 'ember'] as const;
export type Dataset = (typeof datasets)[number];

/** What datasets were called before, by what they are called now. */
export const renamedDatasets: Readonly<Record<string, Dataset>> = { seed: 'builtin' };

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

const FALLBACK = { source: 'Wattline default for regions that are not known, no source given, unverified', year: 2025 };

/** The factors used for a region that is not known, where a configuration asks for that. */
export const fallbackRegion = {
  name: 'fallback',
  price: regionFactor('price', 'fallback', 'builtin', { value: 0.12, ...FALLBACK }),
  intensity: regionFactor('intensity', 'fallback', 'builtin', { value: 0.5, ...FALLBACK }),
} satisfies Region;

/** The names of all regions of AWS, Google Cloud and Azure, the built-in ones first; no two clouds share one. */
export const regionNames: readonly string[] = [...regionTable.keys()];

/**
 * What is known of a region by its cloud provider's name, such as `us-east-1`, with what a configuration says of it over
 * that; undefined where nothing is. The intensity is that of the dataset alone, but by `builtin` the region's own, else that
 * of the zone, else of the country; a region that a configuration places itself has no built-in one.
 */
export function findRegion(name: string, dataset: Dataset = 'builtin', own?: OwnRegion): Region | undefined {
  const known = regionTable.get(name);
  if (!own) return known && knownRegion(known, dataset);
  const { country, zone, source = 'configuration', year } = own;
  const factor = (quantity: 'price' | 'intensity' | 'pue', value: number | undefined) =>
    value === undefined ? undefined : regionFactor(quantity, name, 'configured', { value, source, year });
  const isPlaced = country !== undefined || zone !== undefined;
  const region: KnownRegion = {
    ...known,
    name,
    ...(isPlaced && { country, zone, builtin: undefined }),
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
function withIntensity({ builtin, ...region }: KnownRegion, dataset: Dataset, own?: Factor): Region {
  const lookUp = () => {
    if (dataset === 'builtin') return builtin ?? byZone(region) ?? byCountry(region);
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
