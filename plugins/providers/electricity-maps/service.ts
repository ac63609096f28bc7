import type { Place } from 'wattline/plugin';
import type { FactorService, Get, Reading } from 'wattline/provider';
import { answerSchema, checkAnswer, type Value } from './answers.ts';

const seconds = { '5_minutes': 300, '15_minutes': 900, hourly: 3600 } as const;
export const granularities = ['5_minutes', '15_minutes', 'hourly'] as const;

const DAY = 86_400;
const GRAMS_PER_KILOGRAM = 1000;

export interface ElectricityMapsOptions {
  readonly endpoint: string;
  readonly api_version: 'v3' | 'v4';
  readonly temporal_granularity: (typeof granularities)[number];
  readonly emission_factor_type: 'lifecycle' | 'direct';
  readonly data_center_provider?: string | undefined;
}

/**
 * Requests carbon intensities from Electricity Maps: `latest` for the current period, `history` for the last 24 hours,
 * which free accounts may use too, and `past-range` for older times.
 */
export function electricityMaps(options: ElectricityMapsOptions, headers: Headers): FactorService {
  const { temporal_granularity: temporalGranularity, emission_factor_type: emissionFactorType } = options;
  const resolution = seconds[temporalGranularity];
  /** The longest span of one request. */
  const longest = temporalGranularity === 'hourly' ? 10 * DAY : DAY;
  const base = `${options.endpoint}/${options.api_version}/carbon-intensity/`;
  /** The start of the current period. */
  const current = () => Math.floor(Date.now() / 1000 / resolution) * resolution;
  const dayAgo = () => current() + resolution - DAY;
  const request = async (path: string, place: string, get: Get, times: Readonly<Record<string, string>> = {}) => {
    const wanted = { ...placeQuery(place), temporalGranularity, emissionFactorType };
    // For an unknown zone the service would answer by the location of the client.
    const query = new URLSearchParams({ ...wanted, ...times, shouldUseFallbackCallerLookup: 'false' });
    const answer = await get(`${base}${path}?${query}`, answerSchema, headers);
    checkAnswer(answer, wanted);
    return answer.values.flatMap((value) => readingsOf(value, answer.zone, resolution));
  };
  return {
    name: 'electricity_maps',
    quantity: 'intensity',
    method: 'location',
    resolution,
    locate: (place) => placeName(place, options.data_center_provider),
    unknown: 'its zone of Electricity Maps is not known; set its `zone` in `regions` of the processor',
    earliest: (to) => (to > dayAgo() ? Math.min(to - resolution, dayAgo()) : to - longest),
    async read(place, from, to, get) {
      if (from >= current()) return request('latest', place, get);
      if (from < dayAgo()) return request('past-range', place, get, { start: textOf(from), end: textOf(to) });
      const history = await request('history', place, get);
      if (to <= current() || history.some((reading) => reading.from === current())) return history;
      return [...history, ...(await request('latest', place, get))];
    },
  };
}

/** Returns the zone, otherwise the region as `cloud/region`: clouds use each other's names, so none is guessed. */
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

/** Estimates are replaced by measured values later, and the value of the current period may change until its end. */
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
