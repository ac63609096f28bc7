import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantFactor, type Factor, type FactorPeriod, type FactorSeries, overlay } from '../model/factor.ts';
import { type Sampling, Series } from '../model/series.ts';
import { type Integral, integrate } from './integrate.ts';
import type { Integrated } from './measure.ts';
import { effectiveFactor, type Part, weigh } from './weigh.ts';

const START = 1_766_947_958;
const factor = (value: number, rest: Partial<Factor> = {}): Factor => {
  return { id: `price/${value}`, quantity: 'price', value, unit: 'USD/kWh', source: 'test', state: 'static', ...rest };
};

function integrated(series: Series, sampling: Sampling = 'instant', duration?: number): Integrated {
  return { ...(integrate(series, { sampling, duration }) as Integral), series, sampling, duration };
}

/** Factors that change at so many seconds from the start, the first holding since ever and the last for ever. */
function changing(edges: readonly number[], values: readonly number[]): FactorSeries {
  const bounds = [Number.NEGATIVE_INFINITY, ...edges.map((edge) => START + edge), Number.POSITIVE_INFINITY];
  return limitedTo(
    values.map((value, i) => ({ from: bounds[i] as number, to: bounds[i + 1] as number, factor: factor(value) })),
  );
}

const limitedTo = (periods: readonly FactorPeriod[]): FactorSeries => ({
  between: (from, to) => periods.filter((period) => period.from < to && period.to > from),
});

const weightedSum = (parts: readonly Part[]) => parts.reduce((sum, part) => sum + part.value * part.factor.value, 0);

const run = fc
  .record({
    values: fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 2, maxLength: 60 }),
    gaps: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 60, maxLength: 60 }),
    sampling: fc.constantFrom<Sampling>('instant', 'interval'),
  })
  .map(({ values, gaps, sampling }) => {
    const offsets = Float64Array.from(values, (_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 0));
    return integrated(Series.irregular([START, 0], offsets, Float64Array.from(values)), sampling);
  });
const tariff = fc.uniqueArray(fc.integer({ min: -50, max: 2000 }), { minLength: 1, maxLength: 12 }).chain((edges) =>
  fc
    .array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: edges.length + 1, maxLength: edges.length + 1 })
    .map((values) =>
      changing(
        [...edges].sort((a, b) => a - b),
        values,
      ),
    ),
);

