import type { Attributes } from '@opentelemetry/api';
import { Attribute, attributesKey } from '../model/attributes.ts';
import { toSeconds } from '../model/hr-time.ts';
import { predictedCpu, predictedPower } from '../model/predicted.ts';
import type { Run } from '../model/run.ts';
import type { Signal } from '../model/signals.ts';
import { signalOrBoundNamed } from './bounds.ts';
import type { KeptRunsOptions } from './kept-runs.ts';
import { type Amount, amountsOf, type Stretch } from './slice-amounts.ts';
import { SliceGroups } from './slice-groups.ts';
import { type FoundFigures, plus } from './valued.ts';

/** What slices with the same attributes came to in a stretch of time. */
export interface KeptPeriod extends Stretch {
  readonly amounts: Map<Signal, number>;
  /** How many amounts of slices they were added up from, each end of an interval being one. */
  slices: number;
}

/** Slices with the same attributes and labels, added up by the periods of their factors. */
export interface KeptStream {
  readonly key: string;
  readonly attributes: Attributes;
  readonly periods: Map<string, KeptPeriod>;
  /** The sums of the figures that were handed on for these periods. */
  found: FoundFigures;
  /** The state of a factor that is furthest from live, by `rankOf`. */
  rank: number;
  /** How many revisions were read before the first of its slices was valued; 0 after a restart. */
  valuedAt: number;
}

/** What a slice is kept as, once it was taken. */
interface Noted extends Pick<KeptStream, 'found' | 'rank' | 'valuedAt'> {
  readonly attributes: Attributes;
  readonly amounts: readonly Amount[];
}

/** A stream as it is stored. */
interface StoredStream extends Omit<KeptStream, 'periods' | 'valuedAt'> {
  readonly periods: readonly (Omit<KeptPeriod, 'amounts'> & {
    readonly amounts: readonly (readonly [field: string, amount: number])[];
  })[];
}

/** What tells the slices of a stream apart, and not streams. */
const OF_A_SLICE: ReadonlySet<string> = new Set([
  ...[Attribute.streamId, Attribute.streamPart, Attribute.streamPosition],
  ...[Attribute.startTime, Attribute.endTime, Attribute.duration, Attribute.sampling],
  // What is predicted of each slice is kept as amounts.
  ...[predictedPower, predictedCpu].flatMap(({ value, lower, upper, level }) => [value, lower, upper, level]),
]);

/** Memory of a period with what it came to. */
const BYTES_A_PERIOD = 400;

/** Keeps what slices came to, added up, so that a stream takes no more room than the hours that may be revised. */
export class KeptStreams {
  /** How many slices there was no room for. */
  dropped = 0;
  /** The keys of what has changed since somebody has looked. */
  readonly changed = new Set<string>();
  /** How many periods are kept. */
  size = 0;
  readonly #most: number;
  readonly #window: number;
  readonly #streams = new Map<string, KeptStream>();
  readonly #groups = new SliceGroups<Noted>();

  /** Keeps so many MiB at most, for `window` milliseconds. */
  constructor({ window, size_limit_mib }: Pick<KeptRunsOptions, 'window' | 'size_limit_mib'>) {
    this.#most = (size_limit_mib * 1024 ** 2) / BYTES_A_PERIOD;
    this.#window = window;
  }

