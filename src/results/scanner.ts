import { BACKSLASH, CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE } from './ascii.ts';
import { isWord, spaceEnd } from './bytes.ts';
import { Field, Fields } from './fields.ts';
import { ListScanner } from './lists.ts';
import { NumberScanner } from './numbers.ts';

const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;
const ASCII_END = 0x80;
/** Longer texts and links are not expected to come again, and not kept. */
const KEPT = 64;

/**
 * Scans runs as most are, without nesting, straight out of their bytes. What it takes is JSON, and says what `JSON.parse`
 * says. The bytes must end with a 0, where scanning stops, and three more of any kind.
 */
export class ResultScanner {
  /** What the last run said. */
  readonly fields = new Fields();
  readonly #start = new Field(false);
  readonly #lists = new ListScanner();
  readonly #numbers = new NumberScanner();
  #bytes: Buffer = Buffer.alloc(0);
  #view = viewOf(this.#bytes);
  #field = this.#start;

  /** Scans the run at `from` and returns the index after it, or `~index` of the first byte that it cannot take. */
  scan(bytes: Buffer, from: number): number {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = viewOf(bytes);
    }
    this.fields.clear();
    this.#lists.mark();
    const behind = this.#object(bytes, from);
    if (behind < 0) this.#lists.undo();
    return behind;
  }

  #object(bytes: Buffer, from: number): number {
    if (bytes[from] !== OPEN_BRACE) return ~from;
    this.#field = this.#start;
    let at = from + 1;
    for (;;) {
      at = this.#key(bytes, at);
      if (at < 0) return at;
      const field = this.#field;
      if (!this.fields.begin(field)) return ~at;
      at = this.#value(bytes, at, field);
      if (at < 0) return at;
      const byte = bytes[at] as number;
      if (byte === COMMA) continue;
      const end = byte <= SPACE ? spaceEnd(bytes, at) : at;
      if (bytes[end] === CLOSE_BRACE) return end + 1;
    }
  }

  /** Goes on to the next key and to its value. Most often they are those that came here in the last run: four bytes at a time. */
  #key(bytes: Buffer, from: number): number {
    const { next, link, linkLength } = this.#field;
    if (!next) return this.#newKey(bytes, from);
    const view = this.#view;
    const last = link.length - 1;
    for (let i = 0; i < last; i++) {
      if (view.getInt32(from + 4 * i, true) !== link[i]) return this.#newKey(bytes, from);
    }
    if (view.getInt32(from + linkLength - 4, true) !== link[last]) return this.#newKey(bytes, from);
    this.#field = next;
    return from + linkLength;
  }

  #newKey(bytes: Buffer, from: number): number {
    const before = this.#field;
    let at = spaceEnd(bytes, from);
    if (before !== this.#start) {
      if (bytes[at] !== COMMA) return ~at;
      at = spaceEnd(bytes, at + 1);
    }
    if (bytes[at] !== QUOTE) return ~at;
    const end = plainEnd(bytes, at + 1);
    if (bytes[end] !== QUOTE) return ~end;
    const field = this.fields.of(bytes.toString('latin1', at + 1, end));
    if (!field) return ~at;
    at = spaceEnd(bytes, end + 1);
    if (bytes[at] !== COLON) return ~at;
    at = spaceEnd(bytes, at + 1);
    if (at - from <= KEPT) before.leadTo(field, bytes.subarray(from, at));
    this.#field = field;
    return at;
  }

  #value(bytes: Buffer, at: number, field: Field): number {
    const byte = bytes[at];
    if (byte === QUOTE) return this.#text(bytes, at + 1, field);
    if (byte === OPEN_BRACKET) {
      if (!field.list) return ~at;
      field.value = field.list;
      return this.#lists.read(bytes, at, field.list);
    }
    if (byte === LETTER_N && isWord(bytes, at, 'null')) {
      field.value = null;
      return at + 4;
    }
    if (byte === LETTER_T && isWord(bytes, at, 'true')) {
      field.value = true;
      return at + 4;
    }
    if (byte === LETTER_F && isWord(bytes, at, 'false')) {
      field.value = false;
      return at + 5;
    }
    const end = this.#numbers.read(bytes, at);
    field.value = this.#numbers.value;
    return end;
  }

  #text(bytes: Buffer, from: number, field: Field): number {
    const { texts } = field;
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i] as string;
      if (!isQuoted(bytes, from, text)) continue;
      field.value = text;
      return from + text.length + 1;
    }
    const at = plainEnd(bytes, from);
    if (bytes[at] !== QUOTE) return this.#otherText(bytes, from, field);
    const value = bytes.toString('latin1', from, at);
    if (value.length <= KEPT) field.keep(value);
    field.value = value;
    return at + 1;
  }

  /** Reads a text that has escapes, or more than ASCII, in it. */
  #otherText(bytes: Buffer, from: number, field: Field): number {
    let at = from;
    for (let byte = bytes[at] as number; byte !== QUOTE; byte = bytes[++at] as number) {
      if (byte === BACKSLASH) byte = bytes[++at] as number;
      if (byte < SPACE) return ~at;
    }
    try {
      field.value = JSON.parse(bytes.toString('utf8', from - 1, at + 1)) as string;
    } catch {
      return ~from;
    }
    return at + 1;
  }
}

/** Whether that text stands there, and a quote after it. */
function isQuoted(bytes: Buffer, from: number, text: string): boolean {
  const { length } = text;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return bytes[from + length] === QUOTE;
}

/** The index of the first byte that is a quote, or not plain text in a string. */
function plainEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === QUOTE || byte === BACKSLASH || byte < SPACE || byte >= ASCII_END) return at;
    at++;
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
