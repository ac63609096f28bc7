import { describe, expect, it } from 'vitest';
import { attributesOf } from './attributes.ts';
import { loadProtobufCodec } from './protobuf-codec.ts';

const keyValue = (key: string, value: object) => ({ key, value });
const attributes = (value: object) => attributesOf({ attributes: [keyValue('key', value)] });

describe('attributes', () => {
  it.each([
    [{ stringValue: '' }, ''],
    [{ boolValue: false }, false],
    [{ intValue: '-5' }, -5],
    [{ intValue: 5 }, 5],
    [{ intValue: '9223372036854775807' }, '9223372036854775807'],
    [{ doubleValue: 'Infinity' }, Number.POSITIVE_INFINITY],
    [{ doubleValue: 0.1 }, 0.1],
    [{ bytesValue: 'AAEC' }, 'AAEC'],
    [{ arrayValue: {} }, []],
    [{ arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } }, ['a', 'b']],
    [{ arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }, {}] } }, '["a",1,null]'],
    [{ arrayValue: { values: [{ arrayValue: { values: [{ boolValue: true }] } }] } }, '[[true]]'],
    [
      {
        kvlistValue: { values: [keyValue('a', { intValue: 1 }), { key: 'b' }, keyValue('__proto__', { intValue: 2 })] },
      },
      '{"a":1,"b":null,"__proto__":2}',
    ],
  ])('%j become what the SDK has', (value, expected) => expect(attributes(value)).toEqual({ key: expected }));

  it.each([{}, { stringValue: null }])('without a value are left out: %j', (value) => {
    expect(attributes(value)).toEqual({});
  });

  it('without a key are left out', () => {
    expect(attributesOf({ attributes: [keyValue('', { intValue: 1 }), { value: { intValue: 1 } }] })).toEqual({});
  });

  it('of bytes are base64 in protobuf too', async () => {
    const { decodeRequest } = await loadProtobufCodec();
    const field = (number: number, bytes: number[]) => [(number << 3) | 2, bytes.length, ...bytes];
    const anyValue = field(7, [0, 1, 2]);
    const pair = [...field(1, [0x6b]), ...field(2, anyValue)];
    const request = decodeRequest(Uint8Array.from(field(1, field(1, field(1, pair)))));
    const [resourceMetrics] = request.resourceMetrics as { resource: Record<string, unknown> }[];
    expect(attributesOf(resourceMetrics?.resource)).toEqual({ k: 'AAEC' });
  });

  it('that nest without end are malformed, and exhaust nothing', () => {
    let value: object = { stringValue: 'deep' };
    for (let depth = 0; depth < 10_000; depth++) value = { arrayValue: { values: [value] } };
    expect(() => attributes(value)).toThrow('nested more than 100 levels deep');
  });
});
