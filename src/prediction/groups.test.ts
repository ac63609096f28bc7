import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitModel, type ModelOptions, type Prediction, predict, type TrainingRun } from './model.ts';

const options: ModelOptions = { model: 'auto', leastDifferent: 3, level: 0.9, outside: 'widen' };
const load = (x: number) => 20 + 6 * x ** 0.7;

function runsOf(group: string, xs: readonly number[], y: (x: number) => number): TrainingRun[] {
  return xs.map((x, i) => ({ id: `${group} ${i}`, group, x, y: y(x) }));
}

function expected(prediction: Prediction): number {
  if (prediction.value === undefined) throw new Error(prediction.problem);
  return prediction.value;
}

describe('a group of few runs', () => {
  const full = (group: string, y: (x: number) => number) => runsOf(group, [0, 1, 2, 4, 6, 8], y);

  it('borrows the shape of the others by a scale where that is how groups differ', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.4, max: 3, noNaN: true }), { minLength: 3, maxLength: 6 }),
        fc.double({ min: 0.4, max: 3, noNaN: true }),
        (scales, own) => {
          fc.pre(Math.max(...scales) / Math.min(...scales) > 1.05);
          const others = scales.flatMap((scale, i) => full(`g${i}`, (x) => scale * load(x)));
          const model = fitModel([...others, ...runsOf('few', [1, 2], (x) => own * load(x))], options);
          expect(model.groups.get('few')?.borrowed).toMatchObject({ by: 'scale', groups: scales.length + 1 });
          for (const x of [0, 4, 8]) {
            expect(expected(predict(model, 'few', x)) / (own * load(x))).toBeCloseTo(1, 2);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('borrows it by an offset where that is how they differ', () => {
    const others = [0, 15, 40].flatMap((offset, i) => full(`g${i}`, (x) => offset + load(x)));
    const model = fitModel([...others, ...runsOf('few', [2], (x) => 60 + load(x))], options);
    expect(model.groups.get('few')?.borrowed?.by).toBe('offset');
    expect(expected(predict(model, 'few', 6))).toBeCloseTo(60 + load(6), 6);
  });

  it('is moved toward the typical one where runs of one group differ as much as groups do', () => {
    const noise = [3, -3, 2, -2, 3, -3];
    const others = ['a', 'b', 'c', 'd'].flatMap((group, g) =>
      full(group, load).map((run, i) => ({ ...run, y: run.y + (noise[(i + g) % 6] as number) })),
    );
    const model = fitModel([...others, ...runsOf('few', [4], (x) => 2 * load(x))], options);
    const { borrowed } = model.groups.get('few') ?? {};
    const amount = borrowed?.by === 'scale' ? (borrowed.amount - 1) * load(4) : (borrowed?.amount ?? 0);
    expect(amount).toBeLessThan(load(4) * 0.99);
    expect(amount).toBeGreaterThanOrEqual(0);
  });

  it('leaves groups of enough runs as they are without the others', () => {
    const own = full('a', load);
    const alone = fitModel(own, options).groups.get('a');
    const beside = fitModel([...own, ...full('b', (x) => 3 * load(x)), ...runsOf('c', [1], load)], options);
    expect(beside.groups.get('a')).toEqual(alone);
  });
});

describe('a group never seen', () => {
  const members = [1, 1.2, 0.8, 1.1].flatMap((scale, i) => runsOf(`g${i}`, [0, 1, 2, 4], (x) => scale * load(x)));

  it('is a typical one, extrapolated, with an interval that claims no more than the groups carry', () => {
    const prediction = predict(fitModel(members, options), 'new', 2);
    if (prediction.value === undefined) throw new Error(prediction.problem);
    expect(prediction).toMatchObject({ extrapolated: true, isNewGroup: true });
    expect(prediction.value / load(2)).toBeCloseTo(1.025, 2);
    expect(prediction.interval?.level).toBe(4 / 5);
    expect(prediction.interval?.lower).toBeLessThan(0.85 * load(2));
    expect(prediction.interval?.upper).toBeGreaterThan(1.15 * load(2));
  });

  it('has no prediction where that is refused, or where there is one group only', () => {
    const strict = fitModel(members, { ...options, outside: 'refuse' });
    expect(predict(strict, 'new', 2)).toMatchObject({ value: undefined, reason: 'extrapolated' });
    expect(predict(strict, 'g1', 2).value).toBeCloseTo(1.2 * load(2), 9);
    const single = fitModel(runsOf('a', [0, 1, 2, 4], load), options);
    expect(predict(single, 'b', 2)).toMatchObject({ value: undefined, reason: 'no_model' });
  });
});

