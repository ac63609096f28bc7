import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from '../figures/measure.ts';
import { Attribute } from '../model/attributes.ts';
import { toSeconds } from '../model/hr-time.ts';
import { cpuUsage, hostPower } from '../model/signals.ts';
import { parseRun, readResults } from './reader.ts';
import type { ParsedRun } from './run-of-fields.ts';

const FALLBACK = 1_700_000_000;
const measured = {
  name: '2 streams @ 2500k',
  bitrate: '2500k',
  encoder_type: 'libx264',
  duration: 20,
  start_time: 1766947958.1251214,
  end_time: 1766947978.25,
  step_seconds: 5,
  power_watts: [10, 20, 30],
  cpu_usage_cores: [1, 2],
  resolution: '1280x720',
  avg_fps: 29.97,
  total_frames: 3612,
  vmaf_score: null,
};

function parse(value: unknown): ParsedRun {
  return parseRun(value, { fallbackTime: FALLBACK });
}

function attributesOf(value: unknown) {
  return parse(value).run?.attributes ?? {};
}

async function read(...chunks: string[]): Promise<ParsedRun[]> {
  const runs: ParsedRun[] = [];
  for await (const read of readResults(bytesOf(chunks), { fallbackTime: FALLBACK })) runs.push(...read);
  return runs;
}

async function* bytesOf(chunks: readonly string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('a run with samples', () => {
  it('keeps who it was, when it was, and every other field that has a value', () => {
    expect(attributesOf(measured)).toEqual({
      'run.id': '2 streams @ 2500k/1766947958.1251214/libx264/2500k',
      scenario: '2 streams @ 2500k',
      bitrate: '2500k',
      encoder: 'libx264',
      'run.duration': 20,
      'run.start_time': 1766947958.1251214,
      'run.end_time': 1766947978.25,
      'run.resolution': '1280x720',
      'run.avg_fps': 29.97,
      'run.total_frames': 3612,
    });
  });

  it('has its samples as gauges under their OpenTelemetry names', () => {
    const { run, refusals } = parse(measured);
    expect(refusals).toEqual([]);
    const metrics = run?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
    expect(run?.samples.map(({ series }) => series.step)).toEqual([5, 5]);
    expect(run?.metrics).toEqual([]);
    expect(metrics.map(({ descriptor: { name, unit } }) => [name, unit])).toEqual([
      ['hw.host.power', 'W'],
      ['container.cpu.usage', '{cpu}'],
    ]);
    expect(metrics[0]?.dataPoints.map(({ value, endTime }) => [value, ...endTime])).toEqual([
      [10, 1766947958, 125121355],
      [20, 1766947963, 125121355],
      [30, 1766947968, 125121355],
    ]);
  });
});

describe('what a run wrote', () => {
  const written = {
    ...measured,
    content: 'bbb',
    preset: 'fast',
    vmaf_score: 93.5,
    output_bytes: 25_000,
    output_bits_per_second: 100_000,
  };

  it('is kept', () => {
    expect(attributesOf(written)).toMatchObject({
      [Attribute.content]: 'bbb',
      [Attribute.preset]: 'fast',
      [Attribute.vmafScore]: 93.5,
      [Attribute.outputBytes]: 25_000,
      [Attribute.outputBitsPerSecond]: 100_000,
    });
  });

  it.each([
    ['vmaf_score', 101, 'a number from 0 to 100'],
    ['vmaf_score', '93', 'a number from 0 to 100'],
    ['output_bytes', -1, 'a number of bytes, 0 or more'],
    ['output_bits_per_second', [1], 'a number of 0 or more'],
  ])('is refused where %s is %j, and the rest of the run is not', (item, value, expected) => {
    const { run, refusals } = parse({ ...written, [item]: value });
    expect(refusals).toMatchObject([{ item, reason: 'invalid_field' }]);
    expect(refusals[0]?.message).toContain(`\`${item}\` must be ${expected}, not `);
    expect(run?.attributes).not.toHaveProperty([`run.${item}`]);
    expect(run?.attributes).toMatchObject({ [Attribute.content]: 'bbb', [Attribute.refused]: [item] });
    expect(run?.samples).toHaveLength(2);
  });
});

describe('a run without samples, as other tools write it', () => {
  const written = {
    name: '4 streams @ 1080p',
    encoder: 'h264_nvenc',
    preset: 'fast',
    region: 'eu-west-1',
    streams: 4,
    duration: 60,
    start_time: 1766947958,
    outputs: null,
    hosts: ['a', 'b'],
    live: false,
  };

  it('keeps its fields, and ends after its duration', () => {
    const { run, refusals } = parse(written);
    expect(refusals).toEqual([]);
    expect(run?.scopeMetrics.flatMap(({ metrics }) => metrics)).toEqual([]);
    expect(run?.attributes).toEqual({
      'run.id': '4 streams @ 1080p/1766947958/eu-west-1/h264_nvenc',
      scenario: '4 streams @ 1080p',
      encoder: 'h264_nvenc',
      region: 'eu-west-1',
      'run.streams': 4,
      'run.duration': 60,
      'run.start_time': 1766947958,
      'run.end_time': 1766948018,
      'run.preset': 'fast',
      'run.hosts': '["a","b"]',
      'run.live': false,
    });
  });

  it('counts empty lists and nulls as absent, not as 0 and not as wrong', () => {
    const { run, refusals } = parse({ ...measured, power_watts: [], cpu_usage_cores: null });
    expect(refusals).toEqual([]);
    expect(run && measure(run, hostPower)).toMatchObject({ value: undefined, reason: 'no_power_watts' });
    expect(run && measure(run, cpuUsage)).toMatchObject({ value: undefined, reason: 'no_cpu_usage_cores' });
  });
});

describe('every other field', () => {
  it('is kept as run.<key>, whatever its name', () => {
    const known = ['name', 'bitrate', 'encoder', 'encoder_type', 'region', 'streams', 'step_seconds'];
    const handled = [
      ...known,
      'start_time',
      'end_time',
      'duration',
      'power',
      'power_watts',
      'cpu',
      'cpu_usage_cores',
      'refused_fields',
    ];
    const key = fc.oneof(fc.string(), fc.constantFrom('constructor', 'toString', '__proto__', 'boundary', 'scenario'));
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean());
    fc.assert(
      fc.property(
        key.filter((name) => !handled.includes(name)),
        value,
        (name, extra) => {
          const attributes = attributesOf(Object.fromEntries([...Object.entries(measured), [name, extra]]));
          expect(attributes[`run.${name}`]).toBe(extra);
          expect(attributes.scenario).toBe(measured.name);
        },
      ),
    );
  });

  it('takes encoder_type before encoder, and numbers for words', () => {
    expect(attributesOf({ name: 'a', encoder: 'x', encoder_type: 'y' }).encoder).toBe('y');
    expect(attributesOf({ name: 'a', encoder: 'x', encoder_type: '' }).encoder).toBe('x');
    expect(attributesOf({ name: 'a', bitrate: 2500 }).bitrate).toBe('2500');
  });
});

