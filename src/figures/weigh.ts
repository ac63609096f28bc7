import type { HrTime } from '@opentelemetry/api';
import type { Factor, FactorPeriod, FactorSeries, FactorState } from '../model/factor.ts';
import type { Integrated } from '../model/series.ts';
import { eachSegment, type VisitSegment } from './segments.ts';

/** The part of a signal that one factor applies to. */
export interface Part {
  readonly factor: Factor;
  /** Seconds since 1970, the end excluded; infinite where the factor holds beyond the run. */
  readonly from: number;
  readonly to: number;
  /** The signal's integral over it, in its unit times seconds. */
  readonly value: number;
}

/** A signal by the factors that hold while it was measured. */
export interface Weighed {
  readonly parts: readonly Part[];
  /** Seconds of it for which no factor is known. */
  readonly unknown: number;
}

/**
 * Splits what was measured at the very times where a factor changes, so that the sum of every part times its factor is
 * the integral of power times factor: ∫ P·f dt.
 */
export function weigh(measured: Integrated, factors: FactorSeries): Weighed {
  const { series, value, sampling, duration } = measured;
  const [from, to] = extentOf(measured);
  const periods = factors.between(from, to);
  const [only] = periods;
  if (only && periods.length === 1 && only.from <= from && only.to >= to) {
    return { parts: [{ factor: only.factor, from: only.from, to: only.to, value }], unknown: 0 };
  }
  const sums = new Splitter(series.start, periods);
  eachSegment(series, sampling, duration, sums.add);
  return { parts: sums.parts(), unknown: sums.unknown };
}

/** When a measured signal begins and ends, in seconds since 1970. */
export function extentOf({ series, sampling, duration }: Integrated): readonly [from: number, to: number] {
  const start = series.start[0] + series.start[1] / 1e9;
  const isSingle = series.length === 1 && series.step === undefined;
  const end = isSingle ? series.offset(0) + (duration ?? 0) : series.end(sampling);
  return [start + series.offset(0), start + end];
}

/**
 * One factor that stands for all parts: the value is the mean by what it was applied to, the id and the source name
 * all, and the state is the one furthest from live. Undefined where there is no part.
 */
export function effectiveFactor(parts: readonly Part[]): Factor | undefined {
  const [first] = parts;
  if (!first || parts.length === 1 || parts.every(({ factor }) => factor === first.factor)) return first?.factor;
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const mean = parts.reduce((sum, { factor, value }) => sum + factor.value * (value / total), 0);
  const joined = (read: (factor: Factor) => string) =>
    [...new Set(parts.map(({ factor }) => read(factor)))].join(' + ');
  const years = new Set(parts.map(({ factor }) => factor.year));
  return {
    ...first.factor,
    converted: undefined,
    id: joined(({ id }) => id),
    value: total > 0 ? mean : first.factor.value,
    source: joined(({ source }) => source),
    year: years.size === 1 ? first.factor.year : undefined,
    state: worstOf(parts.map(({ factor }) => factor.state)),
    ...versionOf(parts.map(({ factor }) => factor)),
  };
}

/** What is estimated in part is estimated; of several times of reading it is the last one. */
function versionOf(factors: readonly Factor[]): Pick<Factor, 'version' | 'readAt' | 'mayChange'> {
  const versions = new Set(factors.map(({ version }) => version));
  const version = versions.has('estimated') ? 'estimated' : versions.size === 1 ? factors[0]?.version : undefined;
  const times = factors.flatMap(({ readAt }) => readAt ?? []);
  return {
    ...(version && { version }),
    ...(times.length && { readAt: Math.max(...times) }),
    ...(factors.some(({ mayChange }) => mayChange) && { mayChange: true }),
  };
}

const FROM_BEST: readonly FactorState[] = ['live', 'static', 'cached', 'fallback'];

/** How far from live is what is not known at all. */
export const RANK_OF_NOTHING = FROM_BEST.length;

/** Returns how far a state is from live, which is 0. */
export function rankOf(state: FactorState): number {
  return FROM_BEST.indexOf(state);
}

function worstOf(states: readonly FactorState[]): FactorState {
  return FROM_BEST.findLast((state) => states.includes(state)) as FactorState;
}

/** Adds up segments by the period that each piece of them falls into. Segments and periods both come in time order. */
class Splitter {
  unknown = 0;
  readonly #periods: readonly FactorPeriod[];
  readonly #sums: Float64Array;
  readonly #widths: Float64Array;
  readonly #start: HrTime;
  #at = 0;

  constructor(start: HrTime, periods: readonly FactorPeriod[]) {
    this.#start = start;
    this.#periods = periods;
    this.#sums = new Float64Array(periods.length);
    this.#widths = new Float64Array(periods.length);
  }

  readonly add: VisitSegment = (from, first, to, last) => {
    const slope = (last - first) / (to - from);
    const at = (offset: number) => first + slope * (offset - from);
    let done = from;
    while (this.#at < this.#periods.length && done < to) {
      const period = this.#periods[this.#at] as FactorPeriod;
      const opens = Math.max(done, Math.min(to, this.#offset(period.from)));
      const closes = Math.max(done, Math.min(to, this.#offset(period.to)));
      this.unknown += opens - done;
      if (closes > opens) {
        const whole = opens === from && closes === to;
        const mean = whole ? (first + last) / 2 : (at(opens) + at(closes)) / 2;
        this.#sums[this.#at] = (this.#sums[this.#at] as number) + mean * (closes - opens);
        this.#widths[this.#at] = (this.#widths[this.#at] as number) + (closes - opens);
      }
      done = Math.max(opens, closes);
      if (this.#offset(period.to) > to) return;
      this.#at++;
    }
    this.unknown += to - done;
  };

  /** The parts that any segment falls into. */
  parts(): Part[] {
    return this.#periods.flatMap((period, index) =>
      this.#widths[index] ? [{ ...period, value: this.#sums[index] as number }] : [],
    );
  }

  /** Exact for the whole seconds that tariffs change at. */
  #offset(time: number): number {
    return time - this.#start[0] - this.#start[1] / 1e9;
  }
}
