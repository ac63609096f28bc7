import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embodiedEmissions, softwareCarbonIntensity } from './sci.ts';

const amount = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
const share = fc.double({ min: 1e-6, max: 1, noNaN: true });
const machine = fc.record({ total: amount, lifespan: amount, share });

function expectClose(actual: number | undefined, expected: number): void {
  expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
}

describe('embodied emissions', () => {
  it('are those of the whole machine after its whole life', () => {
    fc.assert(
      fc.property(amount, amount, (total, lifespan) => {
        expect(embodiedEmissions({ total, lifespan, share: 1 }, lifespan)).toBe(total);
      }),
    );
  });

  it('add up over the parts of the time and of the machine', () => {
    fc.assert(
      fc.property(machine, amount, share, (of, reserved, part) => {
        const whole = embodiedEmissions(of, reserved);
        const early = embodiedEmissions(of, reserved * part);
        const late = embodiedEmissions(of, reserved * (1 - part));
        expectClose(early + late, whole);
        const mine = embodiedEmissions({ ...of, share: of.share * part }, reserved);
        const theirs = embodiedEmissions({ ...of, share: of.share * (1 - part) }, reserved);
        expectClose(mine + theirs, whole);
      }),
    );
  });
});

describe('software carbon intensity', () => {
  it('grows with the emissions and shrinks with the units that share them', () => {
    fc.assert(
      fc.property(amount, amount, amount, amount, (operational, embodied, units, times) => {
        const one = softwareCarbonIntensity(operational, embodied, units) as number;
        expectClose(softwareCarbonIntensity(operational * times, embodied * times, units), one * times);
        expectClose(softwareCarbonIntensity(operational, embodied, units * times), one / times);
      }),
    );
  });

  it('of components that share a functional unit adds up', () => {
    fc.assert(
      fc.property(amount, amount, amount, amount, amount, (o1, m1, o2, m2, units) => {
        const parts = [softwareCarbonIntensity(o1, m1, units), softwareCarbonIntensity(o2, m2, units)] as number[];
        expectClose(softwareCarbonIntensity(o1 + o2, m1 + m2, units), (parts[0] as number) + (parts[1] as number));
      }),
    );
  });

  it.each([0, -1, Number.NaN])('is unknown for %d functional units', (units) => {
    expect(softwareCarbonIntensity(5, 0, units)).toBeUndefined();
  });
});