describe('a run of a results file', () => {
  it('has the same name in every reading of it, which is its own where it has one', () => {
    expect(attributesOf({ name: 'a', duration: 5 })['run.id']).toBe(`a/${FALLBACK}`);
    expect(attributesOf({ name: 'a', id: 'mine' })['run.id']).toBe('mine');
  });

  it('says how its samples are to be read also where it says it of one signal', () => {
    const { run } = parse({ ...measured, 'sampling.power_watts': 'interval' });
    expect(run && measure(run, hostPower)).toMatchObject({ value: 300, sampling: 'interval' });
    expect(run && measure(run, cpuUsage)).toMatchObject({ value: 7.5, sampling: 'instant' });
  });
});

describe('refusals', () => {
  it.each([
    ['a run', 'a run', 'not_an_object', 'a run must be an object, not "a run"'],
    ['null', null, 'not_an_object', 'a run must be an object, not null'],
    ['a list', [1, 2], 'not_an_object', 'a run must be an object, not [1,2]'],
    ['no name', {}, 'no_name', 'a run is refused: it has no `name`, and there is no list of `scenarios` in it'],
    [
      'a blank name',
      { name: ' ' },
      'no_name',
      'a run is refused: " " is not a name, and there is no list of `scenarios` in it',
    ],
    [
      'a number for a name',
      { name: 5 },
      'no_name',
      'a run is refused: 5 is not a name, and there is no list of `scenarios` in it',
    ],
  ])('of the whole run: %s', (_, value, reason, message) => {
    expect(parse(value)).toEqual({ refusals: [{ item: 'run', reason, message }] });
  });

  it.each([
    ['a string', '12', 'not_a_list', 'it must be a list of numbers, not "12"'],
    ['an object', { a: 1 }, 'not_a_list', 'it must be a list of numbers, not {"a":1}'],
    ['a number as text', [1, '2', 3], 'not_a_number', 'sample 1 is "2", not a number'],
    ['NaN as text', [1, 2, 'NaN'], 'not_a_number', 'sample 2 is "NaN", not a number'],
    ['true', [true], 'not_a_number', 'sample 0 is true, not a number'],
    ['a list in the list', [[1, 2]], 'not_a_number', 'sample 0 is [1,2], not a number'],
    ['more than a number can hold', JSON.parse('[1, 1e999]'), 'not_a_number', 'sample 1 is null, not a number'],
    ['a negative sample', [1, -0.5, 3], 'negative', 'sample 1 is -0.5, below 0'],
  ])('of a signal alone: %s', (_, power, reason, what) => {
    const { run, refusals } = parse({ ...measured, power_watts: power });
    const message = `2 streams @ 2500k: \`power_watts\` is refused: ${what}`;
    expect(refusals).toEqual([{ item: 'power_watts', reason, message }]);
    expect(run?.attributes[Attribute.refused]).toEqual(['power_watts']);
    expect(run && measure(run, cpuUsage).value).toBe(7.5);
    expect(run && measure(run, hostPower).value).toBeUndefined();
  });

  it.each([
    ['missing', undefined, 'is missing'],
    ['zero', 0, 'is 0'],
    ['negative', -5, 'is -5'],
    ['text', '5', 'is "5"'],
    ['null', null, 'is null'],
    ['endless', Number.POSITIVE_INFINITY, 'is null'],
  ])('of both signals where the step is %s', (_, step, what) => {
    const { run, refusals } = parse({ ...measured, step_seconds: step });
    const reason = `\`step_seconds\` ${what}; it must be a number of seconds above 0, or there must be \`timestamps\``;
    expect(refusals).toEqual(
      ['power_watts', 'cpu_usage_cores'].map((item) => ({
        item,
        reason: 'no_step',
        message: `2 streams @ 2500k: \`${item}\` is refused: ${reason}`,
      })),
    );
    expect(run?.attributes.scenario).toBe('2 streams @ 2500k');
  });

  it.each([
    ['duration', '20', 'a number of seconds, 0 or more and not in milliseconds, not "20"'],
    ['streams', 1.5, 'a whole number, not 1.5'],
    ['streams', -2, 'a whole number, not -2'],
    ['streams', '4', 'a whole number, not "4"'],
    ['power', 'modeled', '`measured`, `modelled` or `predicted`, not "modeled"'],
    ['power', 5, '`measured`, `modelled` or `predicted`, not 5'],
    ['region', { a: 'x'.repeat(100) }, `a string, not {"a":"${'x'.repeat(34)}…`],
    ['bitrate', true, 'a string, not true'],
  ])('of one field: %s %j', (item, value, what) => {
    const { run, refusals } = parse({ ...measured, [item]: value });
    expect(refusals).toEqual([
      { item, reason: 'invalid_field', message: `2 streams @ 2500k: \`${item}\` must be ${what}` },
    ]);
    expect(run && measure(run, hostPower).value).toBe(200);
  });

  it.each([
    ['start_time', '2026-01-01T00:00:00', '"2026-01-01T00:00:00", has no offset from UTC; write it as'],
    [
      'start_time',
      '05/06/2026',
      '"05/06/2026", is neither a number since 1970 nor a time such as 2026-01-31T12:00:00Z',
    ],
    ['start_time', '1766947958', '"1766947958", is neither a number since 1970 nor a time such as'],
    ['start_time', 5e10, '50000000000, is no time from 1970 to 2286, in seconds or smaller units'],
    ['end_time', -1, '-1, is no time from 1970 to 2286'],
    ['end_time', true, 'true, is neither a number since 1970 nor a time'],
  ])('of one time: %s %j', (item, value, what) => {
    const { run, refusals } = parse({ ...measured, [item]: value });
    expect(refusals).toMatchObject([{ item, reason: 'invalid_field' }]);
    expect(refusals[0]?.message).toContain(`2 streams @ 2500k: \`${item}\`, ${what}`);
    expect(run && measure(run, hostPower).value).toBe(200);
  });

  it.each([
    [1766947957, '1766947957'],
    ['2025-12-28T18:52:37Z', '"2025-12-28T18:52:37Z"'],
  ])('of an end before the start, which is then taken from the duration: %j', (end, written) => {
    const { run, refusals } = parse({ ...measured, end_time: end });
    expect(refusals).toEqual([
      {
        item: 'end_time',
        reason: 'invalid_field',
        message: `2 streams @ 2500k: \`end_time\` ${written} is before \`start_time\` 1766947958.1251214`,
      },
    ]);
    expect(run?.attributes[Attribute.endTime]).toBe(1766947978.1251214);
  });
});

