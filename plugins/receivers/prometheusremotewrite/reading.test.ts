import { type DataPoint, DataPointType } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WriteMessage } from 'wattline/prometheus';
import {
  decode,
  encode,
  first,
  type PlainMetadata,
  type PlainSeries,
  second,
  writeRequest,
} from '../../../test/kit/remote-write.ts';
import { Gathered } from './gathered.ts';
import { Allowance } from './limits.ts';
import { MetadataMemory } from './metadata.ts';
import { Version1Reader } from './read-version-1.ts';
import { Version2Reader } from './read-version-2.ts';
import { SeriesLabels } from './series.ts';
import { Wire } from './wire.ts';

const MOST = { series: 1000, samples: 20_000, labels: 20_000 };
const labelOptions = { resourceLabels: new Map([['node', 'k8s.node.name']]), replicaLabels: new Set(['replica']) };

function createReader(message: WriteMessage) {
  const labels = new SeriesLabels(labelOptions);
  const reader = message === first ? new Version1Reader(labels, new MetadataMemory()) : new Version2Reader(labels);
  return (body: Uint8Array, limits = MOST) => {
    const into = new Gathered();
    for (const _ of reader.read({ wire: new Wire(body), left: new Allowance(body.length, limits), into }));
    return into;
  };
}

interface Point {
  readonly target: object;
  readonly name: string;
  readonly isCounter: boolean;
  readonly attributes: object;
  readonly start: number;
  readonly at: number;
  readonly value: number;
}

/** The points of a request, each by itself. */
function pointsIn(into: Gathered): Point[] {
  return into.runs(undefined).flatMap(({ attributes: target, metrics }) =>
    metrics.flatMap(({ metrics: all }) =>
      all.flatMap((metric) =>
        (metric.dataPoints as DataPoint<number>[]).map(({ attributes, startTime, endTime, value }) => ({
          target,
          name: metric.descriptor.name,
          isCounter: metric.dataPointType === DataPointType.SUM,
          attributes,
          start: startTime[0] * 1000 + startTime[1] / 1e6,
          at: endTime[0] * 1000 + endTime[1] / 1e6,
          value,
        })),
      ),
    ),
  );
}

const NOW = 1_790_000_000_123;
const text = fc.oneof(fc.constantFrom('a', 'b', 'é', 'x'.repeat(70)), fc.string({ minLength: 1, maxLength: 6 }));
const labels = fc
  .record({
    name: fc.constantFrom('kepler_node_cpu_joules_total', 'up', 'node:power', 'DCGM_FI_DEV_POWER_USAGE'),
    job: fc.option(text, { nil: undefined }),
    instance: fc.option(fc.constantFrom('10.0.0.5:9100', 'localhost:9100', 'host-a'), { nil: undefined }),
    more: fc.dictionary(fc.constantFrom('zone', 'cpu', '__proto__', 'node', 'replica', 'server.port'), text),
  })
  .map(({ name, job, instance, more }) =>
    Object.entries({ __name__: name, job, instance, ...more }).filter((one): one is [string, string] => !!one[1]),
  );
const samples = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.double({ noNaN: true })), { maxLength: 4 })
  .map((steps) => {
    let at = NOW;
    return steps.map(([step, value]) => {
      at += step;
      return { timestamp: at, value };
    });
  });
const metadata = fc.record({ type: fc.integer({ min: 0, max: 7 }), help: text, unit: text });
const series = fc.record({ labels, samples, metadata, createdTimestamp: fc.constantFrom(0, NOW - 5000) });
const requests = fc.uniqueArray(series, { maxLength: 8, selector: (one) => JSON.stringify(one.labels) });

/** What a request of one series must come to. */
function expectedOf(
  { labels: list, samples: all = [], metadata: said, createdTimestamp = 0 }: PlainSeries,
  message: WriteMessage,
): Point[] {
  const { __name__: name = '', job, instance, node, replica: _, ...attributes } = Object.fromEntries(list);
  const type = message === second ? (said?.type ?? 0) : 0;
  const isCounter = type === 1 || (type === 0 && name.endsWith('_total'));
  const host = instance?.replace(/:\d+$/, '');
  const target = {
    ...(job && { 'service.name': job }),
    ...(instance && { 'service.instance.id': instance }),
    ...(host && host !== 'localhost' && { 'server.address': host }),
    ...(node && { 'k8s.node.name': node }),
  };
  const start = message === second && isCounter ? createdTimestamp : 0;
  return all.map(({ timestamp: at, value }) => ({ target, name, isCounter, attributes, start, at, value }));
}

