import { describe, expect, it } from 'vitest';
import { jsonEncoding } from '../otlp/index.ts';
import { Attribute, hostPower } from '../plugin/index.ts';
import { checkFor, makeOtlpRun } from './otlp-run.ts';

const convertRequest = (request: object) =>
  jsonEncoding.decodeRequest(Buffer.from(JSON.stringify(request)), checkFor).map((one) => makeOtlpRun(one));

/** A request with one resource, as OTLP/JSON. */
function requestWith(metrics: unknown[], attributes: unknown[] = []) {
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
}

const scenario = { key: 'scenario', value: { stringValue: 'a run' } };
const point = (fields: object) => ({ timeUnixNano: '1705315800000000001', ...fields });

function convertOne(metrics: unknown[], attributes = [scenario]) {
  const [converted] = convertRequest(requestWith(metrics, attributes));
  if (!converted) throw new Error('no run');
  return { ...converted, metrics: converted.run.scopeMetrics.flatMap((scope) => scope.metrics) };
}

describe('the time that a resource states', () => {
  const stated = (value: string) => {
    const start = { key: 'run.start_time', value: { stringValue: value } };
    const { run, rejections } = convertOne(
      [{ name: 'hw.host.power', gauge: { dataPoints: [point({ asInt: '1' })] } }],
      [scenario, start],
    );
    return [run.startTime, ...rejections.map(({ item, message, count }) => [item, message, count])];
  };

  it('is a number since 1970 in whatever unit, or a time with an offset', () => {
    for (const text of ['1705315800', '1705315800000', '1705315800000000000', '2024-01-15T11:50:00+01:00']) {
      expect(stated(text)).toEqual([1_705_315_800]);
    }
  });

  it('is told where it is none, and costs no point', () => {
    const problem = 'a run: `run.start_time`, "2024-01-15T11:50:00", has no offset from UTC; write it as';
    expect(stated('2024-01-15T11:50:00')).toEqual([undefined, ['run.start_time', expect.stringContaining(problem), 0]]);
    expect(stated('05/06/2026')[1]).toEqual(['run.start_time', expect.stringContaining('is neither a number'), 0]);
  });
});

describe('points that yield no data', () => {
  const rejected = (metric: object) => {
    const { metrics, rejections } = convertOne([metric]);
    return { kept: metrics.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value)), rejections };
  };

  it.each([
    ['a summary', { name: 's', summary: { dataPoints: [point({}), point({})] } }, 'unsupported_type', 2],
    ['no value', { name: 'g', gauge: { dataPoints: [point({ asDouble: null })] } }, 'no_value', 1],
    ['no time', { name: 'g', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: '0' }] } }, 'no_time', 1],
    ['no name', { name: '', gauge: { dataPoints: [point({ asInt: '1' })] } }, 'no_name', 1],
    ['no temporality', { name: 's', sum: { dataPoints: [point({ asInt: '1' })] } }, 'no_temporality', 1],
    [
      'too few buckets',
      {
        name: 'h',
        histogram: { aggregationTemporality: 2, dataPoints: [point({ explicitBounds: [1, 2], bucketCounts: ['3'] })] },
      },
      'invalid_buckets',
      1,
    ],
  ])('are counted: %s', (_, metric, reason, count) => {
    expect(rejected(metric)).toEqual({
      kept: [],
      rejections: [{ item: 'data_points', reason, count, message: expect.stringContaining('a run: ') }],
    });
  });

  it('cost no other point of their metric', () => {
    const { kept, rejections } = rejected({ name: 'g', gauge: { dataPoints: [point({ asDouble: 1 }), point({})] } });
    expect(kept).toEqual([1]);
    expect(rejections).toEqual([
      { item: 'data_points', reason: 'no_value', count: 1, message: 'a run: `g`: point 1 has no value (1 points)' },
    ]);
  });

  it('are dropped in silence where they say that nothing was recorded', () => {
    const dataPoints = [point({ flags: 1 }), point({ asDouble: 7, flags: 2 })];
    expect(rejected({ name: 'hw.host.power', gauge: { dataPoints } })).toEqual({ kept: [7], rejections: [] });
  });

  it('are those of a metric without data', () => {
    expect(rejected({ name: 'nothing' })).toEqual({ kept: [], rejections: [] });
  });
});

it('a run has the address that it came from, which no attribute has', () => {
  const request = requestWith([{ name: 'g', gauge: { dataPoints: [point({ asDouble: 1 })] } }], [scenario]);
  const [read] = jsonEncoding.decodeRequest(Buffer.from(JSON.stringify(request)), checkFor);
  if (!read) throw new Error('no run');
  expect(makeOtlpRun(read, '::ffff:10.0.0.5').run).toMatchObject({
    peer: '10.0.0.5',
    attributes: { scenario: 'a run' },
  });
  expect(makeOtlpRun(read, '::1').run.peer).toBeUndefined();
});

