/** Longer texts are rarely the same again. */
const LONGEST = 64;
const SLOTS = 4096;

/**
 * Reads texts and keeps those that come again, such as names and labels: looking one up costs a third of making it, and
 * the same text is the same object in all runs. It holds no more than 4,096 texts of 64 bytes.
 */
export class Texts {
  readonly #known: (string | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The text in these bytes; what is not UTF-8 in them becomes the replacement character. */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > LONGEST) return bytes.toString('utf8', start, end);
    let hash = length;
    for (let index = start; index < end; index++) {
      const byte = bytes[index] as number;
      if (byte >= 0x80) return bytes.toString('utf8', start, end);
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const known = this.#known[slot];
    if (known !== undefined && isAt(known, bytes, start, length)) return known;
    const text = bytes.toString('latin1', start, end);
    this.#known[slot] = text;
    return text;
  }
}

function isAt(text: string, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
