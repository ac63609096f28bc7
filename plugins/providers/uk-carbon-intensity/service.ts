import { type Place, RejectedError, z } from 'wattline/plugin';
import { type FactorService, instant, type Reading, readingsOf, rowsOf } from 'wattline/provider';

const HALF_HOUR = 1800;
/** The longest span of one request, in seconds; the API allows up to 14 days, and starts half an hour early. */
const LONGEST = 13 * 86_400;
const GRAMS_PER_KILOGRAM = 1000;

/** In g/kWh; `actual` is null until the half-hour is over and calculated. */
const intensitySchema = z.object({
  forecast: z.number().min(0).nullish(),
  actual: z.number().min(0).nullish(),
});

const halfHourSchema = z.object({ from: instant(), to: instant(), intensity: intensitySchema });
type HalfHour = z.output<typeof halfHourSchema>;

const answerSchema = z.object({ data: rowsOf(halfHourSchema) });

/** Requests carbon intensities from NESO, Great Britain's system operator: `GET /intensity/{from}/{to}`. */
export function ukCarbonIntensity(endpoint: string): FactorService {
  return {
    name: 'uk_carbon_intensity',
    quantity: 'intensity',
    method: 'location',
    resolution: HALF_HOUR,
    locate: ({ zone, country }: Place) => ((zone === undefined ? country === 'GBR' : zone === 'GB') ? 'GB' : undefined),
    unknown: 'the Carbon Intensity API is about Great Britain only',
    earliest: (to) => to - LONGEST,
    async read(_, from, to, get) {
      const { data } = await get(`${endpoint}/intensity/${minuteOf(from)}/${minuteOf(to)}`, answerSchema);
      return readingsOf(data, readingOf);
    },
  };
}

/** Formats a time as the API does, without seconds. */
function minuteOf(time: number): string {
  return `${new Date(time * 1000).toISOString().slice(0, 16)}Z`;
}

function readingOf({ from, to, intensity: { actual, forecast } }: HalfHour): Reading | RejectedError | undefined {
  if (to - from !== HALF_HOUR) return new RejectedError(`the API answers by ${to - from} s, not by ${HALF_HOUR} s`);
  const grams = actual ?? forecast;
  if (grams == null) return undefined;
  const isFinal = actual != null;
  const source = `NESO Carbon Intensity API, Great Britain, ${isFinal ? 'actual' : 'forecast'}`;
  return { from, value: grams / GRAMS_PER_KILOGRAM, isFinal, source };
}
