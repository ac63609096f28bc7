import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrate } from '../figures/integrate.ts';
import { Series } from '../model/series.ts';
import { evenRates } from './even-rates.ts';

const positive = fc.double({ min: 1e-3, max: 100, noNaN: true });
const readings = fc
  .array(fc.tuple(positive, fc.oneof(fc.constant(0), positive)), { minLength: 1, maxLength: 80 })
  .map((gaps) => {
    const times = [0];
    const totals = [0];
    for (const [time, count] of gaps) {
      times.push((times.at(-1) as number) + time);
      totals.push((totals.at(-1) as number) + count);
    }
    return { times, totals };
  });

const integral = ({ step, rates }: ReturnType<typeof evenRates>) =>
  integrate(Series.regular([0, 0], step, rates))?.value as number;

describe('evenRates', () => {
  it('integrates to what was counted, over the whole run, whenever the counter was read', () => {
    fc.assert(
      fc.property(readings, positive, ({ times, totals }, interval) => {
        const even = evenRates({ times, totals }, interval);
        const counted = totals.at(-1) as number;
        expect(Math.abs(integral(even) - counted)).toBeLessThanOrEqual(1e-9 * counted);
        const duration = times.at(-1) as number;
        expect(even.step * (even.rates.length - 1)).toBeCloseTo(duration, 9);
        expect(even.rates.length).toBe(Math.max(1, Math.round(duration / interval)) + 1);
        expect(even.rates.every((rate) => rate >= 0)).toBe(true);
      }),
    );
  });

  it('gives a steady counter one rate, however late it was read', () => {
    fc.assert(
      fc.property(readings, positive, ({ times }, rate) => {
        const even = evenRates({ times, totals: times.map((time) => time * rate) }, 1);
        for (const value of even.rates) expect(value / rate).toBeCloseTo(1, 6);
      }),
    );
  });

  it('shows a change where it was', () => {
    const { step, rates } = evenRates({ times: [0, 1, 2, 3, 4], totals: [0, 0, 0, 2, 4] }, 1);
    expect(step).toBe(1);
    expect([...rates]).toEqual([0, 0, 1, 2, 2]);
  });

  it('has two equal samples for a run that ends before the first reading', () => {
    const { step, rates } = evenRates({ times: [0, 0.02], totals: [0, 0.01] }, 1);
    expect(step).toBe(0.02);
    expect([...rates]).toEqual([0.5, 0.5]);
  });
});
