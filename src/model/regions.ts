import table from './regions.json' with { type: 'json' };

/** A number with where and when it comes from. */
export interface Factor {
  readonly value: number;
  readonly source: string;
  readonly year: number;
}

/** What a kilowatt-hour costs (USD) and emits (kg CO₂e) in a region. */
export interface Region {
  readonly usd_per_kwh: Factor;
  readonly kg_per_kwh: Factor;
}

const regions: ReadonlyMap<string, Region> = new Map(Object.entries(table));

/** The factors used for a region that is not in the table, where a configuration asks for that. */
export const fallbackRegion: Region = {
  usd_per_kwh: { value: 0.12, source: 'default of the system that Wattline replaces', year: 2025 },
  kg_per_kwh: { value: 0.5, source: 'default of the system that Wattline replaces', year: 2025 },
};

/** The names of all known regions, in the table's order. */
export const regionNames: readonly string[] = [...regions.keys()];

/** The factors of a region by its cloud provider's name, such as `us-east-1`; undefined where it is not in the table. */
export function findRegion(name: string): Region | undefined {
  return regions.get(name);
}
