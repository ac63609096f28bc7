import { BACKSLASH, NEWLINE, QUOTE, SPACE } from './ascii.ts';

/** Room for the 0 behind the bytes, where scanning stops, since that reads four bytes at a time. */
const PADDING = 4;

/** Bytes that have come and are still wanted, in one buffer that grows, with a 0 and three more of any kind behind them. */
export class HeldBytes {
  bytes: Buffer = Buffer.alloc(PADDING);
  end = 0;
  /** How many came before them. */
  passed = 0;

  /** Drops what is before `keep`, and puts the chunk behind what is left. */
  replace(keep: number, chunk: Uint8Array): void {
    const rest = this.end - keep;
    const end = rest + chunk.length;
    const fits = end + PADDING <= this.bytes.length;
    const bytes = fits ? this.bytes : Buffer.allocUnsafe(Math.max(2 * this.bytes.length, end + PADDING));
    this.bytes.copy(bytes, 0, keep, this.end);
    bytes.set(chunk, rest);
    bytes[end] = 0;
    this.bytes = bytes;
    this.end = end;
    this.passed += keep;
  }
}

/** The index of the next byte that is no space. */
export function spaceEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** The digit at that index; above 9 where there is none. */
export function digitAt(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) - 0x30) >>> 0;
}

/** Whether that word begins there; what comes behind it is left to who reads on. */
export function isWord(bytes: Buffer, at: number, word: 'null' | 'true' | 'false'): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
  return true;
}

/** A table with 1 for each of these bytes, and 0 for the others. */
export function tableOf(...bytes: number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}

/** The byte order mark counts as space, since files are also put together with `cat`. */
const space = tableOf(SPACE, NEWLINE, 0x0d, 0x09, 0xef, 0xbb, 0xbf);

/** Whether a byte is space between values. */
export function isSpace(byte: number): boolean {
  return space[byte] === 1;
}

/**
 * The index after a string of which some has been passed, or `~index` of where to go on once there are more bytes. A line
 * break ends it too, since JSON allows none there.
 */
export function stringEnd(bytes: Buffer, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE || byte === NEWLINE) return i + 1;
    if (byte !== BACKSLASH) continue;
    if (i + 1 === end) return ~i;
    if (bytes[i + 1] !== NEWLINE) i++;
  }
  return ~end;
}
