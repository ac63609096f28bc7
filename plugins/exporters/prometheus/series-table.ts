import type { HrTime } from '@opentelemetry/api';
import { timeText, type WritePoint } from './exposition-text.ts';
import type { Labels } from './labels.ts';
import { Piece } from './piece.ts';

/** How the series of a family become text, and how long they are kept. */
export interface SeriesTableOptions<V> {
  /** The lines before all points. */
  readonly head: string;
  readonly write: WritePoint<V>;
  readonly withTimes: boolean;
  /** How many series one piece of text has: they are written in one go. */
  readonly seriesPerPiece: number;
  /** Milliseconds after which a series that nobody has renewed is dropped; 0 is never. */
  readonly expiration: number;
}

interface KeptPiece {
  readonly piece: Piece;
  readonly hasHead: boolean;
}

/**
 * The latest point of each series of a family, in the order in which the series came, and their text. They stand in
 * columns, which take a third of the memory of objects.
 */
export class SeriesTable<V> {
  readonly #options: SeriesTableOptions<V>;
  /** The row of a series by the key of its labels. */
  readonly #rows = new Map<string, number>();
  /** Undefined in the row of a series that has been dropped. */
  readonly #labels: (Labels | undefined)[] = [];
  readonly #values: V[] = [];
  readonly #seconds: number[] = [];
  readonly #nanoseconds: number[] = [];
  readonly #takenAt: number[] = [];
  readonly #pieces: (KeptPiece | undefined)[] = [];

  constructor(options: SeriesTableOptions<V>) {
    this.#options = options;
  }

  /** How many pieces its text has at most. */
  get pieceCount(): number {
    return Math.ceil(this.#labels.length / this.#options.seriesPerPiece);
  }

  /** Takes over a point as of the time `now` in milliseconds, unless a later one is there. */
  put(labels: Labels, value: V, [seconds, nanoseconds]: HrTime, now: number): void {
    let row = this.#rows.get(labels.key);
    if (row === undefined) {
      row = this.#labels.push(labels) - 1;
      this.#rows.set(labels.key, row);
    } else {
      const before = (this.#seconds[row] as number) - seconds;
      if (before * 1e9 + ((this.#nanoseconds[row] as number) - nanoseconds) > 0) return;
      // The older text is kept where it is the same, since the series of other families share it.
      if (this.#labels[row]?.text !== labels.text) this.#labels[row] = labels;
    }
    this.#values[row] = value;
    this.#seconds[row] = seconds;
    this.#nanoseconds[row] = nanoseconds;
    this.#takenAt[row] = now;
    this.#pieces[Math.floor(row / this.#options.seriesPerPiece)] = undefined;
  }

  /** Drops what has expired at `now` among the series of a piece. */
  expire(index: number, now: number): void {
    const { expiration } = this.#options;
    if (expiration === 0) return;
    const end = this.#endOf(index);
    for (let row = index * this.#options.seriesPerPiece; row < end; row++) {
      const labels = this.#labels[row];
      if (!labels || now - (this.#takenAt[row] as number) <= expiration) continue;
      this.#rows.delete(labels.key);
      this.#labels[row] = undefined;
      this.#pieces[index] = undefined;
    }
  }

  /** A piece as it was written last, where nothing has changed since. */
  kept(index: number, withHead: boolean): Piece | undefined {
    const kept = this.#pieces[index];
    return kept?.hasHead === withHead ? kept.piece : undefined;
  }

  /** Writes a piece, after the head where that is wanted; undefined where all of its series have been dropped. */
  write(index: number, withHead: boolean): Piece | undefined {
    const { head, write, withTimes, seriesPerPiece } = this.#options;
    let text = '';
    const end = this.#endOf(index);
    for (let row = index * seriesPerPiece; row < end; row++) {
      const labels = this.#labels[row];
      if (!labels) continue;
      const time = withTimes ? timeText([this.#seconds[row] as number, this.#nanoseconds[row] as number]) : '';
      text += write(labels.text, this.#values[row] as V, time);
    }
    if (text === '') return undefined;
    const piece = new Piece(withHead ? head + text : text);
    this.#pieces[index] = { piece, hasHead: withHead };
    return piece;
  }

  /** The same table without the rows of what has been dropped, once they are more than the others. */
  compacted(): SeriesTable<V> {
    if (this.#labels.length <= 2 * this.#rows.size) return this;
    const table = new SeriesTable<V>(this.#options);
    for (const [row, labels] of this.#labels.entries()) {
      if (!labels) continue;
      const end: HrTime = [this.#seconds[row] as number, this.#nanoseconds[row] as number];
      table.put(labels, this.#values[row] as V, end, this.#takenAt[row] as number);
    }
    return table;
  }

  #endOf(index: number): number {
    return Math.min(this.#labels.length, (index + 1) * this.#options.seriesPerPiece);
  }
}
