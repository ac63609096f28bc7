import type { HrTime } from '@opentelemetry/api';
import { pointText, timeText, type Value } from './exposition-text.ts';
import type { LabelSet, LabelSets, SeriesLabels } from './label-sets.ts';
import { TextBlock } from './text-block.ts';

/** The options of a table. */
export interface SeriesTableOptions {
  readonly sets: LabelSets;
  readonly name: string;
  readonly withTimes: boolean;
  /** The number of series in a piece of text, which is written without a pause. */
  readonly seriesPerPiece: number;
  /** Milliseconds after which a series without a new point is dropped; 0 is never. */
  readonly expiration: number;
  readonly room: SeriesRoom;
}

/** How many series there are in all tables, and how many there may be. */
export interface SeriesRoom {
  readonly limit: number;
  taken: number;
}

/** Why a point has no place: another sender has its series, or there is no room for one more. */
export type NoPlace = 'ambiguous_series' | 'series_limit';

/** Milliseconds without a point after which another sender may go on with a series: Prometheus's own staleness. */
const STALE = 5 * 60_000;
/** Milliseconds without a point after which a series of a sender is dropped: those that restart have others each time. */
const GONE = 60 * 60_000;

/**
 * The latest point of each series of a family, in the order of their first points, and their text. Points are kept in
 * columns, which take a third of the memory of objects.
 */
export class SeriesTable {
  readonly #options: SeriesTableOptions;
  /** Undefined in the row of a series that has been dropped. */
  readonly #sets: (LabelSet | undefined)[] = [];
  readonly #texts: string[] = [];
  readonly #values: Value[] = [];
  readonly #seconds: number[] = [];
  readonly #nanoseconds: number[] = [];
  readonly #takenAt: number[] = [];
  /** Who sends a series, where only one may. */
  readonly #senders: (string | undefined)[] = [];
  readonly #pieces: (TextBlock | undefined)[] = [];
  #dropped = 0;

  constructor(options: SeriesTableOptions) {
    this.#options = options;
  }

  /** Whether it has no series. */
  get isEmpty(): boolean {
    return this.#dropped === this.#sets.length;
  }

  /** The maximum number of pieces of the text. */
  get pieceCount(): number {
    return Math.ceil(this.#sets.length / this.#options.seriesPerPiece);
  }

  /** Returns how full a piece is, from 0 to 1. */
  fullness(index: number): number {
    return this.#endOf(index) / this.#options.seriesPerPiece - index;
  }

  /**
   * Puts a point at the time `now` in milliseconds, unless the series has a later one. Returns why it has no place, if it
   * has none.
   */
  put(
    labels: SeriesLabels,
    value: Value,
    [seconds, nanoseconds]: HrTime,
    now: number,
    sender?: string,
  ): NoPlace | undefined {
    const { set, text } = labels;
    let row = set.rowIn(this);
    if (row === undefined) {
      const { room } = this.#options;
      if (room.taken >= room.limit) {
        this.#options.sets.forget(set);
        return 'series_limit';
      }
      room.taken++;
      row = this.#sets.push(set) - 1;
      set.place(this, row);
      this.#texts.push(text);
    } else {
      const other = this.#senders[row];
      const isOthers = sender !== undefined && other !== undefined && other !== sender;
      if (isOthers && now - (this.#takenAt[row] as number) <= STALE) return 'ambiguous_series';
      const before = (this.#seconds[row] as number) - seconds;
      if (before * 1e9 + ((this.#nanoseconds[row] as number) - nanoseconds) > 0) return undefined;
      // Equal texts are not replaced, so that all series of a run share one string.
      if (this.#texts[row] !== text) this.#texts[row] = text;
    }
    this.#values[row] = value;
    this.#seconds[row] = seconds;
    this.#nanoseconds[row] = nanoseconds;
    this.#takenAt[row] = now;
    this.#senders[row] = sender;
    this.#pieces[Math.floor(row / this.#options.seriesPerPiece)] = undefined;
    return undefined;
  }

  /** Drops the series of a piece that have expired at `now`. */
  expire(index: number, now: number): void {
    const { expiration: configured, seriesPerPiece } = this.#options;
    const end = this.#endOf(index);
    for (let row = index * seriesPerPiece; row < end; row++) {
      const expiration = configured || (this.#senders[row] === undefined ? 0 : GONE);
      if (!this.#sets[row] || expiration === 0 || now - (this.#takenAt[row] as number) <= expiration) continue;
      this.#drop(row);
      this.#pieces[index] = undefined;
    }
  }

  /** Drops all series. */
  clear(): void {
    for (const row of this.#sets.keys()) this.#drop(row);
  }

  /** Returns a piece as it was last written; undefined where it has changed since. */
  kept(index: number): TextBlock | undefined {
    return this.#pieces[index];
  }

  /** Writes a piece; undefined where all of its series have been dropped. */
  write(index: number): TextBlock | undefined {
    const { name, withTimes, seriesPerPiece } = this.#options;
    let text = '';
    const end = this.#endOf(index);
    for (let row = index * seriesPerPiece; row < end; row++) {
      if (!this.#sets[row]) continue;
      const time = withTimes ? timeText(this.#timeOf(row)) : '';
      text += pointText(name, this.#texts[row] as string, this.#values[row] as Value, time);
    }
    this.#pieces[index] = text === '' ? undefined : new TextBlock(text);
    return this.#pieces[index];
  }

  /** Returns the same series in a table without dropped rows, where these are more than half of all. */
  compacted(): SeriesTable {
    if (this.#dropped * 2 <= this.#sets.length) return this;
    const table = new SeriesTable(this.#options);
    this.#options.room.taken -= this.#sets.length - this.#dropped;
    for (const [row, set] of this.#sets.entries()) {
      if (!set) continue;
      const labels = { set, text: this.#texts[row] as string };
      const [takenAt, sender] = [this.#takenAt[row] as number, this.#senders[row]];
      table.put(labels, this.#values[row] as Value, this.#timeOf(row), takenAt, sender);
      this.#options.sets.release(set, this);
      // Another scrape may still look for what has expired in this table.
      this.#sets[row] = undefined;
    }
    return table;
  }

  #drop(row: number): void {
    const set = this.#sets[row];
    if (!set) return;
    this.#options.sets.release(set, this);
    this.#options.room.taken--;
    this.#sets[row] = undefined;
    this.#texts[row] = '';
    this.#dropped++;
  }

  #timeOf(row: number): HrTime {
    return [this.#seconds[row] as number, this.#nanoseconds[row] as number];
  }

  #endOf(index: number): number {
    return Math.min(this.#sets.length, (index + 1) * this.#options.seriesPerPiece);
  }
}
