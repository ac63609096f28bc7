import { createRequire } from 'node:module';
import type { Factor } from '../model/factor.ts';

/** What of CO2.js is read: its averages. Its marginal intensities are another kind of number, and stay where they are. */
interface GridTables {
  readonly electricityMaps: {
    readonly yearly2025: { readonly data: Readonly<Record<string, { readonly carbonIntensity: { value: number } }>> };
  };
  readonly averageIntensity: { readonly data: Readonly<Record<string, number>> };
}

type GridIntensity = Pick<Factor, 'value' | 'source' | 'year'>;

const PACKAGE = 'CO2.js 0.19.0';
const GRAMS_PER_KILOGRAM = 1000;

let loaded: GridTables | undefined;

/**
 * The average carbon intensity of 2025 in a zone of Electricity Maps, such as `US-MIDA-PJM` or `DE`, over the life cycle of
 * its power plants, in kg CO₂e/kWh; undefined where the zone is not known.
 */
export function intensityOfZone(zone: string): GridIntensity | undefined {
  const { data } = tables().electricityMaps.yearly2025;
  const grams = Object.hasOwn(data, zone) ? data[zone]?.carbonIntensity.value : undefined;
  return intensity(grams, `Electricity Maps, zone ${zone}, yearly average, by way of ${PACKAGE}`, 2025);
}

/**
 * The average carbon intensity of a country by its ISO 3166 alpha-3 code, such as `DEU`, in kg CO₂e/kWh; undefined where the
 * country is not known. It is of Ember's latest year for the country, which the table does not name.
 */
export function intensityOfCountry(country: string): GridIntensity | undefined {
  const { data } = tables().averageIntensity;
  const grams = Object.hasOwn(data, country) ? data[country] : undefined;
  return intensity(grams, `Ember, country ${country}, average of its latest year, by way of ${PACKAGE}`);
}

function intensity(grams: number | undefined, source: string, year?: number): GridIntensity | undefined {
  if (typeof grams !== 'number') return undefined;
  return { value: grams / GRAMS_PER_KILOGRAM, source, year };
}

/** The tables are large, and most configurations need none of them: they are loaded when first asked for. */
function tables(): GridTables {
  loaded ??= createRequire(import.meta.url)('@tgwf/co2/data') as GridTables;
  return loaded;
}
