import fc from 'fast-check';
import protobuf from 'protobufjs/light.js';
import { describe, expect, it } from 'vitest';
import { digitsIn, doubleIn, integerIn, type Message, timeIn } from './message.ts';

const { Integers } = protobuf.Root.fromJSON({
  nested: {
    Integers: {
      fields: { unsigned: { type: 'fixed64', id: 1 }, signed: { type: 'sfixed64', id: 2 } },
      oneofs: { either: { oneof: ['unsigned', 'signed'] } },
    },
  },
}).nested as { Integers: protobuf.Type };

/** 64 bits as protobufjs decodes them. */
function decoded(field: 'unsigned' | 'signed', value: bigint): Message {
  const bytes = Buffer.alloc(9);
  bytes[0] = field === 'unsigned' ? 0x09 : 0x11;
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 1);
  return Integers.decode(bytes) as unknown as Message;
}

const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });

describe('64-bit integers', () => {
  it('are times exact to the nanosecond, from protobuf and from text', () => {
    fc.assert(
      fc.property(uint64, (nanoseconds) => {
        for (const message of [decoded('unsigned', nanoseconds), { unsigned: String(nanoseconds) }]) {
          const time = timeIn(message, 'unsigned');
          if (nanoseconds === 0n) expect(time).toBeUndefined();
          else expect(time).toEqual([Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)]);
        }
      }),
    );
  });

  it('are the nearest doubles, and exact as digits', () => {
    fc.assert(
      fc.property(int64, (value) => {
        for (const message of [decoded('signed', value), { signed: String(value) }]) {
          expect(integerIn(message, 'signed')).toBe(Number(value));
          expect(digitsIn(message, 'signed')).toBe(String(value));
        }
      }),
    );
    expect(integerIn(decoded('unsigned', (1n << 64n) - 1n), 'unsigned')).toBe(2 ** 64);
  });

  it('may be JSON numbers', () => {
    expect(timeIn({ time: 1_705_315_800_000_000_000 }, 'time')).toEqual([1_705_315_800, 0]);
    expect(integerIn({ count: 7 }, 'count')).toBe(7);
    expect(digitsIn({ count: -7 }, 'count')).toBe('-7');
  });

  it.each([1.5, '1.5', '', 'x', true, {}, Number.NaN])('are not %j', (count) => {
    expect(() => integerIn({ count }, 'count')).toThrow('`count` must be a whole number');
  });

  it.each([-1, '18446744073709551616'])('are no times beyond their range: %j', (time) => {
    expect(() => timeIn({ time }, 'time')).toThrow('`time` must be nanoseconds since 1970');
  });
});

describe('numbers', () => {
  it('may be text, as the JSON mapping of protobuf allows', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(doubleIn({ value: Object.is(value, -0) ? '-0' : String(value) }, 'value')).toBe(value);
      }),
    );
  });

  it.each(['', ' ', '0x10', 'nan', '+1', '1e', true, []])('are not %j', (value) => {
    expect(() => doubleIn({ value }, 'value')).toThrow('`value` must be a number');
  });
});
