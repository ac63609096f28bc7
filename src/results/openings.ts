import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './ascii.ts';
import { tableOf } from './bytes.ts';

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