it('holds new runs of groups of few runs as often as it claims', () => {
  // Group and run differ from the typical one at random; the random numbers are the same each time.
  let state = 1;
  const random = () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  let [held, all, claimed] = [0, 0, 0];
  for (let trial = 0; trial < 60; trial++) {
    const scales = Array.from({ length: 10 }, () => 0.7 + 0.6 * random());
    const noisy = (scale: number) => (x: number) => scale * load(x) * (0.97 + 0.06 * random());
    const runs = scales.flatMap((scale, i) => runsOf(`g${i}`, i === 0 ? [1, 4] : [0, 1, 2, 4, 6, 8], noisy(scale)));
    const model = fitModel(runs, options);
    for (const x of [0, 2, 8]) {
      const prediction = predict(model, 'g0', x);
      if (prediction.value === undefined || !prediction.interval) throw new Error('no interval');
      const y = noisy(scales[0] as number)(x);
      claimed += prediction.interval.level;
      all++;
      if (y >= prediction.interval.lower && y <= prediction.interval.upper) held++;
    }
  }
  expect(held / all).toBeGreaterThanOrEqual(claimed / all - 0.03);
});

it('has an interval around what it expects, of finite numbers, whatever it has learnt from', () => {
  const number = fc.constantFrom(0, 5e-324, 1e-300, 1e-9, 1, 2, 3, 8, 100, 1e155, 1e300, 1.7e308);
  const run = fc.record({ id: fc.uuid(), group: fc.constantFrom('a', 'b', 'c'), x: number, y: number });
  const model = fc.constantFrom('auto', 'linear', 'power', 'monotone');
  fc.assert(
    fc.property(fc.array(run, { minLength: 2, maxLength: 12 }), model, number, (runs, kind, x) => {
      const fitted = fitModel(runs, { ...options, model: kind });
      for (const group of ['a', 'b', 'd']) {
        const prediction = predict(fitted, group, x);
        if (prediction.value === undefined) continue;
        const { value, interval = { lower: value, upper: value } } = prediction;
        expect(Number.isFinite(value)).toBe(true);
        expect(Number.isFinite(interval.upper)).toBe(true);
        expect(interval.lower).toBeLessThanOrEqual(value);
        expect(interval.upper).toBeGreaterThanOrEqual(value);
        expect(prediction.group.r2).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 200 },
  );
});

it('keeps by how much other groups were missed with the smallest first, as intervals need it', () => {
  const scales = [2, 1, 1.5, 0.8, 1.2];
  const members = scales.flatMap((scale, i) => runsOf(`g${i}`, [0, 1, 2, 4], (x) => scale * load(x)));
  const { typical } = fitModel(members, options);
  const sizes = (typical?.leftOut?.misses ?? []).map(({ error }) => Math.abs(error));
  expect(sizes).toHaveLength(5);
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
});

it('does not depend on the order of the runs', () => {
  const run = fc.record({
    group: fc.constantFrom('a', 'b', 'c'),
    x: fc.integer({ min: 0, max: 6 }),
    y: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 6, maxLength: 20 }), (list) => {
      const runs = list.map((one, i) => ({ ...one, id: String(i) }));
      const [model, reversed] = [fitModel(runs, options), fitModel(runs.toReversed(), options)];
      for (const group of ['a', 'b', 'c', 'd']) {
        const [one, other] = [predict(model, group, 3), predict(reversed, group, 3)];
        if (one.value === undefined) expect(other).toEqual(one);
        else expect(other).toEqual(one);
      }
    }),
    { numRuns: 50 },
  );
});
