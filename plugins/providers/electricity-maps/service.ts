import type { FactorService, Get, Place, Reading } from 'wattline/plugin';
import { answerSchema, checkAnswer, type Value } from './answers.ts';

const seconds = { '5_minutes': 300, '15_minutes': 900, hourly: 3600 } as const;
export const granularities = ['5_minutes', '15_minutes', 'hourly'] as const;

const DAY = 86_400;
/** The longest span of one request, in seconds: ten days by the hour, and what is safe by parts of it. */
const longest = { '5_minutes': DAY, '15_minutes': DAY, hourly: 10 * DAY } as const;
const GRAMS_PER_KILOGRAM = 1000;

export interface ElectricityMapsOptions {
  readonly endpoint: string;
  readonly api_version: 'v3' | 'v4';
  readonly temporal_granularity: (typeof granularities)[number];
  readonly emission_factor_type: 'lifecycle' | 'direct';
  readonly data_center_provider?: string | undefined;
}

/**
 * The carbon intensity of Electricity Maps: `latest` for the current period, `history` for the last 24 hours, which
 * free accounts have too, and `past-range` for what is older.
 */
export function electricityMaps(options: ElectricityMapsOptions, headers: Headers): FactorService {
  const { temporal_granularity: temporalGranularity, emission_factor_type: emissionFactorType } = options;
  const resolution = seconds[temporalGranularity];
  const base = `${options.endpoint}/${options.api_version}/carbon-intensity/`;
  /** When the period begins that is not over yet. */
  const current = () => Math.floor(Date.now() / 1000 / resolution) * resolution;
  const dayAgo = () => current() + resolution - DAY;
  const ask = async (path: string, place: string, get: Get, times: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams({
      ...placeQuery(place),
      ...times,
      temporalGranularity,
      emissionFactorType,
      // An unknown zone would be answered for wherever the caller seems to be.
      shouldUseFallbackCallerLookup: 'false',
    });
    const answer = await get(`${base}${path}?${query}`, answerSchema, headers);
    checkAnswer(answer, { zone: placeQuery(place).zone, temporalGranularity, emissionFactorType });
    return answer.values.flatMap((value) => readingsOf(value, answer.zone, resolution));
  };
  return {
    name: 'electricity_maps',
    quantity: 'intensity',
    method: 'location',
    resolution,
    locate: (place) => placeName(place, options.data_center_provider),
    unknown: 'its zone of Electricity Maps is not known; set its `zone` in `regions` of the processor',
    earliest: (to) => (to > dayAgo() ? Math.min(to - resolution, dayAgo()) : to - longest[temporalGranularity]),
    async read(place, from, to, get) {
      if (from >= current()) return ask('latest', place, get);
      if (from < dayAgo()) return ask('past-range', place, get, { start: textOf(from), end: textOf(to) });
      const history = await ask('history', place, get);
      if (to <= current() || history.some((reading) => reading.from === current())) return history;
      return [...history, ...(await ask('latest', place, get))];
    },
  };
}

/** The zone, else the region as `cloud/region`: clouds take over each other's names, so that none is guessed. */
function placeName({ zone, region }: Place, cloud: string | undefined): string | undefined {
  if (zone !== undefined) return zone;
  return cloud !== undefined && /^[\w-]+$/.test(region) ? `${cloud}/${region.toLowerCase()}` : undefined;
}

function placeQuery(place: string): { readonly zone?: string; readonly [parameter: string]: string } {
  const [dataCenterProvider, dataCenterRegion] = place.split('/') as [string, string?];
  return dataCenterRegion === undefined ? { zone: place } : { dataCenterProvider, dataCenterRegion };
}

function textOf(time: number): string {
  return new Date(time * 1000).toISOString();
}

/** An estimate is replaced by a measured value later, and the value of the current period may change until it is over. */
function readingsOf(
  { carbonIntensity, datetime: from, isEstimated }: Value,
  zone: string,
  resolution: number,
): Reading[] {
  if (carbonIntensity === null) return [];
  const isFinal = isEstimated === false && (from + resolution) * 1000 <= Date.now();
  const source = `Electricity Maps, zone ${zone}${isEstimated ? ', estimated' : ''}`;
  return [{ from, value: carbonIntensity / GRAMS_PER_KILOGRAM, isFinal, source }];
}
