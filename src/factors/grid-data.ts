import { createRequire } from 'node:module';
import type { Factor } from '../model/factor.ts';
import type { Place } from '../plugin/contract.ts';

/** The parts of CO2.js that are used: averages. Its marginal intensities are another kind of number. */
interface GridTables {
  readonly electricityMaps: {
    readonly yearly2025: { readonly data: Readonly<Record<string, { readonly carbonIntensity: { value: number } }>> };
  };
  readonly averageIntensity: { readonly data: Readonly<Record<string, number>> };
}

const load = createRequire(import.meta.url);
const PACKAGE = 'CO2.js 0.19.0';
const GRAMS_PER_KILOGRAM = 1000;

/**
 * Returns the average carbon intensity of the grid of a place in kg CO₂e/kWh; undefined where it is not known.
 * `electricity_maps` has that of 2025 by zone, such as `US-MIDA-PJM` or `DE`, over the life cycle of the power plants;
 * `ember` has that of the latest year of the country, which its table does not name.
 */
export function gridIntensity(
  dataset: 'electricity_maps' | 'ember',
  { zone = '', country = '' }: Omit<Place, 'region'>,
): Pick<Factor, 'value' | 'source' | 'year'> | undefined {
  // The tables are large, and most configurations need none of them.
  const tables = load('@tgwf/co2/data') as GridTables;
  if (dataset === 'ember') {
    const { data } = tables.averageIntensity;
    if (!Object.hasOwn(data, country)) return undefined;
    const source = `Ember, country ${country}, average of its latest year, by way of ${PACKAGE}`;
    return { value: (data[country] as number) / GRAMS_PER_KILOGRAM, source };
  }
  const { data } = tables.electricityMaps.yearly2025;
  const grams = Object.hasOwn(data, zone) ? data[zone]?.carbonIntensity.value : undefined;
  if (typeof grams !== 'number') return undefined;
  const source = `Electricity Maps, zone ${zone}, yearly average, by way of ${PACKAGE}`;
  return { value: grams / GRAMS_PER_KILOGRAM, source, year: 2025 };
}
