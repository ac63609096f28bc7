import { LRUCache } from 'lru-cache';
import type { FactorState } from '../model/factor.ts';

/** The maximum number of readings of all places; the ones that were used longest ago make room. */
const MAX_READINGS = 50_000;

/** The value that a service gives for one of its periods. */
export interface Reading {
  /** When the period begins, in seconds since 1970: a multiple of the service's resolution. */
  readonly from: number;
  /** In the unit of the factors, such as kg/kWh. */
  readonly value: number;
  /** Whether the value will not change any more. */
  readonly isFinal: boolean;
  /** The source of the factor's record, such as `Electricity Maps, zone DE, estimated`. */
  readonly source: string;
}

/** Periods by number, both ends included. A period begins at its number times the resolution. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** A reading, and the time (seconds since 1970) and the state in which it holds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly reading: Reading;
  readonly state: FactorState;
  /** Whether the reading is that of this very time, and will not change any more. */
  readonly isFinal: boolean;
  /** When it was read, in seconds since 1970. */
  readonly readAt: number;
}

/** A moment in milliseconds: since 1970, which clocks may be set to at any time, and by one that nobody sets. */
interface Moment {
  readonly wall: number;
  readonly elapsed: number;
}

const NEVER: Moment = { wall: 0, elapsed: Number.NEGATIVE_INFINITY };

interface Kept {
  /** The last one; undefined where the service gave none. */
  readonly reading: Reading | undefined;
  readonly readAt: Moment;
  readonly requestedAt: Moment;
}

/** A period that the service gave a reading of. */
type Known = Kept & { readonly reading: Reading };

/** The readings of a service, by place and period. */
export class Readings {
  /** The length of a period in seconds. */
  readonly #resolution: number;
  readonly #refresh: number;
  readonly #maxAge: number;
  readonly #kept = new LRUCache<string, Kept>({ max: MAX_READINGS });

  /** `refresh` is in milliseconds, and `maxAge` in seconds. */
  constructor(resolution: number, options: { readonly refresh: number; readonly maxAge: number }) {
    this.#resolution = resolution;
    this.#refresh = options.refresh;
    this.#maxAge = options.maxAge;
  }

  /** Keeps an answer about a span. Of periods without a reading, it keeps the time of the request. */
  keep(place: string, { first, last }: Span, readings: readonly Reading[]): void {
    const requestedAt = momentNow();
    for (let period = first; period <= last; period++) {
      const { reading, readAt = NEVER } = this.#at(place, period) ?? {};
      this.#kept.set(`${place}@${period}`, { reading, readAt, requestedAt });
    }
    for (const reading of readings) {
      const period = reading.from / this.#resolution;
      if (this.#at(place, period)?.reading?.isFinal && !reading.isFinal) continue;
      this.#kept.set(`${place}@${period}`, { reading, readAt: requestedAt, requestedAt });
    }
  }

  /**
   * Returns the newest part of a span to request, from its oldest to its newest period that is not known well enough;
   * undefined where there is none. `reach` returns the first period of the longest request that ends with a given one.
   */
  wanting(place: string, { first, last }: Span, reach: (last: number) => number): Span | undefined {
    const now = momentNow();
    const isWanting = (period: number) => !this.#isKnown(this.#at(place, period), period, now);
    let newest = Math.min(last, Math.floor(now.wall / 1000 / this.#resolution));
    while (newest >= first && !isWanting(newest)) newest--;
    if (newest < first) return undefined;
    let oldest = Math.max(first, reach(newest));
    while (!isWanting(oldest)) oldest++;
    return { first: oldest, last: newest };
  }

  /**
   * Returns the readings of a span in order: `live` where they are final or were read within `refresh`, else `cached`. A
   * period without a reading has the one before it, `cached`, until `maxAge` after that one's own period.
   */
  stretches(place: string, { first, last }: Span): Stretch[] {
    const now = momentNow();
    const found: Stretch[] = [];
    let good: Reading | undefined;
    let goodAt = 0;
    for (let period = first; period <= last; period++) {
      const { reading, readAt = NEVER } = this.#at(place, period) ?? {};
      const from = period * this.#resolution;
      const to = from + this.#resolution;
      if (reading) {
        good = reading;
        goodAt = readAt.wall / 1000;
        const { isFinal } = reading;
        const isLive = isFinal || this.#isRecent(readAt, period, now);
        found.push({ from, to, reading, state: isLive ? 'live' : 'cached', isFinal, readAt: goodAt });
        continue;
      }
      const before = !good && period === first ? this.#before(place, first) : undefined;
      if (before) {
        good = before.reading;
        goodAt = before.readAt.wall / 1000;
      }
      if (!good) continue;
      const until = Math.min(to, good.from + this.#resolution + this.#maxAge);
      const more = { from, to: until, reading: good, state: 'cached', isFinal: false, readAt: goodAt } as const;
      if (until > from) extend(found, more);
    }
    return found;
  }

  /** Returns the last reading before a period that may stand in for it. */
  #before(place: string, period: number): Known | undefined {
    const oldest = period - Math.ceil(this.#maxAge / this.#resolution);
    for (let earlier = period - 1; earlier >= oldest; earlier--) {
      const kept = this.#at(place, earlier);
      if (kept?.reading) return kept as Known;
    }
    return undefined;
  }

  #at(place: string, period: number): Kept | undefined {
    return this.#kept.get(`${place}@${period}`);
  }

  #isKnown(kept: Kept | undefined, period: number, now: Moment): boolean {
    return kept !== undefined && (kept.reading?.isFinal || this.#isRecent(kept.requestedAt, period, now));
  }

  /** Whether a time is within `refresh`, and not before the end of a period that has ended. */
  #isRecent(time: Moment, period: number, now: Moment): boolean {
    const end = (period + 1) * this.#resolution * 1000;
    return now.elapsed - time.elapsed < this.#refresh && (time.wall >= end || now.wall < end);
  }
}

function momentNow(): Moment {
  return { wall: Date.now(), elapsed: performance.now() };
}

/** Adds a stretch, or extends the last one where it continues that. */
function extend(found: Stretch[], more: Stretch): void {
  const last = found.at(-1);
  const isSame = last?.reading === more.reading && last.state === more.state && last.isFinal === more.isFinal;
  if (last && isSame && last.to === more.from) {
    found[found.length - 1] = { ...last, to: more.to };
  } else found.push(more);
}
