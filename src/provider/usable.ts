import { RejectedError } from '../errors.ts';
import type { Reading, Span, Stretch } from './readings.ts';

/** The readings of an answer, and what is wrong with each of its rows that cannot be used. */
export interface UsableRows {
  readonly readings: readonly Reading[];
  readonly flaws: readonly RejectedError[];
}

/** Sorts the rows of an answer. Throws what is wrong with the first one where none can be used. */
export function usableRows(rows: readonly (Reading | RejectedError)[], resolution: number): UsableRows {
  const readings: Reading[] = [];
  const flaws: RejectedError[] = [];
  for (const row of rows) {
    const flaw = row instanceof RejectedError ? row : flawOf(row, resolution);
    if (flaw) flaws.push(flaw);
    else readings.push(row as Reading);
  }
  const [first] = flaws;
  if (first && readings.length === 0) throw first;
  return { readings, flaws };
}

/** Returns what is wrong with a reading, if anything. */
function flawOf({ from, value }: Reading, resolution: number): RejectedError | undefined {
  if (!Number.isFinite(value)) return new RejectedError(`a value is ${value}`);
  if (Number.isSafeInteger(from / resolution)) return undefined;
  const date = new Date(from * 1000);
  const time = Number.isNaN(date.getTime()) ? from : date.toISOString();
  return new RejectedError(`a value is of ${time}, where no period of ${resolution} s begins`);
}

/** Whether there are readings of all periods of a span. */
export function haveAll(readings: readonly Reading[], { first, last }: Span, resolution: number): boolean {
  const periods = new Set(readings.map(({ from }) => from / resolution));
  for (let period = first; period <= last; period++) if (!periods.has(period)) return false;
  return true;
}

/** Whether a time (seconds since 1970) is known throughout by values of its own. */
export function areLive(stretches: readonly Stretch[], from: number, to: number): boolean {
  let known = from;
  for (const stretch of stretches) {
    if (stretch.state !== 'live' || stretch.from > known) return false;
    known = stretch.to;
  }
  return stretches.length > 0 && known >= to;
}
