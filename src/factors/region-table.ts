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
  /** The intensity of the regions that the dataset `builtin` has its own of. */
  readonly builtin?: Factor | undefined;
}

/** A number and who says so; the year is null where it is not known, and the source then says why. */
interface Sourced {
  readonly value: number;
  readonly source: string;
  readonly year?: number | null | undefined;
}

/** A region as the data file has it: each number with its own source and year. */
interface Row {
  readonly country: string;
  readonly zone: string;
  /** Null where no price is known. */
  readonly price: Sourced | null;
  /** Left out where it is that of the zone or the country. */
  readonly intensity?: Sourced;
  readonly pue: Sourced;
}

const tables: Readonly<Record<Cloud, Readonly<Record<string, Row>>>> = table;
const units = { price: 'USD/kWh', intensity: 'kg/kWh', pue: '1' } as const;

/** The regions of the three clouds by name, the built-in ones first; no two clouds share a name. */
export const regionTable: ReadonlyMap<string, KnownRegion> = new Map(
  clouds.flatMap((cloud) =>
    Object.entries(tables[cloud]).map(([name, row]) => [name, readRow(cloud, name, row)] as const),
  ),
);

/** The regions whose intensities are built in, and whose prices were set with them. */
export const builtinNames: readonly string[] = [...regionTable.values()]
  .filter(({ builtin }) => builtin)
  .map(({ name }) => name);

/** A constant factor of a region, with an id such as `price/us-east-1/builtin`; intensities are averages by location. */
export function regionFactor(
  quantity: keyof typeof units,
  region: string,
  origin: string,
  { value, source, year }: Sourced,
): Factor {
  const id = `${quantity}/${region}/${origin}`;
  const method = quantity === 'intensity' ? 'location' : undefined;
  return { id, quantity, value, unit: units[quantity], source, year: year ?? undefined, method, state: 'static' };
}

function readRow(cloud: Cloud, name: string, { country, zone, price, intensity, pue }: Row): KnownRegion {
  return {
    ...{ name, cloud, country, zone },
    price: price ? regionFactor('price', name, intensity ? 'builtin' : 'table', price) : undefined,
    pue: regionFactor('pue', name, 'table', pue),
    builtin: intensity && regionFactor('intensity', name, 'builtin', intensity),
  };
}
