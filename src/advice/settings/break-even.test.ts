import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakEven, energyWithViews } from './break-even.ts';

const encode = fc.record({
  joules: fc.integer({ min: 1, max: 1_000_000 }),
  bits: fc.integer({ min: 1, max: 1000 }).map((millions) => millions * 1e6),
});
const joulesPerBit = fc.integer({ min: 1, max: 1000 }).map((times) => times * 1e-9);

describe('the views that an encode breaks even at', () => {
  it('are those from which on it takes less energy in all', () => {
    fc.assert(
      fc.property(encode, encode, joulesPerBit, (first, second, perBit) => {
        const found = breakEven(first, second, perBit);
        const more = (views: number) => energyWithViews(second, views, perBit) - energyWithViews(first, views, perBit);
        const sign = ('always' in found ? found.always : found.above) === 'second' ? -1 : 1;
        if ('always' in found) {
          for (const views of [0, 1, 1000]) expect(sign * more(views)).toBeGreaterThanOrEqual(0);
        } else {
          expect(sign * more(found.views * 1.001)).toBeGreaterThan(0);
          expect(sign * more(found.views * 0.999)).toBeLessThan(0);
        }
      }),
    );
  });

  it('are 1000 where 100 J more save 0.1 J a view', () => {
    const found = breakEven({ joules: 50, bits: 3e6 }, { joules: 150, bits: 2e6 }, 1e-7);
    expect(found).toEqual({ views: expect.closeTo(1000, 6), above: 'second' });
  });
});
