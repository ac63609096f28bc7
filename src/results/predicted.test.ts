import { describe, expect, it } from 'vitest';
import { parseRun, readResults } from './reader.ts';

const power = {
  ...{ power: 'predicted', power_predicted_watts: 10, power_interval_level: 0.75 },
  ...{ power_predicted_watts_lower: 8, power_predicted_watts_upper: 12 },
};

const parse = (fields: object) => parseRun({ name: 'a', ...fields }, {});

async function* bytesOf(runs: readonly object[]) {
  yield Buffer.from(JSON.stringify({ scenarios: runs }));
}

describe('what a run says of its predictions', () => {
  it('are the attributes that a predictor gives', () => {
    const { run, refusals } = parse({ ...power, power_extrapolated: true });
    expect(refusals).toEqual([]);
    expect(run?.attributes).toMatchObject({
      ...{ power: 'predicted', 'power.predicted_watts': 10, 'power.interval_level': 0.75 },
      ...{ 'power.predicted_watts_lower': 8, 'power.predicted_watts_upper': 12, 'power.extrapolated': true },
    });
    expect(run?.labels).toMatchObject({ power: 'predicted', extrapolated: 'true' });
  });

  it('are those of CPU use too', () => {
    const { run } = parse({ cpu: 'predicted', cpu_predicted_cores_lower: 1.5 });
    expect([run?.cpu, run?.attributes.cpu, run?.attributes['cpu.predicted_cores_lower']]).toEqual([
      ...['predicted', 'predicted', 1.5],
    ]);
    expect(parse({ cpu: 'measured' }).run?.cpu).toBeUndefined();
  });

  it.each([
    ['cpu', 'guessed', '`measured` or `predicted`, not "guessed"'],
    ['power_predicted_watts_lower', -1, 'a number of 0 or more, not -1'],
    ['power_predicted_watts_upper', '12', 'a number of 0 or more, not "12"'],
    ['power_extrapolated', 'yes', '`true` or `false`, not "yes"'],
  ])('is refused field by field: %s %j', (item, value, what) => {
    const { run, refusals } = parse({ ...power, [item]: value });
    expect(refusals).toEqual([{ item, reason: 'invalid_field', message: `a: \`${item}\` must be ${what}` }]);
    expect(run?.attributes['power.predicted_watts']).toBe(10);
    expect(run?.attributes).not.toHaveProperty([item.replace('power_', 'power.')]);
  });

  it('is not carried over to the next run', async () => {
    const first = { name: 'a', cpu: 'predicted', ...power, power_extrapolated: true };
    const runs = [];
    for await (const some of readResults(bytesOf([first, { name: 'b' }]), {})) runs.push(...some);
    expect(runs[1]?.run).toMatchObject({ cpu: undefined, power: undefined, extrapolated: undefined });
  });
});
