import { describe, expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import type { Consumer } from './contract.ts';
import { type HandOverOptions, handOver } from './hand-over.ts';
import { allTaken, deferAll, type Outcome, refuseAll } from './outcome.ts';

const never = new AbortController().signal;
const runsOf = (count: number) => Array.from({ length: count }, (_, index) => Run.of({ scenario: `${index}` }));
const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
};

/** A consumer that notes what it is handed, and answers when it is told to. */
class Gated implements Consumer {
  readonly handed: (readonly Run[])[] = [];
  readonly gates: PromiseWithResolvers<Outcome>[] = [];

  consume(runs: readonly Run[]): Promise<Outcome> {
    this.handed.push(runs);
    const gate = Promise.withResolvers<Outcome>();
    this.gates.push(gate);
    return gate.promise;
  }

  get lengths(): number[] {
    return this.handed.map((runs) => runs.length);
  }
}

function handingOver(
  next: Consumer,
  lists: Parameters<typeof handOver>[1],
  options: Partial<Pick<HandOverOptions, 'signal' | 'stopsAtDeferral'>> = {},
) {
  const told: (readonly [Outcome, readonly Run[]])[] = [];
  const state = { isOver: false };
  const done = handOver(next, lists, { signal: never, onOutcome: (...given) => void told.push(given), ...options });
  const settled = done.finally(() => {
    state.isOver = true;
  });
  return { told, state, settled };
}

describe('handing over', () => {
  it('hands long lists over in parts of at most 256 runs, and short ones as they are', async () => {
    const given: (readonly Run[])[] = [];
    const next: Consumer = {
      async consume(runs) {
        given.push(runs);
        return allTaken;
      },
    };
    const lists = [runsOf(3), runsOf(256), runsOf(600), []];
    const { told, settled } = handingOver(next, lists);
    await settled;
    expect(given.map((runs) => runs.length)).toEqual([3, 256, 256, 256, 88]);
    expect([given[0] === lists[0], given[1] === lists[1]]).toEqual([true, true]);
    expect(given.slice(2).flat()).toEqual(lists[2]);
    expect(told.map(([outcome, runs]) => [outcome, runs.length])).toEqual(given.map((runs) => [allTaken, runs.length]));
  });

  it('has no more than 512 runs under way, and resolves when all of them are settled', async () => {
    const next = new Gated();
    const { state, settled } = handingOver(next, [runsOf(1000)]);
    await turns();
    expect(next.lengths).toEqual([256, 256]);
    next.gates[1]?.resolve(allTaken);
    await turns();
    expect(next.lengths).toEqual([256, 256, 256]);
    next.gates[0]?.resolve(allTaken);
    await turns();
    expect(next.lengths).toEqual([256, 256, 256, 232]);
    next.gates[2]?.resolve(allTaken);
    await turns();
    expect(state.isOver).toBe(false);
    next.gates[3]?.resolve(allTaken);
    await settled;
  });

  it('lets many small lists be under way at once', async () => {
    const next = new Gated();
    const { settled } = handingOver(
      next,
      Array.from({ length: 10 }, () => runsOf(50)),
    );
    await turns();
    // A list may follow as long as a whole part still fits.
    expect(next.lengths).toEqual(Array(6).fill(50));
    for (let i = 0; i < 10; i++) {
      next.gates[i]?.resolve(allTaken);
      await turns();
    }
    await settled;
    expect(next.handed).toHaveLength(10);
  });

  it('tells what became of each list, a fault of what is behind it included', async () => {
    const [first, second, third] = [runsOf(1), runsOf(2), runsOf(1)] as const;
    const fault = new Error('broken');
    const next: Consumer = {
      async consume(runs) {
        if (runs === second) throw fault;
        return runs === third ? refuseAll(runs, 'bad', 'never') : allTaken;
      },
    };
    const { told, settled } = handingOver(next, [first, second, third]);
    await settled;
    const outcomeOf = (list: readonly Run[]) => told.find(([, runs]) => runs === list)?.[0];
    expect([first, second, third].map(outcomeOf)).toEqual([
      allTaken,
      deferAll(second, fault),
      refuseAll(third, 'bad', 'never'),
    ]);
  });

  it('goes on after runs were deferred', async () => {
    const next: Consumer = { consume: async (runs) => deferAll(runs, new Error('away')) };
    const { told, settled } = handingOver(next, [runsOf(600), runsOf(1)]);
    await settled;
    expect(told.map(([, runs]) => runs.length)).toEqual([256, 256, 88, 1]);
  });

  it('hands nothing more over once a run was deferred, where its sender will send all of them again', async () => {
    const next = new Gated();
    let asked = 0;
    const lists = {
      *[Symbol.iterator]() {
        for (; asked < 5; asked++) yield runsOf(256);
      },
    };
    const { told, settled } = handingOver(next, lists, { stopsAtDeferral: true });
    await turns();
    expect(next.lengths).toEqual([256, 256]);
    const [first, second] = next.handed as [readonly Run[], readonly Run[]];
    next.gates[0]?.resolve(refuseAll(first.slice(0, 1), 'bad', 'never'));
    await turns();
    expect(next.lengths).toEqual([256, 256, 256]);
    next.gates[1]?.resolve(deferAll(second.slice(0, 1), new Error('away')));
    next.gates[2]?.resolve(allTaken);
    await settled;
    expect(next.lengths).toEqual([256, 256, 256]);
    expect(told).toHaveLength(3);
  });

  it('hands nothing more over, and waits for nothing, once it is aborted', async () => {
    const next = new Gated();
    const stopped = new AbortController();
    const { settled, told } = handingOver(next, [runsOf(600), runsOf(1)], { signal: stopped.signal });
    await turns();
    stopped.abort();
    await settled;
    expect([next.lengths, told]).toEqual([[256, 256], []]);
  });

  it('rejects where lists cannot be read, once the runs before are settled', async () => {
    const next = new Gated();
    async function* lists() {
      yield runsOf(2);
      throw new Error('unreadable');
    }
    const { state, settled, told } = handingOver(next, lists());
    const failure = settled.catch((error: Error) => error.message);
    await turns();
    expect(state.isOver).toBe(false);
    next.gates[0]?.resolve(allTaken);
    expect(await failure).toBe('unreadable');
    expect(told).toHaveLength(1);
  });
});
