import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { mutated, randomRequest } from '../../test/kit/random-request.ts';
import {
  jsonEncoding,
  type OtlpEncoding,
  OtlpError,
  type OtlpLimits,
  protobufEncoding,
  type ReadResource,
} from './index.ts';

const { decodeRequest } = protobufEncoding();
const schema = readFileSync(new URL('metrics.proto', import.meta.url), 'utf8');
const requestType = protobuf.parse(schema).root.lookupType('ExportMetricsServiceRequest');
const seeds = fc.integer();
const ANY: OtlpLimits = { resources: 1e9, metrics: 1e9, points: 1e9, attributes: 1e9 };

/** What comes of a request by way of protobufjs and JSON, in which only text keeps the sign of 0. */
function byJson(body: Buffer): ReadResource[] {
  return jsonEncoding.decodeRequest(jsonOf(body));
}

function jsonOf(body: Buffer): Buffer {
  const options = { longs: String, bytes: String, enums: String, json: true };
  const request = requestType.toObject(requestType.decode(body), options);
  const text = JSON.stringify(request, (_, value) => (Object.is(value, -0) ? '-0' : value));
  return Buffer.from(text);
}

/** Reads a request; undefined is one that is refused as malformed, and nothing else may be thrown. */
function read(body: Uint8Array): ReadResource[] | undefined {
  try {
    return decodeRequest(body);
  } catch (error) {
    if (!(error instanceof OtlpError)) throw error;
    expect(error.message).toMatch(/^the body is not valid OTLP in protobuf: byte \d+, (?:a field|[\w.[\]]+), \S/);
    return undefined;
  }
}

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
const field = (id: number, ...content: number[]) => [(id << 3) | 2, ...varint(content.length), ...content];
const text = (value: string) => [...Buffer.from(value)];

