import { isUtf8 } from 'node:buffer';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
} from '../results/ascii.ts';
import { Allowance, DEEPEST, failPart, MOST_IN_A_PART, OtlpError, type OtlpLimits } from './otlp-error.ts';
import { Texts } from './texts.ts';

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
/** What a list and an object are read as where something else must stand. */
const LIST = Object.freeze([]);
const OBJECT = Object.freeze({});

/**
 * Reads JSON straight out of its bytes, part by part and in one pass, so that nothing is made of what nobody asks for. Throws
 * `OtlpError` where it is not JSON in UTF-8. It counts what it passes as messages.
 */
export class JsonText {
  readonly left: Allowance;
  readonly #bytes: Buffer;
  readonly #texts = new Texts();
  #at = 0;
  /** Whether a list or an object has been opened, and nothing of it read. */
  #isFresh = false;
  /** The keys and places in lists of the value that is being read. */
  readonly #path: (string | number)[] = [];

  constructor(bytes: Uint8Array, limits?: OtlpLimits) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.left = new Allowance(bytes.byteLength, limits);
    if (!isUtf8(bytes)) this.#fail('it is not UTF-8');
    if (this.#bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) this.#at = BYTE_ORDER_MARK.length;
  }

  /** Where the value is that is being read, such as `resourceMetrics[0].schemaUrl`; empty is the whole. */
  get path(): string {
    const parts = this.#path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`));
    return parts.join('').replace(/^\./, '');
  }

  /** Opens the object or the list that comes next; false where something else does. */
  open(bracket: typeof OPEN_BRACE | typeof OPEN_BRACKET): boolean {
    if (this.#next() !== bracket) return false;
    this.#at++;
    this.#isFresh = true;
    return true;
  }

  /** Goes on to the next key of the open object, and returns it; undefined where the object ends, which closes it. */
  nextKey(): string | undefined {
    if (!this.#goOn(CLOSE_BRACE)) return undefined;
    if (this.#next() !== QUOTE) this.#fail('a key is missing');
    const key = this.#text();
    if (this.#next() !== COLON) this.#fail('a colon is missing');
    this.#at++;
    return key;
  }

  /** Goes on to the next item of the open list; false where the list ends, which closes it. */
  nextItem(): boolean {
    return this.#goOn(CLOSE_BRACKET);
  }

  enter(place: string | number): void {
    this.#path.push(place);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Counts a message. Throws where there are too many for the bytes, or for the part that is being read. */
  count(depth: number): void {
    const { left } = this;
    if (--left.messages < left.fewest) {
      if (left.messages >= 0) failPart(this.path || 'an unknown field');
      throw new OtlpError(`${this.path || 'an unknown field'} is one of more messages than its body may hold`);
    }
    if (depth > DEEPEST)
      throw new OtlpError(`${this.path || 'an unknown field'} is nested more than ${DEEPEST} levels deep`);
  }

  /** Reads null where it comes next; false where something else does. */
  readNull(): boolean {
    return this.#next() === 0x6e && this.scalar() === null;
  }

  /** Reads a text, a number, true, false or null. A list and an object are not read: an empty one stands for them. */
  scalar(): unknown {
    const first = this.#next();
    if (first === QUOTE) return this.#text();
    if (first === OPEN_BRACKET) return LIST;
    if (first === OPEN_BRACE) return OBJECT;
    const from = this.#at;
    const word = this.#word();
    if (NUMBER.test(word)) return Number(word);
    if (!Object.hasOwn(WORDS, word)) {
      this.#at = from;
      this.#fail(from < this.#bytes.length ? 'no value' : 'it is cut off');
    }
    return WORDS[word];
  }

  /** Passes over a value, which may hold no more than one part. */
  pass(depth: number): void {
    const { left } = this;
    const { fewest } = left;
    left.fewest = Math.max(fewest, left.messages - MOST_IN_A_PART);
    this.#pass(depth);
    left.fewest = fewest;
  }

  #pass(depth: number): void {
    this.count(depth);
    if (this.open(OPEN_BRACE)) while (this.nextKey() !== undefined) this.#pass(depth + 1);
    else if (this.open(OPEN_BRACKET)) while (this.nextItem()) this.#pass(depth + 1);
    else this.scalar();
  }

  /** Throws where anything follows. */
  end(): void {
    this.#next();
    if (this.#at < this.#bytes.length) this.#fail('there is more behind its end');
  }

  #goOn(close: number): boolean {
    const isFirst = this.#isFresh;
    this.#isFresh = false;
    if (this.#next() === close) {
      this.#at++;
      return false;
    }
    if (isFirst) return true;
    if (this.#next() !== COMMA) this.#fail(this.#at < this.#bytes.length ? 'a comma is missing' : 'it is cut off');
    this.#at++;
    if (this.#next() === close) this.#fail('a value is missing');
    return true;
  }

  /** Goes on to the next byte that is no space, and returns it; -1 is the end. */
  #next(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < bytes.length && isSpace(bytes[at] as number)) at++;
    this.#at = at;
    return at < bytes.length ? (bytes[at] as number) : -1;
  }

  /** Reads what a number or a word is made of. */
  #word(): string {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    while (at < bytes.length && isOfWord(bytes[at] as number)) at++;
    this.#at = at;
    return this.#texts.read(bytes, from, at);
  }

  /** Reads the text at whose opening quote it is. */
  #text(): string {
    const bytes = this.#bytes;
    const from = this.#at + 1;
    let at = from;
    let hasEscapes = false;
    while (at < bytes.length && bytes[at] !== QUOTE) {
      const byte = bytes[at++] as number;
      if (byte < SPACE) this.#fail('a text has a control character');
      if (byte !== BACKSLASH) continue;
      hasEscapes = true;
      at++;
    }
    if (at >= bytes.length) this.#fail('a text has no end');
    const text = hasEscapes ? this.#unescaped(from - 1, at + 1) : this.#texts.read(bytes, from, at);
    this.#at = at + 1;
    return text;
  }

  #unescaped(from: number, to: number): string {
    try {
      return JSON.parse(this.#bytes.toString('utf8', from, to));
    } catch {
      this.#fail('a text has an invalid escape');
    }
  }

  #fail(problem: string): never {
    throw new OtlpError(`the body is not valid OTLP/JSON: ${problem} at byte ${this.#at}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether numbers and words are made of that byte. */
function isOfWord(byte: number): boolean {
  if (byte >= 0x61 && byte <= 0x7a) return true;
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e || byte === 0x2b || byte === 0x45;
}
