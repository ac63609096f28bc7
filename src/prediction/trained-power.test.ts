import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostPower, ModelledWatts } from './host-power.ts';
import { fitModel, type ModelOptions } from './model.ts';
import { trainedPower } from './trained-power.ts';

const options: ModelOptions = { model: 'auto', leastDifferent: 3, level: 0.9, outside: 'widen' };
const runsOf = (pairs: readonly (readonly [cores: number, watts: number])[]) =>
  pairs.map(([x, y], i) => ({ id: String(i), group: '', x, y }));

describe('the power of a host by runs that were measured on it', () => {
  it('never falls with the cores in use, lies in its interval, and says where it is extrapolated', () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 32 }), fc.double({ min: 1, max: 500, noNaN: true }));
    const pairs = fc.uniqueArray(pair, { minLength: 5, maxLength: 12, selector: ([cores]) => cores });
    fc.assert(
      fc.property(pairs, fc.double({ min: 0, max: 40, noNaN: true }), (measured, cores) => {
        const power = trainedPower(fitModel(runsOf(measured), options)) as HostPower;
        const [value, more] = [power.at(cores), power.at(cores + 1)] as [ModelledWatts, ModelledWatts];
        expect(more.value).toBeGreaterThanOrEqual(value.value - 1e-9);
        expect(value.lower).toBeLessThanOrEqual(value.value);
        expect(value.upper).toBeGreaterThanOrEqual(value.value);
        const all = measured.map(([one]) => one);
        expect(value.extrapolated).toBe(cores < Math.min(...all) || cores > Math.max(...all));
        expect(power.level).toBeLessThanOrEqual(measured.length / (measured.length + 1));
      }),
    );
  });

  it('is not known of runs with too few different CPU use', () => {
    const model = fitModel(
      runsOf([
        [1, 10],
        [1, 11],
        [2, 20],
      ]),
      options,
    );
    expect(trainedPower(model)).toEqual({ reason: 'no_model', problem: expect.stringContaining('too few different') });
  });

  it('is refused where the model refuses it', () => {
    const pairs = [1, 2, 3, 4].map((cores) => [cores, 10 * cores] as const);
    const power = trainedPower(fitModel(runsOf(pairs), { ...options, outside: 'refuse' })) as HostPower;
    expect(power.at(5)).toEqual({ reason: 'extrapolated', problem: expect.stringContaining('outside') });
    expect(power.at(4)).toMatchObject({ value: 40 });
  });
});
