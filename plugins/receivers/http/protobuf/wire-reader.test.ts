import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Texts } from './texts.ts';
import { Unfamiliar, WireReader } from './wire-reader.ts';

const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 1n << 32n }));
/** Nanoseconds next to whole seconds, where a double is most easily on the wrong side. */
const nearSecond = fc
  .tuple(fc.bigInt({ min: 0n, max: 18_446_744_072n }), fc.bigInt({ min: -2n, max: 2n }))
  .map(([seconds, beside]) => BigInt.asUintN(64, seconds * 1_000_000_000n + beside));

const reader = (...bytes: number[]) => new WireReader(Buffer.from(bytes), new Texts());

function fixed64(value: bigint): WireReader {
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64LE(value, 1);
  // Not at the beginning of its memory, as bodies are not.
  const made = new WireReader(bytes.subarray(1), new Texts());
  made.fixed64();
  return made;
}

function varint(value: bigint): number[] {
  return value > 0x7fn ? [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)] : [Number(value)];
}

describe('64 bits', () => {
  it('are times exact to the nanosecond', () => {
    fc.assert(
      fc.property(fc.oneof(uint64, nearSecond), (value) => {
        const expected = value === 0n ? undefined : [Number(value / 1_000_000_000n), Number(value % 1_000_000_000n)];
        expect(fixed64(value).time()).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('are the nearest doubles, fixed or as varints', () => {
    fc.assert(
      fc.property(uint64, (value) => {
        const variable = reader(...varint(value), 0);
        variable.varint();
        for (const made of [fixed64(value), variable]) {
          expect(made.unsigned()).toBe(Number(value));
          expect(made.signed()).toBe(Number(BigInt.asIntN(64, value)));
        }
        expect(variable.pos).toBe(varint(value).length);
      }),
    );
  });
});

describe('what is left to protobufjs', () => {
  it.each([
    ['a tag of two bytes', (made: WireReader) => made.tag(), [0x80, 0x01]],
    ['the field 0', (made: WireReader) => made.tag(), [0x02]],
    ['a length beyond the end', (made: WireReader) => made.end(), [0x02, 0x00]],
    ['a length of five bytes', (made: WireReader) => made.end(), [0x80, 0x80, 0x80, 0x80, 0x00]],
    ['a varint that is cut off', (made: WireReader) => made.varint(), [0xff]],
    ['a varint of eleven bytes', (made: WireReader) => made.varint(), Array(11).fill(0x80)],
    ['33 bits for 32', (made: WireReader) => made.uint32(), varint(1n << 32n)],
    ['a group', (made: WireReader) => made.skip(0x0b), [0x0c]],
    ['text that is not UTF-8', (made: WireReader) => made.text(), [0x02, 0x61, 0xff]],
  ])('is %s', (_, read, bytes) => expect(() => read(reader(...bytes))).toThrow(Unfamiliar));

  it('is a number that is cut off', () => {
    expect(() => reader(1, 2, 3).double()).toThrow(RangeError);
    expect(() => reader(1, 2, 3, 4, 5, 6, 7).fixed64()).toThrow(RangeError);
  });

  it('is a message that ends elsewhere than it says', () => expect(() => reader(0).finish(1)).toThrow(Unfamiliar));
});

describe('texts', () => {
  it('are what was written, known or not', () => {
    const texts = new Texts();
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'binary' })), (text) => {
        const bytes = Buffer.from(`<${text}>`);
        const valid = bytes.toString() === `<${text}>` && !text.includes('\uFFFD');
        for (let again = 0; again < 2; again++) {
          expect(texts.read(bytes, 1, bytes.length - 1)).toBe(valid ? text : undefined);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
