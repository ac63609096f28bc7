import type { Factor } from '../model/factor.ts';
import table from './regions.json' with { type: 'json' };

/** The clouds whose regions are known, by their names in OpenTelemetry's `cloud.provider`. */
export const clouds = ['aws', 'gcp', 'azure'] as const;
export type Cloud = (typeof clouds)[number];

/** What is known of a region without asking for its grid. */
export interface KnownRegion {
  readonly name: string;
  readonly cloud?: Cloud | undefined;
  readonly country?: string | undefined;
  readonly zone?: string | undefined;
  readonly price?: Factor | undefined;
  readonly pue?: Factor | undefined;
  /** The intensity of the seed's eight regions. */
  readonly seed?: Factor | undefined;
}

type Sourced = Pick<Factor, 'value' | 'source' | 'year'>;

/** The table as it is written. */
interface Table {
  readonly seed: Readonly<Record<string, { readonly price: Sourced; readonly intensity: Sourced }>>;
  /** By country, or by country and state. */
  readonly prices: Readonly<Record<string, Sourced>>;
  readonly clouds: Readonly<Record<Cloud, { readonly average_pue: Sourced; readonly pue_source: string }>>;
  readonly regions: Readonly<Record<Cloud, Readonly<Record<string, Row>>>>;
}

interface Row {
  readonly country: string;
  readonly zone: string;
  /** The key of its price; the seed has prices of its own. */
  readonly price?: string;
  /** The region's own; that of its cloud on average where it is left out. */
  readonly pue?: number;
  readonly pue_year?: number;
}

const units = { price: 'USD/kWh', intensity: 'kg/kWh', pue: '1' } as const;

/** The eight regions that the seed has prices and intensities of. */
export const seedNames: readonly string[] = Object.keys(table.seed);

/** The regions of the three clouds by name, those of the seed first; no two clouds share a name. */
export const regionTable: ReadonlyMap<string, KnownRegion> = readTable(table);

/** A constant factor of a region, with an id such as `price/us-east-1/seed`; intensities are averages by location. */
export function regionFactor(
  quantity: keyof typeof units,
  region: string,
  origin: string,
  { value, source, year }: Sourced,
): Factor {
  const id = `${quantity}/${region}/${origin}`;
  const method = quantity === 'intensity' ? 'location' : undefined;
  return { id, quantity, value, unit: units[quantity], source, year, method, state: 'static' };
}

function readTable(table: Table): ReadonlyMap<string, KnownRegion> {
  const regions = new Map(
    clouds.flatMap((cloud) =>
      Object.entries(table.regions[cloud]).map(([name, row]) => [name, readRow(table, cloud, name, row)]),
    ),
  );
  const names = new Set([...seedNames, ...regions.keys()]);
  return new Map([...names].map((name) => [name, regions.get(name) as KnownRegion]));
}

function readRow(table: Table, cloud: Cloud, name: string, row: Row): KnownRegion {
  const { country, zone } = row;
  const { average_pue, pue_source } = table.clouds[cloud];
  const seed = table.seed[name];
  const price = row.price === undefined ? undefined : table.prices[row.price];
  const pue = row.pue === undefined ? average_pue : { value: row.pue, source: pue_source, year: row.pue_year };
  return {
    ...{ name, cloud, country, zone },
    price: seed
      ? regionFactor('price', name, 'seed', seed.price)
      : price && regionFactor('price', name, 'table', price),
    pue: regionFactor('pue', name, 'table', pue),
    seed: seed && regionFactor('intensity', name, 'seed', seed.intensity),
  };
}