describe('how power came about', () => {
  it.each([
    [{}, undefined],
    [{ power: 'measured' }, undefined],
    [{ power: 'modelled' }, 'modelled'],
    [{ power: 'predicted' }, 'predicted'],
    // What `wattline measure` wrote before there was the field.
    [{ power_source: 'model' }, 'modelled'],
    [{ power_source: 'rapl' }, undefined],
    [{ power_source: 'model', power: 'measured' }, undefined],
  ])('is what %j says', (fields, label) => {
    const { run, refusals } = parse({ ...measured, ...fields });
    expect([run?.power, run?.attributes.power, run?.labels.power]).toEqual([label, label, label]);
    expect(run?.attributes['run.power_source']).toBe('power_source' in fields ? fields.power_source : undefined);
    expect(refusals).toEqual([]);
  });

  it('is not carried over to the next run', async () => {
    const both = await read('{"name": "a", "power": "modelled", "power_source": "model"}{"name": "b"}');
    expect(both.map(({ run }) => run?.power)).toEqual(['modelled', undefined]);
    expect(both[1]?.run?.attributes).not.toHaveProperty('run.power_source');
  });
});

describe('when a run ended', () => {
  const endOf = (value: object) => {
    const { run } = parse({ name: 'a', ...value });
    return run && toSeconds(run.window.end);
  };
  it('is its own end, else start and duration, else what the text says', () => {
    expect(endOf({ start_time: 100, end_time: 160, duration: 30 })).toBe(160);
    expect(endOf({ start_time: 100, duration: 30 })).toBe(130);
    expect(endOf({ start_time: 100 })).toBe(100);
    expect(endOf({ duration: 30 })).toBe(FALLBACK);
  });

  it('puts samples without a start before the end', () => {
    const { run } = parse({ name: 'a', end_time: 100, step_seconds: 5, power_watts: [1, 2, 3] });
    const points = run?.scopeMetrics[0]?.metrics[0]?.dataPoints;
    expect(points?.map(({ endTime }) => endTime[0])).toEqual([90, 95, 100]);
  });

  it('puts means of intervals without a start so that the last interval ends with the run', () => {
    const { run } = parse({
      name: 'a',
      end_time: 100,
      step_seconds: 5,
      power_watts: [1, 2, 3],
      sampling: 'interval',
    });
    const points = run?.scopeMetrics[0]?.metrics[0]?.dataPoints;
    expect(points?.map(({ endTime }) => endTime[0])).toEqual([85, 90, 95]);
  });
});