  get all(): readonly KeptStream[] {
    return [...this.#streams.values()];
  }

  /** Notes what a slice was valued at by factors of some periods, for the time when it is taken. */
  note(run: Run, valued: Pick<KeptStream, 'found' | 'rank' | 'valuedAt'>, periods: readonly Stretch[]): void {
    if (this.isOver({ from: 0, to: toSeconds(run.window.end) })) return;
    const attributes = Object.fromEntries(Object.entries(run.attributes).filter(([name]) => !OF_A_SLICE.has(name)));
    this.#groups.note(run, { ...valued, attributes, found: [...valued.found], amounts: amountsOf(run, periods) });
  }

  /** Keeps the slices among these runs that were counted, by what became of them. */
  settle(runs: readonly Run[], deferred: ReadonlySet<Run>): void {
    for (const noted of this.#groups.settle(runs, deferred)) this.#add(noted);
  }

  /** Whether a period is not valued again any more. */
  isOver({ to }: Stretch): boolean {
    return Date.now() - to * 1000 > this.#window;
  }

  /** Forgets a period of a stream, and what its figures were of those that were handed on. */
  forget(stream: KeptStream, period: KeptPeriod, found: FoundFigures): void {
    if (!stream.periods.delete(keyOf(period))) return;
    this.size--;
    stream.found = plus(stream.found, found, -1);
    this.changed.add(stream.key);
    if (stream.periods.size === 0) this.#streams.delete(stream.key);
  }

  /** Forgets the streams that are not valued again any more. */
  expire(): void {
    for (const stream of this.#streams.values()) {
      if (![...stream.periods.values()].every((period) => this.isOver(period))) continue;
      this.size -= stream.periods.size;
      this.#streams.delete(stream.key);
      this.changed.add(stream.key);
    }
  }

  /** Notes that what is known of a stream has changed. */
  revise(stream: KeptStream, more: FoundFigures, rank: number): void {
    stream.found = plus(stream.found, more);
    stream.rank = rank;
    this.changed.add(stream.key);
  }

  /** Returns the stream of a key as a text; undefined where there is none. */
  textOf(key: string): string | undefined {
    const stream = this.#streams.get(key);
    if (!stream) return undefined;
    const periods = Array.from(stream.periods.values(), ({ amounts, ...period }) => {
      return { ...period, amounts: Array.from(amounts, ([{ field }, amount]) => [field, amount] as const) };
    });
    return JSON.stringify({ ...stream, periods } satisfies StoredStream);
  }

  /** Keeps the stream of a text. */
  restore(text: string): void {
    const stored = JSON.parse(text) as StoredStream;
    const periods = stored.periods.map(({ amounts, ...period }): [string, KeptPeriod] => {
      const known = amounts.flatMap(([field, amount]) => {
        const signal = signalOrBoundNamed(field);
        return signal ? [[signal, amount] as const] : [];
      });
      return [keyOf(period), { ...period, amounts: new Map(known) }];
    });
    // What JSON has no word for is null.
    const found = stored.found.map((one) => one ?? undefined);
    this.#streams.set(stored.key, { ...stored, found, periods: new Map(periods), valuedAt: 0 });
    this.size += periods.length;
  }

  #add({ attributes, amounts, found, rank, valuedAt }: Noted): void {
    const key = `${attributesKey(attributes)} ${JSON.stringify(found.map((one) => one?.labels ?? null))}`;
    const periods = new Set(amounts.map(keyOf));
    if (this.size + periods.size > this.#most) {
      this.dropped++;
      return;
    }
    const stream = this.#streams.get(key) ?? { key, attributes, periods: new Map(), found, rank, valuedAt };
    const isNew = !this.#streams.has(key);
    this.#streams.set(key, stream);
    this.changed.add(key);
    if (!isNew) stream.found = plus(stream.found, found);
    stream.rank = Math.max(stream.rank, rank);
    stream.valuedAt = Math.min(stream.valuedAt, valuedAt);
    for (const { signal, from, to, value } of amounts) {
      const known = stream.periods.get(keyOf({ from, to }));
      const period = known ?? { from, to, amounts: new Map<Signal, number>(), slices: 0 };
      if (!known) {
        stream.periods.set(keyOf({ from, to }), period);
        this.size++;
      }
      period.slices++;
      period.amounts.set(signal, (period.amounts.get(signal) ?? 0) + value);
    }
  }
}

function keyOf({ from, to }: Stretch): string {
  return `${from} ${to}`;
}
