import { crc32 } from 'node:zlib';

/** `WATR`, which begins each record. */
const MAGIC = Buffer.from('WATR');
const HEADER = 16;

/** A record in the bytes of a file: its number there, and where its data are. */
export interface Found {
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** Returns data with the header that finds them again: magic, number, length, checksum. */
export function recordOf(index: number, data: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(HEADER + data.length);
  MAGIC.copy(record);
  record.writeUInt32BE(index, 4);
  record.writeUInt32BE(data.length, 8);
  record.set(data, HEADER);
  record.writeUInt32BE(checksum(record), 12);
  return record;
}

/** How many times all bytes are read at most for what looks like a record and is none. */
const MOST_READINGS = 16;

/**
 * Returns the whole records among bytes, in their order there; whatever stands between or behind them is passed over. What a
 * sender has written into a record that was cut off may look like any number of records: those behind too many are not found.
 */
export function recordsIn(bytes: Buffer): Found[] {
  const found: Found[] = [];
  let left = MOST_READINGS * bytes.length;
  for (let at = bytes.indexOf(MAGIC); at >= 0; ) {
    const length = at + HEADER <= bytes.length ? bytes.readUInt32BE(at + 8) : Number.POSITIVE_INFINITY;
    const end = at + HEADER + length;
    const fits = end <= bytes.length && length <= left;
    const isWhole = fits && isSound(bytes.subarray(at, end));
    if (fits && !isWhole) left -= length;
    if (isWhole) found.push({ index: bytes.readUInt32BE(at + 4), offset: at + HEADER, length });
    at = bytes.indexOf(MAGIC, isWhole ? end : at + 1);
  }
  return found;
}

/** Returns the data of a record that begins `HEADER` bytes before them. Throws where they are damaged. */
export function dataOf(record: Buffer): Buffer {
  if (!record.subarray(0, 4).equals(MAGIC) || !isSound(record)) throw new Error('it is damaged');
  return record.subarray(HEADER);
}

/** How many bytes stand before the data of a record. */
export const HEADER_BYTES = HEADER;

function isSound(record: Buffer): boolean {
  return record.readUInt32BE(12) === checksum(record);
}

/** Covers the number and the length too, so that no record passes for another. */
function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER), crc32(record.subarray(4, 12)));
}
