import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitModel } from 'wattline/prediction';
import { fittingAndJudging, Learner, type LearnerOptions } from './learner.ts';
import type { LearntRun } from './training-set.ts';

const options: LearnerOptions = {
  model: 'auto',
  leastDifferent: 3,
  level: 0.9,
  outside: 'widen',
  maxRuns: 40,
  maxGroups: 3,
};
const learnt = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 500 }).map(String),
    group: fc.constantFrom('a', 'b', 'c', 'd'),
    start: fc.integer({ min: 0, max: 20 }),
    x: fc.integer({ min: 0, max: 8 }),
    y: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
);

async function predictionsAfter(runs: readonly LearntRun[], asksBetween = false): Promise<unknown[]> {
  const learner = new Learner(options);
  for (const run of runs) {
    learner.learn(run);
    if (asksBetween) await learner.settle();
  }
  await learner.settle();
  return ['a', 'b', 'c', 'd', 'unseen'].flatMap((group) => [0, 2.5, 8, 20].map((x) => learner.predict(group, x)));
}

it('predicts bit for bit the same after the same runs, in whatever order they came and whenever it was asked', async () => {
  const order = learnt.chain((runs) =>
    fc.tuple(fc.constant(runs), fc.shuffledSubarray(runs, { minLength: runs.length })),
  );
  await fc.assert(
    fc.asyncProperty(order, async ([runs, shuffled]) => {
      expect(await predictionsAfter(shuffled)).toStrictEqual(await predictionsAfter(runs));
    }),
    { numRuns: 30 },
  );
  const [runs] = fc.sample(learnt, 1) as [LearntRun[]];
  expect(await predictionsAfter(runs, true)).toStrictEqual(await predictionsAfter(runs));
});

it('fits 10,000 runs in about as many steps as 100', () => {
  const runs = (count: number): LearntRun[] =>
    Array.from({ length: count }, (_, i) => ({ id: `${i}`, group: '', start: i, x: i, y: i + ((i * 7919) % 101) }));
  const stepsOf = (count: number) => [...fittingAndJudging(runs(count), { ...options, maxRuns: count })].length;
  expect(stepsOf(10_000)).toBeGreaterThan(64);
  expect(stepsOf(10_000)).toBe(stepsOf(100));
});

it('has models of the groups with the most runs, and says how many it left out', async () => {
  const learner = new Learner({ ...options, maxGroups: 1 });
  const learn = (group: string, count: number) => {
    for (let i = 0; i < count; i++) learner.learn({ id: `${group}${i}`, group, start: i, x: i, y: i });
  };
  learn('few', 4);
  learn('many', 5);
  await learner.settle();
  expect([...(learner.lastFit?.model.groups.keys() ?? [])]).toEqual(['many']);
  expect(learner.lastFit?.groupsLeftOut).toBe(1);
  expect(learner.predict('few', 2)).toMatchObject({ value: undefined, reason: 'no_model' });
});

it('shows the last fit until it is settled', async () => {
  const learner = new Learner(options);
  for (let i = 0; i < 4; i++) learner.learn({ id: `${i}`, group: '', start: i, x: i, y: 10 * i });
  expect(learner.lastFit).toBeUndefined();
  await learner.settle();
  const fit = learner.lastFit;
  learner.learn({ id: 'more', group: '', start: 9, x: 9, y: 90 });
  expect(learner.lastFit).toBe(fit);
  await learner.settle();
  expect(learner.lastFit?.model.groups.get('')).toMatchObject({ runs: 5, to: 9 });
});

it('takes a model that was lent only for what that knows, and keeps what is possible by it', async () => {
  const runsOf = (group: string, xs: readonly number[], slope: number) =>
    xs.map((x) => ({ id: `${group} ${x}`, group, x, y: slope * x, start: x }));
  const own = new Learner(options);
  for (const run of [...runsOf('c', [1, 2, 3, 4], 10), ...runsOf('d', [1, 2, 3, 4], 12), ...runsOf('b', [2], 11)])
    own.learn(run);
  await own.settle();
  const before = ['b', 'new'].map((group) => own.predict(group, 3).value);
  expect(before).not.toContain(undefined);
  const most = 25;
  own.lend(fitModel(runsOf('a', [1, 2, 3, 4], 10), { ...options, most }));
  expect(['b', 'new'].map((group) => own.predict(group, 3).value)).toEqual(before);
  expect(own.predict('a', 2).value).toBeCloseTo(20, 9);
  expect(own.predict('a', 3)).toMatchObject({ value: undefined, reason: 'impossible' });
});
