import type { FactorSeries } from '../model/factor.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage, filledCpu, filledPower, hostPower, type Signal } from '../model/signals.ts';
import { boundSignals, isBound, mayHaveBounds } from './bounds.ts';
import { measure } from './measure.ts';
import { extentOf, weigh } from './weigh.ts';

/** A stretch of time in seconds since 1970, the end excluded. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What a signal came to in a stretch of time, in its unit times seconds. */
export interface Amount extends Stretch {
  readonly signal: Signal;
  readonly value: number;
}

/** The longest period that amounts are added up over, and the shortest that factors are published for; in seconds. */
const LONGEST = 3600;
const SHORTEST = 300;

const signals: readonly Signal[] = [hostPower, cpuUsage, filledPower, filledCpu];

/**
 * Returns what each signal of a slice came to, split by the periods of the factors that were applied to it, and where these
 * are longer than an hour or unknown by five minutes: whatever hour is revised, its amounts are known.
 */
export function amountsOf(run: Run, periods: readonly Stretch[]): Amount[] {
  const wanted = mayHaveBounds(run) ? [...signals, ...boundSignals] : signals;
  return wanted.flatMap((signal) => {
    if (!run.samplesOf(signal) && !isBound(signal)) return [];
    const measured = measure(run, signal);
    if (measured.value === undefined) return [];
    const [from, to] = extentOf(measured);
    const { parts } = weigh(measured, asSeries(stretchesBetween(from, to, periods)));
    return parts.map((part) => ({ signal, from: part.from, to: part.to, value: part.value }));
  });
}

/** Returns disjoint stretches in order that cover the time between two moments. */
export function stretchesBetween(from: number, to: number, periods: readonly Stretch[]): Stretch[] {
  const short = periods.filter((period) => period.to - period.from <= LONGEST).sort((a, b) => a.from - b.from);
  const stretches: Stretch[] = [];
  let known = Number.NEGATIVE_INFINITY;
  for (let at = from; at < to || stretches.length === 0; at = known) {
    const period = short.find((one) => one.from <= at && one.to > at);
    const next = short.find((one) => one.from > at)?.from ?? Number.POSITIVE_INFINITY;
    const before = short.findLast((one) => one.to <= at)?.to ?? Number.NEGATIVE_INFINITY;
    const begins = Math.floor(at / SHORTEST) * SHORTEST;
    const between = { from: Math.max(known, before, begins), to: Math.min(next, begins + SHORTEST) };
    stretches.push(period ?? between);
    known = (period ?? between).to;
  }
  return stretches;
}

/** `weigh` splits by a factor; here the stretches alone count. */
function asSeries(stretches: readonly Stretch[]): FactorSeries {
  const factor = { id: '', quantity: 'price', value: 1, unit: '', source: '', state: 'static' } as const;
  const periods = stretches.map(({ from, to }) => ({ from, to, factor }));
  return { between: () => periods };
}
