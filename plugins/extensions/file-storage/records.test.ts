import { describe, expect, it } from 'vitest';
import { dataOf, HEADER_BYTES, recordOf, recordsIn } from './records.ts';

const record = (index: number, text: string) => recordOf(index, Buffer.from(text));

/** The data of the records among bytes, by their numbers. */
function found(...parts: readonly Buffer[]) {
  const bytes = Buffer.concat(parts);
  return recordsIn(bytes).map(({ index, offset, length }) => {
    return [index, dataOf(bytes.subarray(offset - HEADER_BYTES, offset + length)).toString()];
  });
}

describe('records', () => {
  it('are found behind others that are damaged or cut off', () => {
    const damaged = record(1, 'damaged').fill('x', HEADER_BYTES, HEADER_BYTES + 1);
    const cut = record(2, 'cut off').subarray(0, -1);
    expect(found(record(0, 'a'), damaged, cut, record(3, 'b'))).toEqual([
      [0, 'a'],
      [3, 'b'],
    ]);
  });

  it('are found before what only looks like any number of them, which is given up', () => {
    // Each of these seems to hold all that follow; to read them all takes minutes.
    const header = Buffer.from('WATR\0\0\0\u0001\0\u0001\0\0\0\0\0\0');
    const cut = record(1, header.toString('latin1').repeat(250_000)).subarray(0, -1);
    expect(found(record(0, 'a'), cut)).toEqual([[0, 'a']]);
  });
});
