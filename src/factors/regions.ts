import type { Factor } from '../model/factor.ts';
import { DEFAULT_ELSEWHERE } from './defaults.ts';
import { gridIntensity } from './grid-data.ts';
import table from './regions.json' with { type: 'json' };
import { quantityUnits, type StatedValue, statedValue } from './units.ts';

/** The clouds whose regions are known, by their names in OpenTelemetry's `cloud.provider`. */
export const clouds = ['aws', 'gcp', 'azure'] as const;
export type Cloud = (typeof clouds)[number];

/** The sources of average intensities; `builtin` has a few of its own, and all others from the other two. */
export const datasets = ['builtin', 'electricity_maps', 'ember'] as const;
export type Dataset = (typeof datasets)[number];

/** The former names of datasets, and their present ones. */
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

/** What a configuration says of a region, in place of what is known or besides; a price may be in another currency. */
export type OwnRegion = Pick<Region, 'country' | 'zone'> & {
  readonly [K in 'usd_per_kwh' | 'kg_per_kwh' | 'pue' | 'year']?: number | undefined;
} & { readonly source?: string | undefined };

/** A number with its source and year. The year is null where it is not known, and the source then says why. */
type Sourced = Pick<Factor, 'value' | 'source'> & { readonly year?: number | null | undefined };

/** A row of the data file. */
interface Row {
  readonly country: string;
  readonly zone: string;
  /** Null where no price is known. */
  readonly price: Sourced | null;
  /** What a table with a source says where the price has none. */
  readonly tabled_price?: Sourced;
  /** Left out where it is that of the zone or the country. */
  readonly intensity?: Sourced;
  readonly pue: Sourced;
}

const units = { price: 'USD/kWh', intensity: 'kg/kWh', pue: '1' } as const;
const tables: Readonly<Record<Cloud, Readonly<Record<string, Row>>>> = table;

/** The regions of the three clouds by name, with built-in intensities only. */
const regionTable: ReadonlyMap<string, Region> = new Map(
  clouds.flatMap((cloud) =>
    Object.entries(tables[cloud]).map(([name, row]) => [name, readRow(cloud, name, row)] as const),
  ),
);

/** The names of all regions of AWS, Google Cloud and Azure, the built-in ones first; no two clouds share one. */
export const regionNames: readonly string[] = [...regionTable.keys()];

/** The regions whose intensities are built in, and whose prices were set with them. */
export const builtinNames = regionNames.filter((name) => regionTable.get(name)?.intensity);

/** The factors used for a region that is not known, where a configuration asks for that. */
export const fallbackRegion = {
  name: 'fallback',
  price: regionFactor('price', 'fallback', 'builtin', { value: 0.12, ...DEFAULT_ELSEWHERE }),
  intensity: regionFactor('intensity', 'fallback', 'builtin', { value: 0.5, ...DEFAULT_ELSEWHERE }),
} satisfies Region;

/** The regions of the table by dataset and name: all runs of a region share one. */
const knownRegions = new Map<string, Region>();

/**
 * Returns a region by its cloud provider's name, such as `us-east-1`, with what a configuration says of it in place of what
 * is known; undefined where nothing is. The intensity is that of the dataset alone, but by `builtin` the region's own, else
 * that of the zone, else of the country; a region that a configuration places itself has no built-in one.
 */
export function findRegion(name: string, dataset: Dataset = 'builtin', own?: OwnRegion): Region | undefined {
  const known = regionTable.get(name);
  if (own) return ownRegion(name, dataset, own, known);
  if (!known) return undefined;
  const key = `${dataset} ${name}`;
  const region = knownRegions.get(key) ?? withIntensity(known, dataset);
  knownRegions.set(key, region);
  return region;
}