describe('a measured signal', () => {
  it.each([
    ['hw.host.power', 'power_watts', 'Infinity', 'not_a_number'],
    ['power_watts', 'power_watts', 'Infinity', 'not_a_number'],
    ['container.cpu.usage', 'cpu_usage_cores', -1, 'negative'],
    ['cpu_usage_cores', 'cpu_usage_cores', null, 'no_value'],
  ])('named %s is refused whole for a sample %s %s', (name, field, asDouble, reason) => {
    const dataPoints = [point({ asDouble: 5 }), point({ asDouble })];
    const other = { name: 'other', gauge: { dataPoints: [point({ asDouble: 'NaN' })] } };
    const { metrics, rejections, run } = convertOne([{ name, gauge: { dataPoints } }, other]);
    expect(metrics.map((metric) => metric.descriptor.name)).toEqual(['other']);
    expect(rejections).toEqual([expect.objectContaining({ item: field, reason, count: 2 })]);
    expect(run.resource.attributes[Attribute.refused]).toEqual([field]);
  });

  it('is refused whole in a unit of something else, and kept in one that can be converted', () => {
    const power = (unit: string) => ({ name: 'hw.host.power', unit, gauge: { dataPoints: [point({ asDouble: 5 })] } });
    const { metrics, rejections, run } = convertOne([power('J'), power('kW')]);
    expect(metrics.map((metric) => metric.descriptor.unit)).toEqual(['kW']);
    expect(rejections).toEqual([
      {
        item: 'power_watts',
        reason: 'unexpected_unit',
        message: 'a run: `hw.host.power` is in `J`, which cannot be converted to W, so its 1 points are refused',
        count: 1,
      },
    ]);
    expect(run.resource.attributes[Attribute.refused]).toEqual(['power_watts']);
  });

  it.each([
    ['sum', 'no_temporality'],
    ['summary', 'unsupported_type'],
  ])('is refused as a %s that cannot be used', (type, reason) => {
    const metric = { name: 'hw.host.power', [type]: { dataPoints: [point({ asInt: 5 })] } };
    const refusedBefore = { key: Attribute.refused, value: { arrayValue: { values: [{ stringValue: 'end_time' }] } } };
    const { rejections, run } = convertOne([metric], [scenario, refusedBefore as never]);
    expect(rejections).toEqual([expect.objectContaining({ item: 'power_watts', reason, count: 1 })]);
    expect(run.resource.attributes[Attribute.refused]).toEqual(['end_time', 'power_watts']);
  });
});

it('refuses power of a run that has no name, and keeps the rest of the request', () => {
  const gauge = (name: string, asDouble: number) => ({
    name,
    gauge: { dataPoints: [{ timeUnixNano: '1', asDouble }] },
  });
  const scopeMetrics = [{ metrics: [gauge('hw.host.power', 5), gauge('queue.length', 3)] }];
  const attributes = [{ key: Attribute.id, value: { stringValue: 'job-7' } }];
  const [run, stream] = convertRequest({
    resourceMetrics: [{ resource: { attributes }, scopeMetrics }, { scopeMetrics }],
  });
  const namesOf = (one = run) => one?.run.scopeMetrics[0]?.metrics.map(({ descriptor }) => descriptor.name);
  expect([namesOf(run), namesOf(stream)]).toEqual([['queue.length'], ['hw.host.power', 'queue.length']]);
  expect(stream?.rejections).toEqual([]);
  expect(run?.rejections).toEqual([
    {
      item: 'run',
      reason: 'no_name',
      message: '`hw.host.power` without the resource attribute `scenario` or `service.name`',
      count: 1,
    },
  ]);
});

it('takes a number as the name of a run, as all stages do', () => {
  const attributes = [{ key: 'scenario', value: { intValue: 7 } }];
  const metric = { name: 'hw.host.power', gauge: { dataPoints: [{ timeUnixNano: '1', asDouble: 5 }] } };
  const [run] = convertRequest({
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics: [metric] }] }],
  });
  expect(run?.rejections).toEqual([]);
  expect(run?.run.scenario).toBe('7');
  expect(run?.run.samplesOf(hostPower)?.series.length).toBe(1);
});

it('takes the three words for how power came about, and says so where a run has another', () => {
  const attribute = (power: string) => ({ key: 'power', value: { stringValue: power } });
  const metric = { name: 'hw.host.power', unit: 'W', gauge: { dataPoints: [point({ asDouble: 5 })] } };
  const [modelled, american] = ['modelled', 'modeled'].map((power) =>
    convertOne([metric], [scenario, attribute(power)]),
  );
  expect([modelled?.run.power, modelled?.rejections]).toEqual(['modelled', []]);
  expect([american?.run.power, american?.run.attributes.power, american?.metrics]).toEqual([
    undefined,
    'modeled',
    [expect.objectContaining({ dataPoints: [expect.objectContaining({ value: 5 })] })],
  ]);
  const message = 'a run: the attribute `power` must be `measured`, `modelled` or `predicted`, not "modeled"';
  expect(american?.rejections).toEqual([{ item: 'power', reason: 'invalid_field', message, count: 0 }]);
});
