import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inParallel } from './parallel.ts';

describe('work in parallel', () => {
  it('is done once for each item, never more at a time than the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3)), fc.integer({ min: 1, max: 5 }), async (turns, limit) => {
        let running = 0;
        let most = 0;
        const done: number[] = [];
        await inParallel([turns.entries()], limit, async ([index, count]) => {
          most = Math.max(most, ++running);
          for (let i = 0; i < count; i++) await turn();
          running--;
          done.push(index);
        });
        expect(most).toBe(Math.min(limit, most));
        expect(done.sort((a, b) => a - b)).toEqual([...turns.keys()]);
      }),
    );
  });

  it('takes no more items after a failure, waits for what is under way, and throws it', async () => {
    let closed = false;
    async function* items() {
      try {
        for (let i = 0; ; i += 2) yield [i, i + 1];
      } finally {
        closed = true;
      }
    }
    const begun: number[] = [];
    const ended: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      await turn();
      if (item === 2) throw new Error('two');
      await turn();
      ended.push(item);
    };
    await expect(inParallel(items(), 4, work)).rejects.toThrow('two');
    expect(closed).toBe(true);
    expect(ended).toEqual(begun.filter((item) => item !== 2));
  });

  it('takes no more items after work has failed at once, and throws that', async () => {
    const begun: number[] = [];
    const work = (item: number) => {
      begun.push(item);
      if (item === 2) throw new Error('two');
      return item === 1 ? turn() : undefined;
    };
    await expect(inParallel([[1, 2, 3], [4]], 4, work)).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });

  it('waits for what is under way where the items fail', async () => {
    async function* items() {
      yield [1];
      throw new Error('no more');
    }
    let ended = false;
    const work = async () => {
      await turn();
      ended = true;
    };
    await expect(inParallel(items(), 4, work)).rejects.toThrow('no more');
    expect(ended).toBe(true);
  });
});