function ownRegion(name: string, dataset: Dataset, own: OwnRegion, known: Region | undefined): Region {
  const { country, zone, source = 'configuration', year } = own;
  const factor = (quantity: keyof typeof units, value: number | undefined) =>
    value === undefined ? undefined : regionFactor(quantity, name, 'configured', { value, source, year });
  const price = statedValue(quantityUnits.price, own);
  const isPlaced = country !== undefined || zone !== undefined;
  const region: Region = {
    ...known,
    name,
    ...(isPlaced && { country, zone, intensity: undefined }),
    price: price ? statedPrice(price, factor('price', price.value) as Factor) : known?.price,
    pue: factor('pue', own.pue) ?? known?.pue,
  };
  const intensity = factor('intensity', own.kg_per_kwh);
  return intensity ? { ...region, intensity } : withIntensity(region, dataset);
}

/**
 * Returns what a table with a source says in place of the built-in price or intensity of a region, by the id of its record;
 * undefined where the table says the same, and for all other factors.
 */
export function tabledFactor(id = ''): Factor | undefined {
  const [, quantity, name = ''] = /^(price|intensity)\/([\w-]+)\/builtin$/.exec(id) ?? [];
  const region = regionTable.get(name);
  if (!region) return undefined;
  const tabled = quantity === 'price' ? tabledPrice(region) : intensityBy('electricity_maps', region);
  return tabled?.value === region[quantity as 'price' | 'intensity']?.value ? undefined : tabled;
}

/** Returns the same in words, such as `a table says 0.02 kg/kWh: Electricity Maps, …, 2025`. */
export function tabledText(id?: string): string | undefined {
  const tabled = tabledFactor(id);
  if (!tabled) return undefined;
  const { value, unit, source, year } = tabled;
  return `a table says ${value} ${unit}: ${source}${year === undefined ? '' : `, ${year}`}`;
}

function tabledPrice({ cloud, name }: Region): Factor | undefined {
  const price = cloud && tables[cloud][name]?.tabled_price;
  return price && regionFactor('price', name, 'table', price);
}

/** Returns a price in the unit that it was stated in; the record of another currency names what was stated. */
function statedPrice({ value, unit }: StatedValue, factor: Factor): Factor {
  return unit === factor.unit ? factor : { ...factor, unit, source: `${factor.source}; ${value} ${unit}` };
}

/** Returns a region that looks up its intensity at the first use: a price alone needs no tables of the grid. */
function withIntensity({ intensity: builtin, ...region }: Region, dataset: Dataset): Region {
  const lookUp = () => {
    if (dataset !== 'builtin') return intensityBy(dataset, region);
    return builtin ?? intensityBy('electricity_maps', region) ?? intensityBy('ember', region);
  };
  let found: { readonly intensity: Factor | undefined } | undefined;
  return {
    ...region,
    get intensity() {
      found ??= { intensity: lookUp() };
      return found.intensity;
    },
  };
}

function intensityBy(dataset: Exclude<Dataset, 'builtin'>, region: Region): Factor | undefined {
  const found = gridIntensity(dataset, region);
  return found && regionFactor('intensity', region.name, dataset, found);
}

function readRow(cloud: Cloud, name: string, { country, zone, ...row }: Row): Region {
  const price = row.price ? regionFactor('price', name, row.intensity ? 'builtin' : 'table', row.price) : undefined;
  const intensity = row.intensity && regionFactor('intensity', name, 'builtin', row.intensity);
  return { name, cloud, country, zone, price, pue: regionFactor('pue', name, 'table', row.pue), intensity };
}

/** Returns a constant factor of a region, with an id such as `price/us-east-1/builtin`; intensities are by location. */
function regionFactor(quantity: keyof typeof units, region: string, origin: string, sourced: Sourced): Factor {
  const { value, source, year } = sourced;
  const id = `${quantity}/${region}/${origin}`;
  const method = quantity === 'intensity' ? 'location' : undefined;
  return { id, quantity, value, unit: units[quantity], source, year: year ?? undefined, method, state: 'static' };
}
