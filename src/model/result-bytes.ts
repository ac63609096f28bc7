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