describe.each([first, second])('%s', (message) => {
  const sorted = (points: readonly Point[]) => points.map((point) => JSON.stringify(point)).sort();

  it('is read as an independent library writes it, also where the same labels come again', () => {
    const read = createReader(message);
    fc.assert(
      fc.property(requests, (all) => {
        // A metric has the type that its first series says.
        const alike = all.map((one) => ({ ...one, metadata: { ...one.metadata, type: 2 } }));
        for (const some of [alike, alike.toReversed()]) {
          const into = read(writeRequest(message, some));
          expect(into.invalid).toEqual([]);
          expect(into.samples).toBe(some.flatMap((one) => one.samples).length);
          expect(sorted(pointsIn(into))).toEqual(sorted(some.flatMap((one) => expectedOf(one, message))));
        }
      }),
    );
  });

  it('is read likewise where fields come in another order', () => {
    const one = {
      labels: [
        ['__name__', 'a'],
        ['job', 'b'],
        ['x', 'y'],
      ],
      samples: [{ timestamp: NOW, value: 1 }],
    } as const;
    const plain = decode(message, writeRequest(message, [one]));
    const body = writeRequest(message, [one]);
    const shuffled = shuffledFields(message, body);
    expect(decode(message, shuffled)).toEqual(plain);
    expect(pointsIn(createReader(message)(shuffled))).toEqual(expectedOf(one, message));
  });

  it('has no value where a series ends, and NaN where it is one', () => {
    const all = [
      { labels: [['__name__', 'a']], samples: [NOW, NOW + 1, NOW + 2].map((timestamp) => ({ timestamp, value: 1.5 })) },
    ] as const;
    const body = writeRequest(message, all);
    const values: number[] = [];
    const pattern = Buffer.alloc(8);
    pattern.writeDoubleLE(1.5);
    for (let at = body.indexOf(pattern); at >= 0; at = body.indexOf(pattern, at + 8)) values.push(at);
    body.writeBigUInt64LE(0x7ff0_0000_0000_0002n, values[0]);
    body.writeBigUInt64LE(0x7ff8_0000_0000_0001n, values[1]);
    const into = createReader(message)(body);
    expect(into).toMatchObject({ samples: 3, invalidSamples: 0, invalid: [] });
    expect(pointsIn(into).map(({ at, value }) => [at, value])).toEqual([
      [NOW + 1, Number.NaN],
      [NOW + 2, 1.5],
    ]);
  });

  it('gives the points of a series in the order of time, each once', () => {
    const labels = [
      ['__name__', 'a'],
      ['x', 'y'],
    ] as const;
    const at = (seconds: number, value: number) => ({ timestamp: NOW + seconds, value });
    const into = createReader(message)(
      writeRequest(message, [
        { labels, samples: [at(2, 2), at(1, 1), at(2, 2)] },
        { labels, samples: [at(0, 0), at(1, 1), at(1, 9)] },
      ]),
    );
    expect(pointsIn(into).map(({ value }) => value)).toEqual([0, 1, 2]);
    expect(into.invalid).toEqual([
      { series: 'a{"x":"y"}', reason: 'duplicate_sample', problem: 'has two values at one time' },
    ]);
    expect(into.invalidSamples).toBe(1);
  });

  it('names series that cannot be taken, and takes the others', () => {
    const samples = [{ timestamp: NOW, value: 1 }];
    const into = createReader(message)(
      writeRequest(message, [
        { labels: [['job', 'a']], samples },
        {
          labels: [
            ['__name__', 'b'],
            ['x', '1'],
            ['x', '2'],
          ],
          samples,
        },
        {
          labels: [
            ['__name__', 'c'],
            ['', '2'],
          ],
          samples,
        },
        { labels: [['__name__', 'd']], samples: [{ timestamp: -5, value: 1 }, ...samples] },
        { labels: [['__name__', 'e']], samples },
      ]),
    );
    expect(into.invalid.map(({ series: one, problem }) => `${one} ${problem}`)).toEqual([
      '{job="a"} has no label `__name__`',
      'b{x="1", x="2"} has the label `x` twice',
      'c{="2"} has a label without a name',
      'd{} has a sample at -5 ms, which is no time from 1970 to 2554',
    ]);
    expect(into).toMatchObject({ samples: 6, invalidSamples: 4, invalidSeries: 4 });
    expect(pointsIn(into).map(({ name }) => name)).toEqual(['d', 'e']);
  });

  it('leaves out native histograms and exemplars, and says of which metrics', () => {
    const samples = [{ timestamp: NOW, value: 1 }];
    const into = createReader(message)(
      writeRequest(message, [
        { labels: [['__name__', 'h']], histograms: [{ timestamp: NOW, countInt: 5 }] },
        { labels: [['__name__', 'c']], samples, exemplars: samples },
      ]),
    );
    expect([[...into.histograms], [...into.exemplars]]).toEqual([['h'], ['c']]);
    expect(pointsIn(into)).toHaveLength(1);
    expect(into.invalid).toEqual([]);
  });

  it('is refused where it is cut off, and where it is beyond a limit', () => {
    const body = writeRequest(message, [
      {
        labels: [
          ['__name__', 'a'],
          ['x', 'y'],
        ],
        samples: [{ timestamp: NOW, value: 1 }],
      },
      {
        labels: [
          ['__name__', 'b'],
          ['x', 'y'],
        ],
        samples: [{ timestamp: NOW, value: 1 }],
      },
    ]);
    const read = createReader(message);
    const cuts = Array.from({ length: body.length }, (_, length) => body.subarray(0, length));
    const outcomes = new Set(cuts.map((cut) => outcomeOf(() => read(cut).samples)));
    expect([...outcomes].filter((one) => typeof one === 'number').sort()).toEqual(message === first ? [0, 1] : [0, 1]);
    expect([...outcomes].filter((one) => one instanceof Error && !/^byte \d+: /.test(one.message))).toEqual([]);
    for (const what of ['series', 'samples'] as const) {
      expect(() => read(body, { ...MOST, [what]: 1 })).toThrow(
        `the request has more than 1 ${what}, which is max_${what}`,
      );
    }
    expect(() => read(body, { ...MOST, labels: 3 })).toThrow('the request has more than 3 labels, which is max_labels');
    const long = {
      labels: [['__name__', 'a']] as const,
      samples: Array.from({ length: 10_001 }, (_, at) => ({ timestamp: NOW + at, value: 1 })),
    };
    expect(() => read(writeRequest(message, [long]))).toThrow('a series holds more than 10000 values');
  });

  it('is not taken for the other version', () => {
    const one = { labels: [['__name__', 'a']], samples: [{ timestamp: NOW, value: 1 }] } as const;
    const other = message === first ? second : first;
    expect(() => createReader(message)(writeRequest(other, [one]))).toThrow(/this is a message of version/);
  });
});

