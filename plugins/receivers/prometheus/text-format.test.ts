import type { Attributes } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainName } from 'wattline/figures';
import { type LivePoint, liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { parseText, type TextFormat } from './text-format.ts';

const samplesOf = (text: string, format: TextFormat = 'text') =>
  parseText(text, format).flatMap(({ samples }) => samples);
const familyOf = (text: string, format: TextFormat = 'text') => {
  const [family, ...more] = parseText(text, format).map(({ samples, ...rest }) => ({ ...rest, count: samples.length }));
  expect(more).toEqual([]);
  return family;
};
const page = (...lines: string[]) => `${lines.join('\n')}\n`;

describe('what the SDK writes is read as it was', () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, 1e21, 5e-324));
  const text = fc.string({
    unit: fc.constantFrom('a', 'ß', '😀', '\\', '"', '\n', '\r', '\t', ' ', '{', '}', '=', ',', '#'),
  });
  const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.]{0,8}$/).map((given) => plainName(`m_${given}`));
  const attributes = fc
    .dictionary(fc.stringMatching(/^[a-z_][a-z0-9_.]{0,6}$/), text, { maxKeys: 4 })
    .map((given): Attributes => Object.fromEntries(Object.entries(given).map(([key, is]) => [plainName(key), is])));
  const point = fc.record({ at: fc.integer({ min: 0, max: 4e12 }).map((ms) => ms / 1000), value, attributes });
  const metrics = fc.uniqueArray(
    fc.record({
      name,
      type: fc.constantFrom<'gauge' | 'counter'>('gauge', 'counter'),
      unit: fc.constantFrom('', 'J', '{cpu}.s'),
      points: fc.array(point, { minLength: 1, maxLength: 4 }),
    }),
    { selector: ({ name }) => name.replace(/_total$/, ''), minLength: 1, maxLength: 4 },
  );

  const withoutEmpty = (given: Attributes = {}) =>
    Object.fromEntries(Object.entries(given).filter(([, is]) => is !== ''));
  const named = (metric: string, type: string) =>
    type === 'counter' ? `${metric.replace(/_total$/, '')}_total` : metric;

  it.each([true, false])('escapes, numbers, units and types, with times: %s', (withTimes) => {
    fc.assert(
      fc.property(metrics, (given) => {
        const run = liveRun(
          {},
          ...given.map(({ name, type, unit, points }) => liveMetric(name, type, points as LivePoint[], unit)),
        );
        const serializer = new PrometheusSerializer(undefined, withTimes, undefined, true, true);
        const families = parseText(
          serializer.serialize({ resource: resourceFromAttributes({}), scopeMetrics: run.scopeMetrics }),
          'text',
        );
        expect(
          families.map(({ name, type, unit, samples }) => ({
            name,
            type,
            unit,
            samples: samples.map(({ time, ...rest }) => ({ ...rest, time: time && hrTimeToMilliseconds(time) })),
          })),
        ).toEqual(
          given.map(({ name, type, unit, points }) => ({
            name: named(name, type),
            type,
            unit,
            samples: points.map(({ at, value, attributes }) => ({
              name: named(name, type),
              labels: withoutEmpty(attributes),
              value: value === 0 ? Math.abs(value) : value,
              time: withTimes ? Math.round(at * 1000) : undefined,
            })),
          })),
        );
      }),
    );
  });

  it('nothing at all too', () => {
    const text = new PrometheusSerializer().serialize({
      resource: resourceFromAttributes({ a: 'b' }),
      scopeMetrics: [],
    });
    expect(samplesOf(text)).toEqual([{ name: 'target_info', labels: { a: 'b' }, value: 1 }]);
    expect(parseText('# no registered metrics', 'text')).toEqual([]);
    expect(parseText('', 'text')).toEqual([]);
  });
});

