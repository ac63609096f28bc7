import type { HrTime } from '@opentelemetry/api';
import { secondsBetween, toSeconds } from 'wattline/plugin';
import { type Ceiling, mostWithin } from './ceilings.ts';
import type { Increment } from './increments.ts';
import { isSameTime } from './moments.ts';
import { type Last, timeOf } from './points.ts';

/** The points of some counters, each at most once. */
export interface Columns {
  readonly sources: readonly string[];
  readonly times: readonly HrTime[];
  readonly values: readonly number[];
}

/** How positions are stored: those of one time, and the others by what tells their meters apart. */
export type StoredPositions = readonly [
  at: HrTime | null,
  sources: readonly string[],
  values: readonly number[],
  others: Readonly<Record<string, Last>>,
];

/**
 * Up to where each meter of a feed has been read. Mostly all meters are read at one time and nothing else is known of them:
 * then their values are kept in a list, which is faster to move and shorter to store.
 */
export class Positions {
  #at: HrTime | null = null;
  #sources: readonly string[] = [];
  /** The same as JSON, once it has been asked for. */
  #sourcesText: string | undefined;
  #values: number[] = [];
  #others: Map<string, Last>;

  constructor(others: Iterable<readonly [source: string, last: Last]> = []) {
    this.#others = new Map(others);
  }

  /** Returns the positions that `text` is of, once it is parsed. */
  static of([at, sources, values, others]: StoredPositions): Positions {
    const positions = new Positions(Object.entries(others));
    positions.#at = at;
    positions.#sources = sources;
    positions.#values = [...values];
    return positions;
  }

  /** The positions as JSON. */
  get text(): string {
    this.#sourcesText ??= JSON.stringify(this.#sources);
    const others = this.#others.size ? JSON.stringify(Object.fromEntries(this.#others)) : '{}';
    return `[${JSON.stringify(this.#at)},${this.#sourcesText},[${this.#values}],${others}]`;
  }

  /** JSON of what holds them is written without them. */
  toJSON(): undefined {
    return undefined;
  }

  get size(): number {
    return this.#sources.length + this.#others.size;
  }

  /** What tells the meters apart. */
  get sources(): string[] {
    return [...this.#sources, ...this.#others.keys()];
  }

  /** The positions of all meters. */
  get entries(): [source: string, last: Last][] {
    const [seconds, nanoseconds] = this.#at ?? [0, 0];
    const even = this.#sources.map((source, i): [string, Last] => {
      return [source, [seconds, nanoseconds, this.#values[i] as number]];
    });
    return [...even, ...this.#others];
  }

  get(source: string): Last | undefined {
    return this.#apart().get(source);
  }

  set(source: string, last: Last): void {
    this.#apart().set(source, last);
  }

  delete(source: string): void {
    this.#apart().delete(source);
  }

  /** The meters that have not been read since a time, in seconds since 1970. */
  silentSince(seconds: number): string[] {
    const even = this.#at && toSeconds(this.#at) < seconds ? this.#sources : [];
    const others = [...this.#others].filter(([, last]) => toSeconds(timeOf(last)) < seconds);
    return [...even, ...others.map(([source]) => source)];
  }

  /**
   * Moves all meters on where that is plain: each has one point, all of one time after that of all before, none has fallen,
   * and none has risen beyond the ceiling. Returns what they have risen by; else undefined, and nothing has moved.
   */
  rise({ sources, times, values }: Columns, ceiling: Ceiling): Increment | undefined {
    const [to] = times;
    if (!to || !this.#gather(sources) || !times.every((time) => isSameTime(time, to))) return undefined;
    const from = this.#at as HrTime;
    const seconds = secondsBetween(from, to);
    if (!(seconds > 0)) return undefined;
    const most = mostWithin(ceiling, seconds);
    let amount = 0;
    for (let i = 0; i < values.length; i++) {
      const risen = (values[i] as number) - (this.#values[i] as number);
      if (!(risen >= 0 && risen <= most)) return undefined;
      amount += risen;
    }
    this.#at = to;
    this.#values = [...values];
    return { from, to, amount };
  }

  /** Keeps the values of these meters in a list, where they are all and were read at one time; returns whether they are. */
  #gather(sources: readonly string[]): boolean {
    if (sources.length !== this.size) return false;
    if (this.#others.size === 0) return sources.every((source, i) => source === this.#sources[i]);
    if (this.#sources.length > 0) return false;
    const lasts = sources.map((source) => this.#others.get(source));
    const at = lasts[0] && timeOf(lasts[0]);
    if (!at || new Set(sources).size < sources.length) return false;
    if (!lasts.every((last) => last?.length === 3 && isSameTime(timeOf(last), at))) return false;
    this.#at = at;
    this.#sources = sources;
    this.#sourcesText = undefined;
    this.#values = lasts.map((last) => (last as Last)[2]);
    this.#others = new Map();
    return true;
  }

  /** The positions of all meters, each for itself. */
  #apart(): Map<string, Last> {
    if (this.#sources.length > 0) {
      this.#others = new Map(this.entries);
      this.#at = null;
      this.#sources = [];
      this.#sourcesText = undefined;
      this.#values = [];
    }
    return this.#others;
  }
}
