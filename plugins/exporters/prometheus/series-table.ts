import type { HrTime } from '@opentelemetry/api';
import { pointText, timeText, type Value } from './exposition-text.ts';
import type { LabelSet, LabelSets } from './label-sets.ts';
import type { SeriesLabels } from './labels.ts';
import { TextBlock } from './text-block.ts';

/** How the series of a family become text, and how long they are kept. */
export interface SeriesTableOptions {
  readonly sets: LabelSets;
  readonly name: string;
  /** The lines before all points. */
  readonly head: string;
  readonly withTimes: boolean;
  /** How many series one piece of text has: they are written in one go. */
  readonly seriesPerPiece: number;
  /** Milliseconds after which a series that nobody has renewed is dropped; 0 is never. */
  readonly expiration: number;
}

interface KeptPiece {
  readonly piece: TextBlock;
  readonly hasHead: boolean;
}

/**
 * The latest point of each series of a family, in the order in which the series came, and their text. They stand in
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
  readonly #pieces: (KeptPiece | undefined)[] = [];
  #dropped = 0;

  constructor(options: SeriesTableOptions) {
    this.#options = options;
  }

  /** How many pieces its text has at most. */
  get pieceCount(): number {
    return Math.ceil(this.#sets.length / this.#options.seriesPerPiece);
  }

  /** How full a piece is, from 0 to 1. */
  fullness(index: number): number {
    return this.#endOf(index) / this.#options.seriesPerPiece - index;
  }

  /** Takes over a point as of the time `now` in milliseconds, unless a later one is there. */
  put({ set, text }: SeriesLabels, value: Value, [seconds, nanoseconds]: HrTime, now: number): void {
    let row = set.rowIn(this);
    if (row === undefined) {
      row = this.#sets.push(set) - 1;
      set.place(this, row);
      this.#texts.push(text);
    } else {
      const before = (this.#seconds[row] as number) - seconds;
      if (before * 1e9 + ((this.#nanoseconds[row] as number) - nanoseconds) > 0) return;
      // Where they are the same the first one is kept, which other series have too.
      if (this.#texts[row] !== text) this.#texts[row] = text;
    }
    this.#values[row] = value;
    this.#seconds[row] = seconds;
    this.#nanoseconds[row] = nanoseconds;
    this.#takenAt[row] = now;
    this.#pieces[Math.floor(row / this.#options.seriesPerPiece)] = undefined;
  }

  /** Drops what has expired at `now` among the series of a piece. */
  expire(index: number, now: number): void {
    const { expiration, seriesPerPiece } = this.#options;
    if (expiration === 0) return;
    const end = this.#endOf(index);
    for (let row = index * seriesPerPiece; row < end; row++) {
      if (!this.#sets[row] || now - (this.#takenAt[row] as number) <= expiration) continue;
      this.#drop(row);
      this.#pieces[index] = undefined;
    }
  }

  /** Drops all series. */
  clear(): void {
    for (const row of this.#sets.keys()) this.#drop(row);
  }

  /** A piece as it was written last, where nothing has changed since. */
  kept(index: number, withHead: boolean): TextBlock | undefined {
    const kept = this.#pieces[index];
    return kept?.hasHead === withHead ? kept.piece : undefined;
  }

  /** Writes a piece, after the head where that is wanted; undefined where all of its series have been dropped. */
  write(index: number, withHead: boolean): TextBlock | undefined {
    const { name, head, withTimes, seriesPerPiece } = this.#options;
    let text = '';
    const end = this.#endOf(index);
    for (let row = index * seriesPerPiece; row < end; row++) {
      if (!this.#sets[row]) continue;
      const time = withTimes ? timeText([this.#seconds[row] as number, this.#nanoseconds[row] as number]) : '';
      text += pointText(name, this.#texts[row] as string, this.#values[row] as Value, time);
    }
    if (text === '') return undefined;
    const piece = new TextBlock(withHead ? head + text : text);
    this.#pieces[index] = { piece, hasHead: withHead };
    return piece;
  }

  /** The same series in a table without the rows of those that were dropped, where these have become the most. */
  compacted(): SeriesTable {
    if (this.#dropped * 2 <= this.#sets.length) return this;
    const table = new SeriesTable(this.#options);
    for (const [row, set] of this.#sets.entries()) {
      if (!set) continue;
      const end: HrTime = [this.#seconds[row] as number, this.#nanoseconds[row] as number];
      table.put(
        { set, text: this.#texts[row] as string },
        this.#values[row] as Value,
        end,
        this.#takenAt[row] as number,
      );
      this.#options.sets.release(set, this);
    }
    return table;
  }

  #drop(row: number): void {
    const set = this.#sets[row];
    if (!set) return;
    this.#options.sets.release(set, this);
    this.#sets[row] = undefined;
    this.#texts[row] = '';
    this.#dropped++;
  }

  #endOf(index: number): number {
    return Math.min(this.#sets.length, (index + 1) * this.#options.seriesPerPiece);
  }
}
