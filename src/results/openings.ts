import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './ascii.ts';
import { isSpace, tableOf } from './bytes.ts';
import { RUNS_KEY } from './parts.ts';

/** What opens and closes within a value. */
export const structural = tableOf(QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET);
/** What ends a number or a word, beside what opens and closes. */
export const separating = tableOf(QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA);

/**
 * Returns whether a quote may open a string, by the byte before it that is no space, or 0. Elsewhere it closes one whose own
 * opening was taken for something else.
 */
export function mayOpenString(before: number): boolean {
  return before === 0 || before === COLON || before === COMMA || before === OPEN_BRACKET || before === OPEN_BRACE;
}

/**
 * Returns whether a brace may open an object, likewise. Elsewhere it is the next run, and the one before it has no end.
 */
export function mayOpenObject(before: number, isInList: boolean): boolean {
  return before === COMMA ? isInList : before === 0 || before === COLON || before === OPEN_BRACKET;
}

/** Returns the last byte of the value from `from` on, before `index`, that is no space, or 0. */
export function byteBefore(bytes: Buffer, from: number, index: number): number {
  const before = indexBefore(bytes, from, index);
  return before < from ? 0 : (bytes[before] as number);
}

/** Returns whether the key that lists runs stands before `index`, in an object that begins at `from`. */
export function isRunsKeyBefore(bytes: Buffer, from: number, index: number): boolean {
  const quote = indexBefore(bytes, from, indexBefore(bytes, from, index));
  const start = quote - RUNS_KEY.length - 1;
  if (start <= from || bytes[start] !== QUOTE || bytes[start - 1] === BACKSLASH) return false;
  return bytes.toString('latin1', start + 1, quote) === RUNS_KEY;
}

function indexBefore(bytes: Buffer, from: number, index: number): number {
  let i = index - 1;
  while (i >= from && isSpace(bytes[i] as number)) i--;
  return i;
}
