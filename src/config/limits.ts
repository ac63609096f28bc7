import { Lexer } from 'yaml';
import type { Flaw } from '../errors.ts';

/** The longest text that is read as a part of a configuration, in bytes. */
export const MOST_BYTES = 1024 * 1024;
/** How many words and marks of YAML a text may have: some 14,000 lines with a key and a value. */
const MOST_TOKENS = 100_000;
/** How many keys and values a configuration may have, those that are repeated among them. */
export const MOST_VALUES = 25_000;
/** How many components a configuration may have. */
export const MOST_COMPONENTS = 1000;
/** Values nested deeper than this are refused. */
export const DEEPEST = 100;
/** How many characters all expressions of a configuration may put in. */
export const MOST_PUT_IN = 4 * MOST_BYTES;

/** What is too much, and where. */
export interface Excess extends Flaw {
  readonly offset: number;
}

const SPLIT = 'split the configuration, or write less of it';
/** The lexer's own marks of a document, of the end of a list or map in brackets, and of a text that follows. */
const MARKS = ['\u0002', '\u0018', '\uFEFF'];
const TEXT_FOLLOWS = '\u001f';

/** Returns what makes a text too much to be read as YAML, by its words alone, which takes little; undefined where it is fine. */
export function excessOf(text: string): Excess | undefined {
  if (text.length > MOST_BYTES)
    return { offset: 0, message: `the text has more than ${MOST_BYTES / 1024} KiB`, remedy: SPLIT };
  let [offset, tokens, depth, properties, items] = [0, 0, 0, 0, 0];
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    if (MARKS.includes(token)) continue;
    const first = isText ? '' : token[0];
    isText = token === TEXT_FOLLOWS;
    if (isText) {
      properties = 0;
      continue;
    }
    if (++tokens > MOST_TOKENS)
      return { offset, message: `the text has more than ${MOST_TOKENS} words and marks`, remedy: SPLIT };
    if (first === '[' || first === '{') depth++;
    else if (first === ']' || first === '}') depth--;
    // Items and keys that begin on one line are in each other, and the parser takes very long for thousands.
    if (first === '\n' || first === '\r') items = 0;
    else if (token === '-' || token === '?') items++;
    if (Math.max(depth, items) > DEEPEST) return { offset, ...tooDeep };
    // A value has an anchor and a tag at most; the parser takes very long for thousands.
    if (first === '&' || first === '!') properties++;
    if (properties > 10)
      return { offset, message: 'more than 10 anchors and tags follow each other', remedy: 'keep one' };
    offset += token.length;
  }
  return undefined;
}

export const tooDeep: Flaw = {
  message: `values are nested more than ${DEEPEST} levels deep`,
  remedy: 'write it flatter',
};

export const tooMany: Flaw = {
  message: `there are more than ${MOST_VALUES} keys and values, with those that are repeated`,
  remedy: SPLIT,
};
