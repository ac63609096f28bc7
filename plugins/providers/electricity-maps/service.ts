import { type Place, RejectedError, z } from 'wattline/plugin';
import { type FactorService, type Get, instant, type Reading, readingsOf, rowsOf } from 'wattline/provider';

const seconds = { '5_minutes': 300, '15_minutes': 900, hourly: 3600 } as const;
export const granularities = ['5_minutes', '15_minutes', 'hourly'] as const;

const DAY = 86_400;
const GRAMS_PER_KILOGRAM = 1000;
const UNIT = 'gCO2eq/kWh';

const valueSchema = z.object({
  /** In g/kWh; null where the service has none. */
  carbonIntensity: z.number().min(0).nullable(),
  datetime: instant(),
  isEstimated: z.boolean().nullish(),
  emissionFactorType: z.string().nullish(),
  unit: z.string().nullish(),
});

/** An answer to any path: `data` of v4 and of `past-range`, `history`, or the one value that v3 gives as `latest`. */
const answerSchema = z.preprocess(
  (answer) => (isObject(answer) ? { ...answer, values: answer.data ?? answer.history ?? [answer] } : answer),
  z.object({
    zone: z.string(),
    temporalGranularity: z.string().nullish(),
    unit: z.string().nullish(),
    values: rowsOf(valueSchema),
  }),
);
type Answer = z.output<typeof answerSchema>;
type Value = z.output<typeof valueSchema>;

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
    return readingsOf(answer.values, (value) => flawOf(value, wanted) ?? readingOf(value, answer.zone, resolution));
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
      if (to <= current() || history.some((row) => 'from' in row && row.from === current())) return history;
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
function readingOf(
  { carbonIntensity, datetime: from, isEstimated }: Value,
  zone: string,
  resolution: number,
): Reading | undefined {
  if (carbonIntensity === null) return undefined;
  const isFinal = isEstimated === false && (from + resolution) * 1000 <= Date.now();
  const source = `Electricity Maps, zone ${zone}${isEstimated ? ', estimated' : ''}`;
  return { from, value: carbonIntensity / GRAMS_PER_KILOGRAM, isFinal, source };
}

/** The parameters of a request, without the zone where the service chooses it by the data centre. */
interface Wanted {
  readonly zone?: string;
  readonly temporalGranularity: string;
  readonly emissionFactorType: string;
}

/** Throws `RejectedError` where an answer has other parameters than the request. */
function checkAnswer({ zone, temporalGranularity, unit }: Answer, wanted: Wanted): void {
  const flaw =
    difference('zone', zone, wanted.zone) ??
    difference('granularity', temporalGranularity, wanted.temporalGranularity) ??
    difference('unit', unit, UNIT);
  if (flaw) throw flaw;
}

/** Returns what distinguishes a value from those that were asked for, if anything. */
function flawOf({ emissionFactorType, unit }: Value, wanted: Wanted): RejectedError | undefined {
  return (
    difference('emission factors', emissionFactorType, wanted.emissionFactorType) ?? difference('unit', unit, UNIT)
  );
}

function difference(what: string, given: string | null | undefined, expected: string | undefined) {
  if (given == null || expected === undefined || given === expected) return undefined;
  return new RejectedError(`Electricity Maps answers with the ${what} ${given}, not ${expected}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