describe('the types of metrics', () => {
  const counter = (name: string) =>
    ({ labels: [['__name__', name]], samples: [{ timestamp: NOW, value: 1 }] }) as const;
  const typesOf = (into: Gathered) => pointsIn(into).map(({ name, isCounter }) => `${name} ${isCounter}`);

  it('of version 1.0 are those said before, else by the name', () => {
    const read = createReader(first);
    const body = writeRequest(first, [counter('a_total'), counter('b'), counter('DCGM_ENERGY')]);
    expect(typesOf(read(body))).toEqual(['a_total true', 'b false', 'DCGM_ENERGY false']);
    const said: PlainMetadata[] = [
      { type: 2, metricFamilyName: 'a_total' },
      { type: 1, metricFamilyName: 'DCGM_ENERGY', help: 'Energy.', unit: 'mJ' },
    ];
    expect(pointsIn(read(writeRequest(first, [], said)))).toEqual([]);
    const into = read(body);
    expect(typesOf(into)).toEqual(['a_total false', 'b false', 'DCGM_ENERGY true']);
    const descriptors = into.runs(undefined)[0]?.metrics[0]?.metrics.map(({ descriptor }) => descriptor);
    expect(descriptors?.[2]).toMatchObject({ name: 'DCGM_ENERGY', unit: 'mJ', description: 'Energy.' });
  });

  it('of version 2.0 are those that come with the series, and so are units and starts', () => {
    const said = { type: 1, help: 'Energy.', unit: 'mJ' };
    const sample = { timestamp: NOW, value: 1 };
    const into = createReader(second)(
      writeRequest(second, [
        { ...counter('a'), metadata: said, createdTimestamp: NOW - 1000 },
        {
          ...counter('b'),
          metadata: said,
          createdTimestamp: NOW - 1000,
          samples: [{ ...sample, startTimestamp: NOW - 500 }],
        },
        { ...counter('c'), metadata: said, samples: [{ ...sample, startTimestamp: NOW }] },
        { ...counter('d'), metadata: { type: 2 }, createdTimestamp: NOW - 1000 },
      ]),
    );
    expect(pointsIn(into).map(({ name, start }) => [name, start])).toEqual([
      ['a', NOW - 1000],
      ['b', NOW - 500],
      ['c', 0],
      ['d', 0],
    ]);
    expect(into.runs(undefined)[0]?.metrics[0]?.metrics[0]?.descriptor).toMatchObject({
      unit: 'mJ',
      description: 'Energy.',
    });
  });

  it('that were said of too many metrics are those said last', () => {
    const memory = new MetadataMemory();
    const said = { type: 1, help: 'h'.repeat(2000), unit: '' };
    for (let index = 0; index <= 20_000; index++) memory.note(`m${index}`, said);
    expect(memory.of('m0').type).toBe(0);
    expect(memory.of('m1_total')).toMatchObject({ type: 1, help: 'h'.repeat(500) });
    expect(memory.of('m20000').type).toBe(1);
  });
});