describe('the text format', () => {
  it('has its own specification read', () => {
    const text = page(
      '# HELP http_requests_total The total number of HTTP requests.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total{method="post",code="400"}    3 1395066363000',
      '',
      '# Escaping in label values:',
      'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
      '# Minimalistic line:',
      'metric_without_timestamp_and_labels 12.47',
      '# A weird metric from before the epoch:',
      'something_weird{problem="division by zero"} +Inf -3982045',
      '# TYPE http_request_duration_seconds histogram',
      'http_request_duration_seconds_bucket{le="0.05"} 24054',
      'http_request_duration_seconds_bucket{le="+Inf"} 144320',
      'http_request_duration_seconds_sum 53423',
      'http_request_duration_seconds_count 144320',
      '# TYPE rpc_duration_seconds summary',
      'rpc_duration_seconds{quantile="0.01"} 3102',
      'rpc_duration_seconds_sum 1.7560473e+07',
      'rpc_duration_seconds_count 2693',
    );
    expect(parseText(text, 'text').map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['http_requests_total', 'counter', 2],
      ['msdos_file_access_time_seconds', 'unknown', 1],
      ['metric_without_timestamp_and_labels', 'unknown', 1],
      ['something_weird', 'unknown', 1],
      ['http_request_duration_seconds', 'histogram', 4],
      ['rpc_duration_seconds', 'summary', 3],
    ]);
    const samples = samplesOf(text);
    expect(samples[0]).toEqual({
      name: 'http_requests_total',
      labels: { method: 'post', code: '200' },
      value: 1027,
      time: [1395066363, 0],
    });
    expect(samples[2]?.labels).toEqual({ path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' });
    expect(samples[4]).toMatchObject({ value: Infinity, time: [-3983, 955e6] });
  });

  it.each([
    ['a 1', {}, 1],
    [' \t a \t 1 \t ', {}, 1],
    ['a{} 1', {}, 1],
    ['a{x="1",} 1', { x: '1' }, 1],
    ['a { x = "1" , y = "2" } 1', { x: '1', y: '2' }, 1],
    ['a{x="}",y=",\\q"}1', { x: '}', y: ',\\q' }, 1],
    ['a{x="",y="#"} -.5e-3', { y: '#' }, -0.0005],
    ['a -inf', {}, -Infinity],
    ['a 1.', {}, 1],
    ['a{__proto__="x",constructor="y"} 1', JSON.parse('{"__proto__":"x","constructor":"y"}'), 1],
  ])('reads `%s`', (line, labels, value) => {
    expect(samplesOf(page(line))).toEqual([{ name: 'a', labels, value }]);
  });

  it.each([
    ['a', 'line 1: expected a number, found its end'],
    ['a one', 'line 1: expected a number, found `one`'],
    ['a 0x1F', 'found `0x1F`'],
    ['a 1_000', 'found `1_000`'],
    ['a 1e999', 'found `1e999`'],
    ['a 1\r', 'found `1\r`'],
    ['a 1 2 3', 'line 1: expected the end of the line, found `3`'],
    ['a 1 1.5', 'line 1: expected a time in whole milliseconds, found `1.5`'],
    ['a 1 # {x="y"} 1', 'expected a time in whole milliseconds'],
    ['a.b 1', 'line 1: expected the name of a metric, found `a.b 1`'],
    ['1a 1', 'expected the name of a metric'],
    ['{"a', 'line 1: expected the name of a label or `}`, found `"a`'],
    ['{""} 1', 'expected the name of a label or `}`'],
    ['{} 1', 'line 1: expected the name of a metric within the braces before it, found `1`'],
    ['{x="1"} 1', 'expected the name of a metric within the braces before it'],
    ['{"a","b"} 1', 'line 1: expected `=`, found `} 1`'],
    ['{a} 1', 'expected `=`'],
    ['a{"b"} 1', 'expected `=`'],
    ['"a" 1', 'expected the name of a metric'],
    ['{"a","x"="1",x="2"} 1', 'expected each label once, and `x` comes twice'],
    ['a{x} 1', 'line 1: expected `=`, found `} 1`'],
    ['a{x:y="1"} 1', 'expected `=`'],
    ['a{x=1} 1', 'line 1: expected a value in double quotes, found `1} 1`'],
    ['a{x="1} 1', 'expected a value in double quotes'],
    ['a{x="1\\"} 1', 'expected a value in double quotes'],
    ['a{x="1" y="2"} 1', 'line 1: expected `,` or `}`, found `y="2"} 1`'],
    ['a{x="1"', 'expected `,` or `}`, found its end'],
    ['a{,} 1', 'expected the name of a label or `}`'],
    ['a{x="1",x="2"} 1', 'expected each label once, and `x` comes twice'],
    ['a{x="1",x=""} 1', 'comes twice'],
    ['# TYPE a meter', 'line 1: expected a type (untyped, counter, '],
    ['# TYPE a toString', 'expected a type'],
    ['# TYPE a', 'expected a type'],
    ['# TYPE a gauge b', 'expected the end of the line, found `b`'],
    ['# HELP', 'line 1: expected the name of a metric, found its end'],
    [`a ${'x'.repeat(100)}`, `found \`${'x'.repeat(60)}…\``],
  ])('does not take `%s`', (line, message) => {
    expect(() => parseText(page(line), 'text')).toThrow(message);
  });

  it('names the line that is wrong, whatever else is right', () => {
    expect(() => parseText(page('# a', '', 'a 1', 'b one', 'c 1'), 'text')).toThrow('line 4: expected a number');
    expect(() => parseText(page('<!doctype html>', '<p>'), 'text')).toThrow('line 1: expected the name of a metric');
  });

  it('may lack the line end after its last line', () => {
    expect(samplesOf('a 1\nb 12').map(({ name, value }) => [name, value])).toEqual([
      ['a', 1],
      ['b', 12],
    ]);
  });

  it.each([
    ['{"my.metric"} 1', 'my.metric', {}],
    ['{"my.metric","label.x"="v"} 1', 'my.metric', { 'label.x': 'v' }],
    ['{ "my.metric" , x = "v" , } 1', 'my.metric', { x: 'v' }],
    ['{x="v","my metric"} 1', 'my metric', { x: 'v' }],
    ['a{"label.x"="v",y="w"} 1', 'a', { 'label.x': 'v', y: 'w' }],
    ['{"a\\"b\\\\c\\n","ü{}=,"="}"} 1', 'a"b\\c\n', { 'ü{}=,': '}' }],
  ])('reads names in quotes: `%s`', (line, name, labels) => {
    expect(samplesOf(page(line))).toEqual([{ name, labels, value: 1 }]);
    expect(samplesOf(page(line, '# EOF'), 'openmetrics')).toEqual([{ name, labels, value: 1 }]);
  });

  it('knows what a metric is whose name stands in quotes', () => {
    const text = page('# TYPE "my.total" counter', '# HELP "my.total" Energy.', '{"my.total"} 1');
    expect(familyOf(text)).toEqual({ name: 'my.total', type: 'counter', help: 'Energy.', unit: '', count: 1 });
  });

  it('says what a family is by comments that may stand in any order', () => {
    const text = page('# UNIT a joules', '#   HELP  a  back\\\\slash \\n "q" ', '#TYPE a counter', '# HELP b', 'a 1');
    const common = { help: 'back\\slash \n "q" ', unit: 'joules' };
    expect(parseText(text, 'text')[0]).toMatchObject({ name: 'a', type: 'counter', ...common });
    expect(parseText(page('# TYPE a_count gauge', '# TYPE a summary', 'a_count 1'), 'text')[0]?.samples).toHaveLength(
      1,
    );
    expect(parseText(page('# an # other # TYPE', '#', '# HELPa', '# EOF', 'a 1'), 'text')).toHaveLength(1);
  });
});

describe('OpenMetrics', () => {
  it('has counters with their start, exemplars that are passed over, and times in seconds', () => {
    const text = page(
      '# TYPE acme_http_router_request_seconds summary',
      '# UNIT acme_http_router_request_seconds seconds',
      'acme_http_router_request_seconds_sum{path="/api/v1"} 9036.32',
      'acme_http_router_request_seconds_count{path="/api/v1"} 807283.0',
      'acme_http_router_request_seconds_created{path="/api/v1"} 1605281325.0',
      '# TYPE foo counter',
      'foo_total{a="b"} 17.0 1520879607.789 # {trace_id="x # y"} 0.67 1520879607.789',
      'foo_total{a="c"} 2 # {} 1',
      'foo_created{a="b"} 1520872607.123',
      '# TYPE state stateset',
      'state{state="on"} 1',
      '# EOF',
    );
    expect(parseText(text, 'openmetrics').map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['acme_http_router_request_seconds', 'summary', 3],
      ['foo', 'counter', 3],
      ['state', 'stateset', 1],
    ]);
    const [first, second] = parseText(text, 'openmetrics')[1]?.samples ?? [];
    expect(first).toMatchObject({ name: 'foo_total', labels: { a: 'b' }, value: 17 });
    expect(hrTimeToMilliseconds(first?.time ?? [0, 0])).toBeCloseTo(1520879607789, 2);
    expect(second).toEqual({ name: 'foo_total', labels: { a: 'c' }, value: 2 });
  });

  it('may lack the line end after its last line, and nothing else', () => {
    const text = '# TYPE a counter\n# HELP a b\na_total 1\n# EOF';
    expect(familyOf(text, 'openmetrics')).toEqual({ name: 'a', type: 'counter', help: 'b', unit: '', count: 1 });
    expect(() => parseText('a 1\n', 'openmetrics')).toThrow('line 2: expected `# EOF`: the page is cut off');
    expect(() => parseText('# EOF\na 1\n', 'openmetrics')).toThrow('line 2: expected nothing after `# EOF`');
    expect(() => parseText('a 1 x\n# EOF\n', 'openmetrics')).toThrow('line 1: expected a time in seconds, found `x`');
  });
});

it('a number that has any number of digits and is none is refused with its line', () => {
  // To try all ways to divide the digits takes hours.
  const digits = '1'.repeat(1_000_000);
  expect(() => parseText(`a ${digits}x\n`, 'text')).toThrow(/^line 1: expected a number, found `1{60}…`$/);
});
