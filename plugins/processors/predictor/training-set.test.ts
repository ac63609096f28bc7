import { expect, it } from 'vitest';
import { Run } from 'wattline/plugin';
import { TrainingSet } from './training-set.ts';

it('has no model before enough different numbers of streams are known', () => {
  const set = new TrainingSet({ minDistinct: 3, maxRuns: 100 });
  set.add('a', [1, 10]);
  set.add('b', [2, 20]);
  set.add('c', [2, 21]);
  expect(set.model()).toBeUndefined();
  set.add('d', [3, 30]);
  expect(set.model()?.observations).toBe(4);
});

it('holds each run once, as it was measured last', () => {
  const set = new TrainingSet({ minDistinct: 2, maxRuns: 100 });
  set.add('a', [1, 10]);
  set.add('b', [2, 20]);
  const model = set.model();
  set.add('a', [1, 10]);
  expect(set.model()).toBe(model);
  set.add('b', [2, 30]);
  expect(set.size).toBe(2);
  expect(set.model()?.slope).toBe(20);
  set.add('b', [1, 30]);
  expect(set.model()).toBeUndefined();
});

it('forgets the oldest runs beyond its size, a renewed one counting as new', () => {
  const set = new TrainingSet({ minDistinct: 2, maxRuns: 2 });
  set.add('a', [1, 10]);
  set.add('b', [2, 20]);
  set.add('a', [1, 12]);
  set.add('c', [3, 14]);
  expect(set.size).toBe(2);
  expect(set.model()).toMatchObject({ slope: 1, intercept: 11, observations: 2 });
});

it('looks at what has arrived when asked: of each run the latest, as many as there is room for, with known streams', () => {
  const set = new TrainingSet({ minDistinct: 2, maxRuns: 3 });
  const sequential = new TrainingSet({ minDistinct: 2, maxRuns: 3 });
  for (let i = 0; i < 40; i++) {
    const scenario = `${i % 5} streams`;
    set.learn(Run.of({ scenario, 'run.start_time': i % 7 }), i);
    set.learn(Run.of({ scenario: 'a mystery' }), 1000);
    sequential.add(`${scenario}\n${i % 7}`, [i % 5, i]);
  }
  expect(set.size).toBe(3);
  expect([...set.observations()]).toEqual([...sequential.observations()]);
  expect(set.model()).toEqual(sequential.model());
});

it('takes the number of streams that a run states, else that of its name, else 0 where nothing was encoded', () => {
  const set = new TrainingSet({ minDistinct: 2, maxRuns: 9 });
  set.learn(Run.of({ scenario: '2 streams', 'run.streams': 7 }), 1);
  set.learn(Run.of({ scenario: '2 streams', 'run.streams': -1, 'run.start_time': 5 }), 2);
  set.learn(Run.of({ scenario: 'waiting', encoder: 'none' }), 3);
  set.learn(Run.of({ scenario: '4 streams', encoder: 'none' }), 4);
  set.learn(Run.of({}), 5);
  expect([...set.observations()]).toEqual([
    [7, 1],
    [2, 2],
    [0, 3],
    [4, 4],
  ]);
});

it('has room for any name', () => {
  const set = new TrainingSet({ minDistinct: 2, maxRuns: 2 });
  const long = `${'größer '.repeat(1000)} 3 streams`;
  for (const scenario of ['1 stream', long, '2 streams', long]) set.learn(Run.of({ scenario }), scenario.length);
  expect([...set.observations()]).toEqual([
    [2, 9],
    [3, long.length],
  ]);
});

it('keeps the same runs whenever it is asked, also of those that arrive unchanged again', () => {
  const asked = new TrainingSet({ minDistinct: 2, maxRuns: 3 });
  const unasked = new TrainingSet({ minDistinct: 2, maxRuns: 3 });
  for (const streams of [1, 2, 3, 1, 4]) {
    for (const set of [asked, unasked]) set.learn(Run.of({ scenario: `${streams} streams` }), streams * 10);
    expect(asked.size).toBeGreaterThan(0);
  }
  const kept = [
    [3, 30],
    [1, 10],
    [4, 40],
  ];
  expect([...asked.observations()]).toEqual(kept);
  expect([...unasked.observations()]).toEqual(kept);
});
