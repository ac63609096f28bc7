import { describe, expect, it } from 'vitest';
import {
  applyFactor,
  embodiedEmissions,
  integrate,
  JOULES_PER_KWH,
  softwareCarbonIntensity,
} from '../../src/figures/index.ts';
import { givenCurve } from '../../src/measure/utilisation-curve.ts';
import { Series } from '../../src/model/series.ts';
import { wattsAt } from '../../src/prediction/utilisation-curve.ts';

// Examples of the Software Carbon Intensity specification and of the Impact Framework (MIT), recomputed; grams of CO₂e.

const HOUR = 3600;
const FOUR_YEARS = 4 * 365 * 24 * HOUR;
const server = { total: 1_000_000, lifespan: FOUR_YEARS, share: 1 };
const EXTRA = 100_000;

describe('embodied emissions', () => {
  it.each([
    ['an hour of four years of a server of 1000 kg', server.total, 28.538812785388128],
    ['with one more vCPU', server.total + EXTRA, 31.39269406392694],
    ['with three more vCPUs', server.total + 3 * EXTRA, 37.10045662100457],
    ['with two disks', server.total + 2 * EXTRA, 34.24657534246575],
  ])('%s', (_, total, expected) => {
    expect(embodiedEmissions({ ...server, total }, HOUR)).toBe(expected);
  });

  it('of two such hours add up', () => {
    const hour = embodiedEmissions({ ...server, total: server.total + 2 * EXTRA }, HOUR);
    expect(hour + hour).toBe(68.4931506849315);
  });
});

describe('software carbon intensity', () => {
  it.each([
    ['100 requests', 5.02, 100, 0.050199999999999995],
    ['10 requests', 0.205, 10, 0.020499999999999997],
  ])('of %s', (_, carbon, requests, expected) => {
    expect(softwareCarbonIntensity(carbon, 0, requests)).toBe(expected);
  });

  it('has no value without a functional unit', () => {
    expect(softwareCarbonIntensity(5, 0, 0)).toBeUndefined();
  });

  it.each([
    ['a data warehouse', 0.11, 554, 6.87, 67.81],
    ['a shop’s database', 0.0096, 951, 5.112, 14.2416],
  ])('of %s, for one functional unit', (_, kwh, gramsPerKwh, embodied, expected) => {
    const operational = applyFactor(kwh * JOULES_PER_KWH, JOULES_PER_KWH, 1, gramsPerKwh);
    expectClose(softwareCarbonIntensity(operational, embodied, 1), expected);
  });
});

describe('a pipeline from utilisation to software carbon intensity', () => {
  /** Thermal design power in watts, and the part of it that is drawn at so many per cent of utilisation. */
  const TDP = 100;
  const CURVE = [
    [0, 0.12],
    [10, 0.32],
    [50, 0.75],
    [100, 1.02],
  ] as const;
  const VCPUS = 2 / 8;
  const NETWORK_KWH = 1e-6;
  const GRAMS_PER_KWH = 800;

  /** Each piece of the curve is one from its idle to its busy power. */
  function wattsOf(utilisation: number): number {
    const busy = CURVE.findIndex(([percent]) => percent >= utilisation);
    const [[from, idle], [to, max]] = [CURVE[busy - 1], CURVE[busy]] as [(typeof CURVE)[0], (typeof CURVE)[0]];
    return wattsAt(givenCurve(idle * TDP, max * TDP, to - from), utilisation - from);
  }

  function step(utilisation: number, seconds: number) {
    const joules = integrated(wattsOf(utilisation), seconds) * VCPUS + NETWORK_KWH * JOULES_PER_KWH;
    return {
      joules,
      operational: applyFactor(joules, JOULES_PER_KWH, 1, GRAMS_PER_KWH),
      embodied: embodiedEmissions(server, seconds),
    };
  }

  it.each([
    { utilisation: 50, seconds: 1, factor: 0.75, total: 0.012894114662607812 },
    { utilisation: 20, seconds: 5, factor: 0.4275, total: 0.05231223997970574 },
    { utilisation: 15, seconds: 7, factor: 0.37375, total: 0.07082685819381025 },
    { utilisation: 15, seconds: 30, factor: 0.37375, total: 0.30091510654490106 },
  ])('$seconds s at $utilisation %', ({ utilisation, seconds, factor, total }) => {
    expectClose(wattsOf(utilisation), factor * TDP);
    const { operational, embodied } = step(utilisation, seconds);
    expectClose(softwareCarbonIntensity(operational, embodied, 1), total);
  });

  it('has the parts of its first step', () => {
    const { joules, operational, embodied } = step(50, 1);
    expectClose(joules / JOULES_PER_KWH - NETWORK_KWH, 5.208333e-6, 1e-7);
    expectClose(operational, 0.004966666666666666);
    expectClose(embodied, 0.007927447995941146);
  });

  /** Joules of a constant power, by two samples. */
  function integrated(watts: number, seconds: number): number {
    const found = integrate(Series.regular([0, 0], seconds, Float64Array.of(watts, watts)));
    return found?.value as number;
  }
});

function expectClose(actual: number | undefined, expected: number, within = 1e-14): void {
  expect(Math.abs((actual as number) / expected - 1)).toBeLessThan(within);
}