describe('a request in protobuf', () => {
  it('comes to the same as in JSON to the bit, whatever is in it', () => {
    let [points, rejected] = [0, 0];
    fc.assert(
      fc.property(seeds, (seed) => {
        const body = randomRequest(seed, 0);
        const [actual, expected] = [decodeRequest(body), byJson(body)];
        if (!isDeepStrictEqual(actual, expected)) expect(actual, body.toString('hex')).toEqual(expected);
        for (const one of actual) {
          rejected += one.rejected.length;
          for (const { metrics } of one.scopeMetrics) for (const { dataPoints } of metrics) points += dataPoints.length;
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(points, rejected)).toBeGreaterThan(500);
  });

  it('comes to the same, or is refused with the same words, whatever was read before it', () => {
    const used = protobufEncoding();
    const outcome = (encoding: OtlpEncoding, body: Buffer) => {
      try {
        return encoding.decodeRequest(body);
      } catch (error) {
        return String(error);
      }
    };
    fc.assert(
      fc.property(seeds, seeds, (seed, mutation) => {
        const body = randomRequest(seed, 0.01);
        for (const one of [body, body, mutated(body, mutation)]) {
          const [actual, expected] = [outcome(used, one), outcome(protobufEncoding(), one)];
          if (!isDeepStrictEqual(actual, expected)) expect(actual, one.toString('hex')).toEqual(expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('comes to the same in slices, as in JSON', async () => {
    // A field that nobody knows makes the body too long to be read in one go.
    const padding = Buffer.concat([Buffer.from([(15 << 3) | 2, ...varint(130_000)]), Buffer.alloc(130_000)]);
    let lists = 0;
    for (let seed = 0; seed < 100; seed++) {
      const body = randomRequest(seed, 0);
      const expected = decodeRequest(body);
      for (const [encoding, bytes] of [
        [protobufEncoding(), Buffer.concat([body, padding])],
        [jsonEncoding, jsonOf(body)],
      ] as const) {
        const actual: ReadResource[] = [];
        for await (const list of encoding.readResources(bytes, { limits: ANY })) {
          lists++;
          actual.push(...list);
        }
        if (!isDeepStrictEqual(actual, expected)) expect(actual, body.toString('hex')).toEqual(expected);
      }
    }
    expect(lists).toBeGreaterThanOrEqual(200);
  });

  it('has the same object for attributes that come again, which nobody can change', () => {
    const { decodeRequest } = protobufEncoding();
    const attributes = field(1, ...field(1, ...text('k')), ...field(2, ...field(1, ...text('v'))));
    const [first, second] = [1, 2].map(() => decodeRequest(Uint8Array.from(field(1, ...field(1, ...attributes)))));
    expect(first?.[0]?.resource.attributes).toEqual({ k: 'v' });
    expect(second?.[0]?.resource.attributes).toBe(first?.[0]?.resource.attributes);
    expect(second?.[0]?.resource.attributes).toSatisfy(Object.isFrozen);
  });

  it('may be odd in any way, and is read or refused', () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(seeds, seeds, (seed, mutation) => {
        for (const body of [randomRequest(seed, 0.03), mutated(randomRequest(seed, 0), mutation)]) {
          if (read(body)) taken++;
          else refused++;
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(200);
  });

  it('is refused where it has more messages than its bytes can use, or is nested without an end', () => {
    const { decodeRequest } = protobufEncoding();
    const empty = Buffer.from(Array.from({ length: 100_000 }, () => [0x0a, 0]).flat());
    expect(() => decodeRequest(empty)).toThrow('is one of more than 35000 messages, too many for the body');
    expect(decodeRequest(empty.subarray(0, 2000))).toHaveLength(1000);
    // An AnyValue in an array of them, 30,000 levels deep, each a number where a message belongs.
    const nested: number[][] = [];
    let length = 0;
    for (let level = 0; level < 60_000; level++) {
      const field = [(level % 2 === 0 ? 1 : 5) << 3, ...varint(length)];
      length += field.length;
      nested.push(field);
    }
    let body = Buffer.from(nested.reverse().flat());
    for (const id of [2, 1, 1, 1]) body = Buffer.concat([Buffer.from([(id << 3) | 2, ...varint(body.length)]), body]);
    expect(() => decodeRequest(body)).toThrow(OtlpError);
  });

  it('is refused wherever it is cut off within a resource', () => {
    for (let seed = 0; seed < 40; seed++) {
      const parts = [randomRequest(seed, 0), randomRequest(seed + 1000, 0)];
      const body = Buffer.concat(parts);
      const ends = endsOfResources(body);
      for (let length = 0; length <= body.length; length++) {
        const whole = ends.indexOf(length);
        const resources = read(body.subarray(0, length));
        if (resources?.length !== (whole < 0 ? undefined : whole)) {
          expect(resources?.length, `${length} bytes of ${body.toString('hex')}`).toBe(whole < 0 ? undefined : whole);
        }
      }
    }
  });

  it('is read or refused whichever byte of it is changed to whatever', () => {
    const body = randomRequest(4, 0);
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body);
      for (let byte = 0; byte < 256; byte++) {
        changed[at] = byte;
        read(changed);
      }
    }
  });
});

/** Where a body may end: at 0, and after each resource. */
function endsOfResources(body: Buffer): number[] {
  const ends = [0];
  const reader = protobuf.Reader.create(body);
  while (reader.pos < body.length) {
    reader.uint32();
    reader.skip(reader.uint32());
    ends.push(reader.pos);
  }
  return ends;
}

describe('what is malformed is refused with its place:', () => {
  const resource = field(
    1,
    ...field(1, ...field(1, ...field(1, ...text('host')), ...field(2, ...field(1, ...text('host-1'))))),
  );
  const gauge = (...point: number[]) =>
    field(1, ...field(2, ...field(2, ...field(1, ...text('g')), ...field(5, ...field(1), ...field(1, ...point)))));

  it.each([
    ['text that is cut off', resource.slice(0, -1), 'byte 0, resource_metrics[0], is cut off'],
    [
      'text longer than its message',
      gauge(0x19, 1, 2, 3),
      'byte 15, resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[1].time_unix_nano, is cut off',
    ],
    [
      'another wire type',
      gauge(0x18, 1),
      'byte 15, resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[1].time_unix_nano, is a varint, not 64 bits',
    ],
    ['bytes for a number', gauge(0x42, 0), 'is bytes with their length, not a varint'],
    [
      'bytes for a number, as long as what they stand in',
      [...gauge(0x42, 2, 0x40, 5)],
      'is bytes with their length, not a varint',
    ],
    ['the field 0', gauge(0x02, 0), 'has the number 0'],
    [
      'a length of more than 32 bits',
      [0x0a, ...varint(2 ** 32)],
      'byte 0, resource_metrics[0], has a length of more than 32 bits',
    ],
    [
      'a varint of eleven bytes',
      [0x78, ...Array(10).fill(0x80), 0],
      'byte 0, a field, has a number of more than ten bytes',
    ],
    ['a group without an end', [0x7b, 0x78, 1], 'byte 0, a field, is cut off'],
    ['the end of a group', [0x7c], 'byte 0, a field, has no valid wire type'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeRequest(Uint8Array.from(bytes))).toThrow(OtlpError);
    expect(() => decodeRequest(Uint8Array.from(bytes))).toThrow(message);
  });

  it('an inner length that goes beyond its outer one', () => {
    const bytes = Uint8Array.from([...resource, ...field(1)]);
    const inner = bytes.indexOf(6, 12);
    bytes[inner] = 8;
    expect(() => decodeRequest(bytes)).toThrow(
      'resource_metrics[0].resource.attributes[0].value.string_value, goes beyond the end of the message that it is in',
    );
  });

  it('attributes that nest without end, which exhaust nothing', () => {
    let value = field(1, ...text('deep'));
    for (let depth = 0; depth < 60; depth++) value = field(5, ...field(1, ...value));
    const request = field(1, ...field(1, ...field(1, ...field(1, 0x6b), ...field(2, ...value))));
    expect(() => decodeRequest(Uint8Array.from(request))).toThrow('is nested more than 100 levels deep');
  });
});

describe('what is not known is passed over:', () => {
  it('fields of any wire type, groups among them', () => {
    const tags = [(15 << 3) | 5, 1, 2, 3, 4, (15 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8, 0x7b, 0x13, 0x78, 1, 0x14, 0x7c];
    const long = [...varint((99 << 3) | 2), 2, 1, 2];
    const request = field(1, ...tags, ...field(3, ...text('schema')), ...long);
    expect(decodeRequest(Uint8Array.from([...long, ...request]))).toEqual([
      { resource: { attributes: {}, schemaUrl: 'schema' }, scopeMetrics: [], rejected: [] },
    ]);
  });
});

it('reads bytes as base64, and integers that a double cannot hold as digits', () => {
  const pair = (key: string, value: number[]) => field(1, ...field(1, ...text(key)), ...field(2, ...value));
  const large = [0x18, ...Array(8).fill(0xff), 0x7f];
  const attributes = [...pair('b', field(7, 0, 1, 2)), ...pair('i', large), ...pair('', field(1)), ...pair('n', [])];
  const [read] = decodeRequest(Uint8Array.from(field(1, ...field(1, ...attributes))));
  expect(read?.resource.attributes).toEqual({ b: 'AAEC', i: '9223372036854775807' });
});