it('a symbol that is not there is named', () => {
  const body = encode(second, { symbols: ['', '__name__'], timeseries: [{ labelsRefs: [1, 2], samples: [] }] });
  expect(() => createReader(second)(body)).toThrow('symbol 2 is used, and there are 2');
  const odd = encode(second, { symbols: ['', '__name__'], timeseries: [{ labelsRefs: [1], samples: [] }] });
  expect(() => createReader(second)(odd)).toThrow('a series has a label without a value');
});

function outcomeOf<T>(work: () => T): T | Error {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
}

/** The same message with the fields of each series in another order, and unknown fields among them. */
function shuffledFields(message: WriteMessage, body: Buffer): Buffer {
  const unknown = Buffer.of(
    0x7a,
    1,
    0xff,
    0x78,
    5,
    0x7d,
    1,
    2,
    3,
    4,
    0x79,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    0x7b,
    0x08,
    1,
    0x7c,
  );
  const fields = fieldsOf(body).map((field) => {
    const isSeries = message === first ? field[0] === 0x0a : field[0] === 0x2a;
    if (!isSeries) return field;
    const inner = Buffer.concat([unknown, ...lastFirst(fieldsOf(field.subarray(2))).flatMap((one) => [one, unknown])]);
    return Buffer.concat([Buffer.of(field[0] as number), varint(inner.length), inner]);
  });
  return Buffer.concat([unknown, ...lastFirst(fields), unknown]);
}

/** The fields with the highest numbers first; those of a list stay in their order. */
function lastFirst(fields: readonly Buffer[]): Buffer[] {
  return fields.toSorted((a, b) => (b[0] as number) - (a[0] as number));
}

/** Splits a message of fields that have a length of one byte. */
function fieldsOf(body: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 2 + (body[at + 1] as number);
    fields.push(body.subarray(at, end));
    at = end;
  }
  return fields;
}

function varint(value: number): Buffer {
  return value < 0x80 ? Buffer.of(value) : Buffer.of((value % 0x80) | 0x80, Math.floor(value / 0x80));
}
