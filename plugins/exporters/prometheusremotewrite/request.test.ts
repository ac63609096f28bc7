import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, first, second } from '../../../test/kit/remote-write.ts';
import { requestsOf } from './request.ts';
import type { TimeSeries } from './time-series.ts';

const text = fc.oneof(fc.constantFrom('', 'a', 'é', '😀', 'x'.repeat(300)), fc.string({ maxLength: 8 }));
const types = ['counter', 'gauge', 'histogram'] as const;
const family = fc.record({ name: fc.constantFrom('m', 'n'), type: fc.constantFrom(...types), help: text, unit: text });
const timeSeries = fc
  .record({
    labels: fc.dictionary(fc.constantFrom('__name__', 'a', 'b'), text).map((labels) => Object.entries(labels).sort()),
    samples: fc.array(fc.tuple(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.double()), {
      minLength: 1,
      maxLength: 4,
    }),
    family,
  })
  .map(({ labels, samples, family }): TimeSeries => {
    return { labels, family, times: samples.map(([time]) => time), values: samples.map(([, value]) => value) };
  });

interface Plain {
  readonly timeseries: readonly {
    readonly labels?: readonly { readonly name: string; readonly value: string }[];
    readonly labelsRefs?: readonly number[];
    readonly samples: readonly { readonly timestamp: number; readonly value: number }[];
    readonly metadata?: { readonly type: number; readonly helpRef: number; readonly unitRef: number };
  }[];
  readonly symbols?: readonly string[];
  readonly metadata?: readonly object[];
}

describe.each([first, second])('%s', (message) => {
  const read = (series: readonly TimeSeries[], most: number, described: ReadonlySet<string>) => {
    const requests = [...requestsOf(series, message, most, described)];
    return requests.map((request) => ({ ...request, plain: decode(message, request.body) as unknown as Plain }));
  };

  it('is what an independent library reads, in requests that are no longer than they may be', () => {
    fc.assert(
      fc.property(fc.array(timeSeries, { maxLength: 8 }), fc.integer({ min: 1, max: 5000 }), (series, most) => {
        const requests = read(series, most, new Set(['m']));
        const all = requests.flatMap(({ plain: { timeseries, symbols = [] } }) =>
          timeseries.map(({ labels, labelsRefs = [], samples, metadata }) => {
            const texts = labelsRefs.map((ref) => symbols[ref]);
            const pairs = Array.from({ length: texts.length / 2 }, (_, at) => [texts[2 * at], texts[2 * at + 1]]);
            const said = metadata && [metadata.type, symbols[metadata.helpRef], symbols[metadata.unitRef]];
            return {
              labels: labels?.map(({ name, value }) => [name, value]) ?? pairs,
              times: samples.map(({ timestamp }) => timestamp),
              values: samples.map(({ value }) => value),
              said,
            };
          }),
        );
        expect(all).toEqual(
          series.map(({ labels, times, values, family: { type, help, unit } }) => {
            const said = message === second ? [types.indexOf(type) + 1, help, unit] : undefined;
            return { labels, times, values, said };
          }),
        );
        for (const { body, samples, plain } of requests) {
          expect(plain.timeseries.flatMap((one) => one.samples)).toHaveLength(samples);
          if (plain.timeseries.length > 1) expect(body.length).toBeLessThanOrEqual(most);
          if (plain.symbols)
            expect([plain.symbols[0], new Set(plain.symbols).size]).toEqual(['', plain.symbols.length]);
        }
      }),
    );
  });
});

it('version 1.0 describes each metric that it is asked for once in a request', () => {
  const one = { labels: [['__name__', 'm']], times: [1], values: [2] } as const;
  const described = { name: 'm', type: 'counter', help: 'What it is.', unit: 'J' } as const;
  const [request] = requestsOf(
    [
      { ...one, family: described },
      { ...one, family: described },
    ],
    first,
    1e6,
    new Set(['m']),
  );
  const plain = decode(first, request?.body ?? Buffer.alloc(0)) as unknown as Plain;
  expect(plain.metadata).toEqual([{ type: 1, metricFamilyName: 'm', help: 'What it is.', unit: 'J' }]);
});