describe('a text', () => {
  it('with Infinity, as Python writes it, costs a run only the field that they stand in', async () => {
    const [run] = await read(
      '{"name": "NaN is in \\"NaN\\"", "step_seconds": 5, "power_watts": [1, -Infinity], "cpu_usage_cores": [1, 2]}',
    );
    expect(run?.run?.attributes[Attribute.scenario]).toBe('NaN is in "NaN"');
    expect(run?.run?.samplesOf(cpuUsage)?.series.values).toEqual(Float64Array.of(1, 2));
    expect(run?.run?.samplesOf(hostPower)?.series).toBeUndefined();
    expect(run?.refusals.map(({ item, reason }) => [item, reason])).toEqual([['power_watts', 'not_a_number']]);
    expect(run?.refusals[0]?.message).toContain('sample 1 is "-Infinity", not a number');
  });

  it('with times of its own has its samples there', async () => {
    const times = '1766947958.5, "2025-12-28T18:52:40Z"';
    const [run] = await read(`{"name": "a", "timestamps": [${times}], "power_watts": [1, 2]}`);
    const series = run?.run?.samplesOf(hostPower)?.series;
    expect([series?.start, series?.offset(1)]).toEqual([[1766947958, 500_000_000], 1.5]);
  });

  it.each([
    ['"soon"', '`timestamps` must be a list, not "soon"'],
    ['[1]', 'there are 2 samples and 1 `timestamps`'],
    ['[1, "soon"]', 'timestamp 1, "soon", is neither a number since 1970 nor a time such as 2026-01-31T12:00:00Z'],
    ['[1, "2026-01-31T12:00:00"]', 'timestamp 1, "2026-01-31T12:00:00", has no offset from UTC; write it as'],
    ['[1, 20000000000]', 'timestamp 1, 20000000000, is no time from 1970 to 2286, in seconds or smaller units'],
    ['[2, 2]', 'timestamp 1 is not after the one before it'],
  ])('with the timestamps %s loses its samples', async (timestamps, problem) => {
    const [run] = await read(`{"name": "a", "timestamps": ${timestamps}, "power_watts": [1, 2]}`);
    expect(run?.refusals).toMatchObject([{ item: 'power_watts', reason: 'invalid_timestamps' }]);
    expect(run?.refusals[0]?.message).toContain(problem);
  });

  it('says how its samples are to be read, else its receiver does', async () => {
    const text = '{"name": "a", "sampling": "instant"}{"name": "b"}{"name": "c", "sampling": "mean"}';
    const runs: ParsedRun[] = [];
    for await (const read of readResults(bytesOf([text]), { fallbackTime: 0, sampling: 'interval' }))
      runs.push(...read);
    expect(runs.map(({ run }) => run?.attributes[Attribute.sampling])).toEqual(['instant', 'interval', undefined]);
    expect(runs[2]?.refusals[0]?.message).toBe('c: `sampling` must be `instant` or `interval`, not "mean"');
  });

  it('with NaN or null among its samples has gaps there', async () => {
    const [run] = await read('{"name": "a", "step_seconds": 5, "power_watts": [1, NaN, 2, null], "duration": NaN}');
    expect(run?.refusals).toEqual([]);
    expect(run?.run?.samplesOf(hostPower)?.series.values).toEqual(Float64Array.of(1, Number.NaN, 2, Number.NaN));
  });

  it('gives the date of its test to runs without a time, each document its own', async () => {
    const runs = await read(
      '{"test_date": "2026-01-01T00:00:00", "scenarios": [{"name": "a"}]}',
      '{"test_date": "2026-01-02T00:00:00+01:00", "scenarios": [{"name": "b"}]}',
      '{"test_date": "soon", "scenarios": [{"name": "c"}]}{"name": "d"}',
    );
    expect(runs.flatMap(({ run }) => run?.attributes[Attribute.endTime] ?? [])).toEqual([
      Date.UTC(2026, 0, 1) / 1000,
      Date.UTC(2026, 0, 1, 23) / 1000,
      FALLBACK,
      FALLBACK,
    ]);
    expect(runs.flatMap(({ refusals }) => refusals.map(({ item, message }) => [item, message]))).toEqual([
      ['test_date', '`test_date`, "soon", is neither a number since 1970 nor a time such as 2026-01-31T12:00:00Z'],
    ]);
  });

  it('yields what cannot be read in its place', async () => {
    const runs = await read('{"scenarios": [{"name": "a"}, {"name": "b", "x": 1.2.3}, {"name": "c"}, null');
    expect(
      runs.map(({ run, refusals }) => [
        run?.attributes.scenario,
        ...refusals.map((refusal) => [refusal.item, refusal.reason]),
      ]),
    ).toEqual([['a'], [undefined, ['run', 'malformed']], ['c'], [undefined, ['file', 'malformed']]]);
  });
});
