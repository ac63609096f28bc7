import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { type Found, recordOf, recordsIn } from '../../../plugins/extensions/file-storage/records.ts';
import { hold, type Target } from '../target.ts';

const HEADER = 16;

/** Records one after the other, now and then with something between. */
export const records = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('', '', '', '', 'WATR', 'x', '\0')), {
    maxLength: 8,
  })
  .map((parts) => Buffer.concat(parts.flatMap(([data, odd], index) => [recordOf(index, data), Buffer.from(odd)])));

/** The records in a file of a queue on disk. */
const target: Target<Found[]> = {
  name: 'queue-records',
  weight: 2,
  generated: records,
  words: ['WATR', 'WAT', Buffer.alloc(16)],
  growing: [
    { part: 'WATR' },
    { part: 'WATR\0\0\0\u0001\0\0\0\0\0\0\0\0' },
    { part: 'WATR\0\0\0\u0001\0\0`\0\0\0\0\0' },
  ],
  read: recordsIn,
  isRefusal: () => false,
  check(found, bytes) {
    let end = 0;
    for (const { index, offset, length } of found) {
      const header = bytes.subarray(offset - HEADER, offset);
      hold(offset - HEADER >= end && offset + length <= bytes.length, 'a record is in another one, or beyond the end');
      hold(header.toString('latin1', 0, 4) === 'WATR', 'a record has another beginning');
      hold(
        header.readUInt32BE(4) === index && header.readUInt32BE(8) === length,
        'a record has another number or length',
      );
      const sum = crc32(bytes.subarray(offset, offset + length), crc32(header.subarray(4, 12)));
      hold(sum === header.readUInt32BE(12), 'a record is damaged');
      holdNoneBetween(bytes, end, offset - HEADER);
      end = offset + length;
    }
    holdNoneBetween(bytes, end, bytes.length);
    return found.length;
  },
  most: { steps: 300, memory: 200, made: 1 },
};

export default target;

/** Throws where a whole short record stands there, which must have been found. */
function holdNoneBetween(bytes: Buffer, from: number, to: number): void {
  for (let at = bytes.indexOf('WATR', from); at >= 0 && at + HEADER <= to; at = bytes.indexOf('WATR', at + 1)) {
    const length = bytes.readUInt32BE(at + 8);
    if (length > 100 || at + HEADER + length > to || to - from > 1000) continue;
    const sum = crc32(bytes.subarray(at + HEADER, at + HEADER + length), crc32(bytes.subarray(at + 4, at + 12)));
    hold(sum !== bytes.readUInt32BE(at + 12), () => `the record at byte ${at} is not found`);
  }
}