describe('weigh', () => {
  it('splits at the second where a factor changes, also between two samples', () => {
    const power = integrated(Series.regular([START, 0], 10, Float64Array.of(0, 100)));
    expect(weigh(power, changing([4], [1, 3])).parts.map(({ value }) => value)).toEqual([80, 420]);
    const constant = integrated(Series.regular([START, 0], 60, new Float64Array(61).fill(200)));
    const parts = weigh(constant, changing([1800.5], [1, 3])).parts;
    expect(parts.map(({ value }) => value)).toEqual([200 * 1800.5, 200 * 1799.5]);
  });

  it('splits samples that start at a fraction of a second', () => {
    const power = integrated(Series.regular([START, 500_000_000], 10, Float64Array.of(50, 50)));
    expect(weigh(power, changing([4], [1, 3])).parts.map(({ value }) => value)).toEqual([175, 325]);
  });

  it('leaves the integral to the bit where one factor holds', () => {
    fc.assert(
      fc.property(run, (power) => {
        const { parts, unknown } = weigh(power, constantFactor(factor(0.13)));
        expect(parts.map(({ value }) => value)).toEqual([power.value]);
        expect(unknown).toBe(0);
      }),
    );
  });

  it('loses and adds no energy at any edge', () => {
    fc.assert(
      fc.property(run, tariff, (power, factors) => {
        const { parts, unknown } = weigh(power, factors);
        const sum = parts.reduce((total, { value }) => total + value, 0);
        expect(Math.abs(sum - power.value)).toBeLessThanOrEqual(1e-9 * (power.value + 1));
        expect(unknown).toBe(0);
      }),
    );
  });

  it('gives the integral of power times factor', () => {
    fc.assert(
      fc.property(run, tariff, (power, factors) => {
        // Every edge and every sample is at a whole second: within a second both are plain.
        const { series, sampling } = power;
        const distances = Array.from({ length: series.length - 1 }, (_, i) => series.offset(i + 1) - series.offset(i));
        const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] as number;
        let expected = 0;
        for (let i = 0; i < series.length - (sampling === 'instant' ? 1 : 0); i++) {
          const from = series.offset(i);
          const last = i + 1 === series.length;
          const next = last ? from + from - series.offset(i - 1) : series.offset(i + 1);
          const isHole = next - from > 2 * usual;
          if (isHole && sampling === 'instant') continue;
          const to = isHole ? from + usual : next;
          const [a, b] = [
            series.values[i] as number,
            series.values[last || sampling === 'interval' ? i : i + 1] as number,
          ];
          for (let t = from; t < to; t++) {
            const mean = a + ((b - a) * (t + 0.5 - from)) / (to - from);
            const [period] = factors.between(START + t, START + t + 1);
            expected += mean * (period as FactorPeriod).factor.value;
          }
        }
        expect(Math.abs(weightedSum(weigh(power, factors).parts) - expected)).toBeLessThanOrEqual(
          1e-9 * (expected + 1),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('says for how long it knows no factor', () => {
    const power = integrated(Series.regular([START, 0], 10, new Float64Array(11).fill(60)));
    const known = limitedTo([{ from: START + 20, to: START + 70, factor: factor(2) }]);
    expect(weigh(power, known)).toMatchObject({ parts: [{ value: 3000 }], unknown: 50 });
    expect(weigh(power, limitedTo([]))).toEqual({ parts: [], unknown: 100 });
  });

  it('knows all of it where one series stands in for another, also from the nanosecond that no time since 1970 hits', () => {
    // Neither a beginning nor an end within the rounding of an edge.
    const nanoseconds = fc.integer({ min: 0, max: 999 }).map((milliseconds) => milliseconds * 1e6 + 345_678);
    const steps = fc.integer({ min: 100, max: 2000 }).map((milliseconds) => milliseconds / 1000);
    const edge = fc.integer({ min: -1, max: 4 });
    fc.assert(
      fc.property(nanoseconds, steps, edge, (start, step, at) => {
        const power = integrated(Series.regular([START, start], step, Float64Array.of(60, 70, 80)));
        const known = limitedTo([{ from: START + at, to: START + at + 1, factor: factor(2) }]);
        const instead = constantFactor(factor(3));
        const factors: FactorSeries = {
          between: (from, to) => overlay(known.between(from, to), instead, from, to).between(from, to),
        };
        const { parts, unknown } = weigh(power, factors);
        expect(unknown).toBeLessThan(1e-12);
        const sum = parts.reduce((total, { value }) => total + value, 0);
        expect(Math.abs(sum - power.value)).toBeLessThanOrEqual(1e-12 * power.value);
      }),
    );
  });

  it('gives a gap to no factor', () => {
    const gap = Number.NaN;
    const power = integrated(Series.regular([START, 0], 10, Float64Array.of(60, 60, gap, gap, 60, 60)));
    const { parts, unknown } = weigh(power, changing([15, 45], [1, 2, 3]));
    expect(parts.map(({ value, factor: { value: price } }) => [price, value])).toEqual([
      [1, 600],
      [2, 300],
      [3, 300],
    ]);
    expect(unknown).toBe(0);
  });
});

describe('effectiveFactor', () => {
  const part = (value: number, of: Factor): Part => ({ from: 0, to: 1, value, factor: of });

  it('is the factor itself where there is but one', () => {
    const only = factor(0.2);
    expect(effectiveFactor([part(1, only), part(2, only)])).toBe(only);
    expect(effectiveFactor([])).toBeUndefined();
  });

  it('is there for a run of many more parts than a function takes arguments', () => {
    const parts = Array.from({ length: 300_000 }, (_, i) => part(1, factor(1, { id: 'spot', year: i })));
    expect(effectiveFactor(parts)).toMatchObject({ id: 'spot', value: expect.closeTo(1, 9), state: 'static' });
  });

  it('is the mean by energy, and says what it is made of', () => {
    const day = factor(0.3, { id: 'day', year: 2026, state: 'live' });
    const night = factor(0.1, { id: 'night', source: 'other', year: 2025, state: 'fallback' });
    expect(effectiveFactor([part(3, day), part(1, night)])).toMatchObject({
      id: 'day + night',
      value: expect.closeTo(0.25, 12),
      source: 'test + other',
      year: undefined,
      state: 'fallback',
    });
  });
});
