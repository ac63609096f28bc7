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
