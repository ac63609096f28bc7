import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { memoryStates } from '../../../src/plugin/states.ts';
import { Learner } from './learner.ts';
import { Upkeep } from './upkeep.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function upkeepOf(savesSoon = false) {
  const power = new Learner({
    model: 'auto',
    leastDifferent: 3,
    level: 0.9,
    outside: 'widen',
    maxRuns: 1000,
    maxGroups: 10,
  });
  const warnings: string[] = [];
  const upkeep = new Upkeep({ power }, { lesson: 'a', savesSoon, warn: (message) => warnings.push(message) });
  let count = 0;
  return {
    power,
    upkeep,
    warnings,
    /** Learns so many runs of 1 to 5 streams that differ by up to 1 W, and draw so much more; then lets a while go by. */
    async learn(runs: number, more = 0) {
      for (let i = 0; i < runs; i++, count++) {
        const x = 1 + (count % 5);
        const y = 25 + 25 * x + ((count * 7919) % 21) / 10 - 1 + more;
        power.learn({ id: `${count}`, group: '', start: count, x, y });
      }
      upkeep.soon();
      vi.advanceTimersByTime(2000);
      await upkeep.idle();
    },
  };
}

it('fits what was learnt while nobody asks', async () => {
  const { learn, power, warnings } = upkeepOf();
  await learn(20);
  expect(power.lastFit?.model.groups.get('')?.runs).toBe(20);
  await learn(10);
  expect(power.lastFit?.model.groups.get('')?.runs).toBe(30);
  expect(warnings).toEqual([]);
});

it('warns of a drift once, and again only after it has been gone', async () => {
  const { learn, warnings } = upkeepOf();
  await learn(200);
  expect(warnings).toEqual([]);
  await learn(50, 10);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^the power has drifted: the latest runs have (9\.|10\.)\d+ W more on average than those before them say, and 90 % of single runs differ by at most \d/,
    ),
  ]);
  await learn(1, 10);
  expect(warnings).toHaveLength(1);
  await learn(200);
  await learn(50, 20);
  expect(warnings).toHaveLength(2);
});

it('says once that what was learnt cannot be kept, and keeps it as soon as that is possible', async () => {
  const { learn, upkeep, warnings } = upkeepOf(true);
  const state = await memoryStates().openState('tested', 'predictor');
  let isFull = false;
  await upkeep.start({
    ...state,
    update: (change) => (isFull ? Promise.reject(new Error('the disk is full')) : state.update(change)),
  });
  isFull = true;
  await learn(4);
  await learn(4);
  expect(warnings).toEqual(['what was learnt cannot be kept: the disk is full']);
  isFull = false;
  await learn(1);
  expect(state.entries('predictor/power/')).toHaveLength(9);
  await upkeep.shutdown();
  expect(warnings).toHaveLength(1);
});
