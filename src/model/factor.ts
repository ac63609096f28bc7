import type { Attributes } from '@opentelemetry/api';

/**
 * What a factor turns a measurement into: energy into money or emissions, core time into money, IT energy into facility
 * energy, time on a machine into embodied emissions, USD into other money.
 */
export type Quantity = 'price' | 'intensity' | 'core_price' | 'pue' | 'embodied' | 'exchange_rate';

/**
 * How emissions are counted: by the average grid where power was drawn, by what was bought for it (GHG Protocol, scope 2),
 * or by the power plants that one more kilowatt-hour sets going. The three are never mixed in one series.
 */
export type Method = 'location' | 'market' | 'marginal';

/** Where a value comes from right now: a table, a service that was just asked, its last answer, or a table in its place. */
export type FactorState = 'static' | 'live' | 'cached' | 'fallback';

/** Whether a grid operator may still revise a value: it estimates an hour first, and measures it later. */
export type FactorVersion = 'estimated' | 'final';

/** A number that figures rest on, with where and when it comes from. */
export interface Factor {
  /** Names the record, such as `intensity/us-east-1/builtin`; one id is one value of one source. */
  readonly id: string;
  readonly quantity: Quantity;
  readonly value: number;
  /** Such as `USD/kWh`, `kg/kWh`, `USD/core-hour`, `1`. */
  readonly unit: string;
  readonly source: string;
  /** The year that the value is of; undefined where its source does not say. */
  readonly year?: number | undefined;
  readonly method?: Method | undefined;
  readonly state: FactorState;
  /** Whether its service calls it final, where it says so. */
  readonly version?: FactorVersion | undefined;
  /** When it was read, in seconds since 1970, where another one may be read later. */
  readonly readAt?: number | undefined;
  /** Whether another value may take its place for the same time: figures that rest on it are then valued again. */
  readonly mayChange?: true | undefined;
  /** Of one run: the PUE that its energy was multiplied by before the factor; undefined is none. */
  readonly pue?: number | undefined;
  /** What it was in another currency, and the rate by which it was divided; undefined where it always was in USD. */
  readonly converted?: { readonly from: Factor; readonly rate: Factor } | undefined;
}

/** A factor and the time that it holds, in seconds since 1970 from `from` to just before `to`; both may be infinite. */
export interface FactorPeriod {
  readonly from: number;
  readonly to: number;
  readonly factor: Factor;
}

/** A factor over time. */
export interface FactorSeries {
  /** The one factor of a series that holds at all times. */
  readonly constant?: Factor;
  /** The periods that overlap the time from `from` to `to` (seconds since 1970), in order, disjoint; a gap is unknown. */
  between(from: number, to: number): readonly FactorPeriod[];
  /** Why nothing is known of some of the time from `from` to `to`, where that has another reason than that nobody states it. */
  readonly whyUnknown?:
    | ((from: number, to: number) => { readonly reason: string; readonly problem: string } | undefined)
    | undefined;
}

/** A factor that holds at all times. */
export function constantFactor(factor: Factor): FactorSeries {
  const always = [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, factor }];
  return { constant: factor, between: () => always };
}

/**
 * The periods, and where they leave something of the time from `from` to `to` open, those of another series. Those that
 * reach beyond that time stay so long: cut at its ends they would lose what those were rounded by.
 */
export function overlay(periods: readonly FactorPeriod[], other: FactorSeries, from: number, to: number): FactorSeries {
  const all: FactorPeriod[] = [];
  let known = from;
  const fill = (until: number) => {
    if (known >= Math.min(until, to)) return;
    const opens = all.length === 0 ? Number.NEGATIVE_INFINITY : known;
    for (const period of other.between(known, Math.min(until, to))) {
      all.push({ ...period, from: Math.max(period.from, opens), to: Math.min(period.to, until) });
    }
  };
  for (const period of periods) {
    fill(period.from);
    all.push(period);
    known = Math.max(known, period.to);
  }
  fill(Number.POSITIVE_INFINITY);
  return { between: () => all };
}

/** The record of a factor as attributes of a run, such as `factor.price.value`; by the market, `factor.intensity_market.value`. */
export function factorAttributes(factor: Factor): Attributes {
  const { quantity, id, value, unit, source, year, method, state, version, readAt, pue } = factor;
  const known = { ...(year !== undefined && { year }), ...(method && { method }), ...(pue !== undefined && { pue }) };
  const read = readAt === undefined ? {} : { read_at: readTimeText(readAt) };
  const record = { id, value, unit, source, state, ...(version && { version }), ...read, ...known };
  const prefix = factorPrefix({ quantity, method });
  return Object.fromEntries(Object.entries(record).map(([key, field]) => [`${prefix}${key}`, field]));
}

/** Returns when a factor was read, to the second. */
export function readTimeText(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/**
 * Returns attributes with the records of factors. Each takes the place of one that was there before, of which it may not
 * have all fields.
 */
export function withRecords(attributes: Attributes, factors: readonly Factor[]): Attributes {
  if (factors.length === 0) return attributes;
  const all: Attributes = { ...attributes };
  for (const factor of factors) {
    const prefix = factorPrefix(factor);
    for (const name in all) if (name.startsWith(prefix)) delete all[name];
    Object.assign(all, factorAttributes(factor));
  }
  return all;
}

/** Returns what the names of a record's attributes begin with. */
function factorPrefix({ quantity, method }: Pick<Factor, 'quantity' | 'method'>): string {
  return `factor.${quantity}${method === 'market' ? '_market' : ''}.`;
}
