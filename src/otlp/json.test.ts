import { describe, expect, it } from 'vitest';
import { jsonEncoding, OtlpError } from './index.ts';

const decodeText = (text: string) => jsonEncoding.decodeRequest(Buffer.from(text));
const decode = (request: object) => decodeText(JSON.stringify(request));
const scopeWith = (...metrics: unknown[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
const pointWith = (fields: object) =>
  scopeWith({ name: 'g', gauge: { dataPoints: [{ timeUnixNano: '1705315800000000001', ...fields }] } });
const PLACE = 'resourceMetrics[0].scopeMetrics[0].metrics[0]';

function attributesOf(...attributes: unknown[]) {
  const [read] = decode({ resourceMetrics: [{ resource: { attributes } }] });
  return read?.resource.attributes;
}

describe('OTLP/JSON', () => {
  it('may have field names as in the .proto files; other texts stay as they are', () => {
    const metric = { name: 'a_b', unit: '"c_d": 1' };
    const point = { time_unix_nano: '5', as_int: '7' };
    const inProto = {
      resource_metrics: [{ scope_metrics: [{ metrics: [{ ...metric, gauge: { data_points: [point] } }] }] }],
    };
    const inCamel = scopeWith({ ...metric, gauge: { dataPoints: [{ timeUnixNano: '5', asInt: '7' }] } });
    expect(decode(inProto)).toEqual(decode(inCamel));
    expect(decode(inProto)[0]?.scopeMetrics[0]?.metrics[0]?.descriptor).toMatchObject(metric);
  });

  it('may begin with a byte order mark', () => expect(decodeText('\uFEFF{}')).toEqual([]));

  it('may hold any number of resources', () => {
    expect(decode({ resourceMetrics: [{}, {}] })).toHaveLength(2);
  });

  it.each(['', '{'])('is not %j', (text) => {
    expect(() => decodeText(text)).toThrow(OtlpError);
    expect(() => decodeText(text)).toThrow('the body is not valid OTLP/JSON: ');
  });

  it.each(['[]', 'null', '5'])('is an object, not %s', (text) => {
    expect(() => decodeText(text)).toThrow('the body must be an object');
  });

  it('has no more messages than its bytes can use', () => {
    const empty = `{"resourceMetrics":[${Array.from({ length: 100_000 }, () => '{}').join()}]}`;
    expect(() => decodeText(empty)).toThrow('is one of more messages than its body may hold');
  });

  it('is UTF-8', () => {
    const bytes = Buffer.from('{"schemaUrl":"é"}', 'latin1');
    expect(() => jsonEncoding.decodeRequest(bytes)).toThrow('not valid OTLP/JSON');
  });

  it.each([
    [{ resourceMetrics: 5 }, '`resourceMetrics` must be a list, not 5'],
    [{ resourceMetrics: [null] }, '`resourceMetrics[0]` must be an object, not null'],
    [scopeWith({ name: 5 }), `\`${PLACE}.name\` must be a string, not 5`],
    [scopeWith({ name: 'g', gauge: [] }), `\`${PLACE}.gauge\` must be an object, not a list`],
    [
      scopeWith({ name: 'g', gauge: { dataPoints: {} } }),
      `\`${PLACE}.gauge.dataPoints\` must be a list, not an object`,
    ],
    [pointWith({ asDouble: 'much' }), `\`${PLACE}.gauge.dataPoints[0].asDouble\` must be a number, not "much"`],
    [
      pointWith({ timeUnixNano: -1 }),
      `\`${PLACE}.gauge.dataPoints[0].timeUnixNano\` must be nanoseconds since 1970, not -1`,
    ],
  ])('is malformed where a field is of a wrong type: %j', (request, message) => {
    expect(() => decode(request)).toThrow(OtlpError);
    expect(() => decode(request)).toThrow(message);
  });

  it.each([['['.repeat(20_000), ']'.repeat(20_000)]])(
    'is malformed where a wrong type nests without end',
    (open, close) => {
      expect(() => decodeText(`{"resourceMetrics":${open}${close}}`)).toThrow('must be an object, not a list');
      expect(() => decodeText(`{"resource_metrics":${open}${close}}`)).toThrow(OtlpError);
    },
  );
});

describe('numbers', () => {
  const numberOf = (fields: object) => decode(pointWith(fields))[0]?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value;

  it.each([
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', -0],
    ['1e3', 1000],
    [0.1, 0.1],
  ])('may be text: %j', (asDouble, expected) => expect(numberOf({ asDouble })).toBe(expected));

  it.each(['', ' ', '0x10', 'nan', '+1', '1e', true, []])('are not %j', (asDouble) => {
    expect(() => numberOf({ asDouble })).toThrow('must be a number');
  });

  it.each([
    [7, 7],
    ['-7', -7],
    ['9223372036854775807', 2 ** 63],
  ])('that are whole may be %j', (asInt, expected) => {
    expect(numberOf({ asInt })).toBe(expected);
  });

  it.each([1.5, '1.5', '', 'x', true, {}, '123456789012345678901'])('that are whole are not %j', (asInt) => {
    expect(() => numberOf({ asInt })).toThrow('must be a whole number');
  });

  it.each(['18446744073709551616', -1])('are no times beyond their range: %j', (timeUnixNano) => {
    expect(() => decode(pointWith({ timeUnixNano, asInt: 1 }))).toThrow('must be nanoseconds since 1970');
  });
});

describe('attributes', () => {
  const keyValue = (key: string, value: object) => ({ key, value });

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
  ])('%j become what the SDK has', (value, expected) => {
    expect(attributesOf(keyValue('key', value))).toEqual({ key: expected });
  });

  it.each([{}, { stringValue: null }])('without a value are left out: %j', (value) => {
    expect(attributesOf(keyValue('key', value))).toEqual({});
  });

  it('without a key are left out', () => {
    expect(attributesOf(keyValue('', { intValue: 1 }), { value: { intValue: 1 } })).toEqual({});
  });

  it('may be named like what objects have', () => {
    expect(Object.entries(attributesOf(keyValue('__proto__', { intValue: 1 })) ?? {})).toEqual([['__proto__', 1]]);
  });

  it('that nest without end are malformed, and exhaust nothing', () => {
    const [open, close] = ['{"arrayValue":{"values":['.repeat(20_000), ']}}'.repeat(20_000)];
    const attributes = `{"attributes":[{"key":"k","value":${open}{"stringValue":"deep"}${close}}]}`;
    const text = `{"resourceMetrics":[{"resource":${attributes}}]}`;
    expect(() => decodeText(text)).toThrow('nested more than 100 levels deep');
  });
});
