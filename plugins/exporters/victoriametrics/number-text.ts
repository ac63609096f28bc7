const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** So many bytes a number takes at most. */
export const NUMBER_BYTES = 25;

/** The three digits of 0 to 999, one after the other. */
const TRIPLES = Buffer.from(Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0')).join(''), 'latin1');

/**
 * Writes a finite number as `String(number)` does, and returns where it ends. Most measured values have few decimals: they
 * are written digit by digit, which takes a fifth of the time.
 */
export function writeNumber(out: Uint8Array, at: number, value: number): number {
  const thousandths = Math.round(value * 1000);
  // With at most 15 digits in all, the decimal fraction is the shortest text of its double.
  if (thousandths / 1000 !== value || Math.abs(thousandths) >= 1e15) return writeText(out, at, String(value));
  let end = at;
  if (thousandths < 0) out[end++] = MINUS;
  const absolute = Math.abs(thousandths);
  const whole = Math.floor(absolute / 1000);
  const rest = absolute - whole * 1000;
  end = writeWhole(out, end, whole);
  if (rest === 0) return end;
  out[end] = POINT;
  writeTriple(out, end + 1, rest);
  end += 4;
  while (out[end - 1] === ZERO) end--;
  return end;
}

/** Writes a number as `writeNumber` does; faster for whole ones of 0 or more. */
export function writeTime(out: Uint8Array, at: number, time: number): number {
  return Number.isSafeInteger(time) && time >= 0 ? writeWhole(out, at, time) : writeText(out, at, String(time));
}

/** Writes ASCII text, and returns where it ends. */
export function writeText(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeWhole(out: Uint8Array, at: number, number: number): number {
  if (number < 1000) return writeHead(out, at, number);
  const thousands = Math.floor(number / 1000);
  const end = writeWhole(out, at, thousands);
  writeTriple(out, end, number - thousands * 1000);
  return end + 3;
}

/** A number below 1000 without zeros before it. */
function writeHead(out: Uint8Array, at: number, number: number): number {
  if (number < 10) {
    out[at] = ZERO + number;
    return at + 1;
  }
  const skipped = number < 100 ? 1 : 0;
  for (let i = skipped; i < 3; i++) out[at + i - skipped] = TRIPLES[number * 3 + i] as number;
  return at + 3 - skipped;
}

function writeTriple(out: Uint8Array, at: number, number: number): void {
  const from = number * 3;
  out[at] = TRIPLES[from] as number;
  out[at + 1] = TRIPLES[from + 1] as number;
  out[at + 2] = TRIPLES[from + 2] as number;
}
