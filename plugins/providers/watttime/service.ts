import { RejectedError, z } from 'wattline/plugin';
import { type FactorService, type Get, instant, type Reading, readingsOf, rowsOf } from 'wattline/provider';
import type { Login } from './login.ts';

const FIVE_MINUTES = 300;
/** The longest span of one request, in seconds. */
const LONGEST = 32 * 86_400;
/** Seconds before a span that are requested too, so that an earlier value can replace a late one. */
const MARGIN = 3600;
const SIGNAL = 'co2_moer';
const UNITS = 'lbs_co2_per_mwh';
const KILOGRAMS_PER_POUND = 0.45359237;
const KWH_PER_MWH = 1000;

const pointSchema = z.object({
  point_time: instant(),
  value: z.number().min(0),
  imputed_data_used: z.boolean().default(false),
});

const answerSchema = z.object({
  data: rowsOf(pointSchema),
  meta: z.object({
    region: z.string(),
    signal_type: z.string(),
    units: z.string(),
    data_point_period_seconds: z.number(),
  }),
});

type Answer = z.output<typeof answerSchema>;

/** Requests WattTime's marginal operating emissions rate: `GET /v3/historical`, and `GET /v3/forecast` for later times. */
export function wattTime(endpoint: string, regions: Readonly<Record<string, string>>, login: Login): FactorService {
  const ask = async (path: 'historical' | 'forecast', query: Readonly<Record<string, string>>, get: Get) => {
    const url = `${endpoint}/v3/${path}?${new URLSearchParams({ ...query, signal_type: SIGNAL })}`;
    const region = query.region as string;
    const answer = await login.get(url, answerSchema, get);
    check(answer, region);
    return readingsOf(answer.data, (point) => readingOf(point, region, path));
  };
  return {
    name: 'watttime',
    quantity: 'intensity',
    method: 'marginal',
    resolution: FIVE_MINUTES,
    locate: ({ region }) => (Object.hasOwn(regions, region) ? regions[region] : undefined),
    unknown: "`regions` does not say WattTime's name of its grid",
    earliest: (to) => to - LONGEST + MARGIN,
    async read(region, from, to, get) {
      const query = { region, start: textOf(from - MARGIN), end: textOf(to) };
      const past = await ask('historical', query, get);
      const isCurrent = to * 1000 > Date.now();
      if (!isCurrent || past.some((row) => 'from' in row && row.from === to - FIVE_MINUTES)) return past;
      const coming = await ask('forecast', { region }, get);
      return [...coming.filter((row) => !('from' in row) || row.from < to), ...past];
    },
  };
}

function textOf(time: number): string {
  return new Date(time * 1000).toISOString();
}

/** Refuses other signals: the index of `/v3/signal-index` has the same shape, but is relative to the grid. */
function check({ meta }: Answer, region: string): void {
  if (meta.units !== UNITS || meta.signal_type !== SIGNAL) {
    throw new RejectedError(`WattTime answers ${meta.signal_type} in ${meta.units}, not ${SIGNAL} in ${UNITS}`);
  }
  if (meta.region !== region) throw new RejectedError(`WattTime answers for ${meta.region}, not for ${region}`);
  if (meta.data_point_period_seconds !== FIVE_MINUTES) {
    throw new RejectedError(`WattTime answers by ${meta.data_point_period_seconds} s, not by ${FIVE_MINUTES} s`);
  }
}

/** 1 lb/MWh is 0.45359237 kg/MWh. */
function readingOf(
  { point_time: from, value, imputed_data_used: isImputed }: z.output<typeof pointSchema>,
  region: string,
  kind: 'historical' | 'forecast',
): Reading {
  const source = `WattTime, ${region}, marginal, ${kind}${isImputed ? ', imputed' : ''}`;
  const isFinal = kind === 'historical' && !isImputed;
  return { from, value: (value * KILOGRAMS_PER_POUND) / KWH_PER_MWH, isFinal, source };
}
