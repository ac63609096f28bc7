import { describe, expect, it } from 'vitest';
import { measure } from 'wattline/figures';
import { allTaken, deferAll, hostPower, type Processor, type Run, refuseAll } from 'wattline/plugin';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import plugin from './index.ts';

const { signal } = new AbortController();

async function start(options: TestContextOptions = {}, config: object = {}) {
  const context = createTestContext(options);
  const stage = plugin.create(context.ctx, plugin.configSchema.parse(config)) as Required<Processor>;
  await stage.start(signal);
  return { ...context, stage, send: (...runs: Run[]) => stage.consume(runs, signal) };
}

/** A host's package and memory at a time, 40 W and 10 W. */
const sent = (host: string, at: number, ...others: Parameters<typeof liveRun>[1][]) => {
  const counter = (name: string, watts: number) => liveMetric(name, 'counter', [{ at, value: watts * at }]);
  const zones = [counter('node_rapl_package_joules_total', 40), counter('node_rapl_dram_joules_total', 10)];
  return liveRun({ 'host.name': host }, ...zones, ...others);
};
const other = liveMetric('http.requests', 'counter', [{ at: 1, value: 1 }]);
const finished = liveRun({ scenario: 'finished', 'run.duration': 5 }, other);

const joules = (runs: readonly Run[]) => runs.map((run) => measure(run, hostPower).value);

describe('a list', () => {
  it('may hold several runs of a host, which are counted in their order, beside others', async () => {
    const { send, runs, skips } = await start();
    expect(await send(sent('a', 1), finished, sent('b', 1), sent('a', 2), sent('b', 3))).toBe(allTaken);
    expect(skips).toEqual([]);
    expect(runs.filter((run) => run === finished)).toHaveLength(1);
    const of = (host: string) => runs.filter(({ attributes }) => attributes['host.name'] === host);
    expect(joules(of('a'))).toEqual([40, 10]);
    expect(joules(of('b'))).toEqual([80, 20]);
  });

  it.each([
    ['deferred', { deferred: 1, refused: 0 }],
    ['refused', { deferred: 0, refused: 1 }],
  ] as const)(
    'of which a slice is %s is so for its run alone, which counts whole when it comes again',
    async (how, told) => {
      let fails = true;
      const { send, runs } = await start({
        async next(given) {
          const hit = given.filter(({ attributes }) => fails && attributes.boundary === 'package');
          return how === 'deferred' ? deferAll(hit, new Error('later')) : refuseAll(hit, 'never', 'never');
        },
      });
      fails = false;
      await send(sent('a', 1));
      fails = true;
      const run = sent('a', 2, other);
      const outcome = await send(run, finished);
      expect({ deferred: outcome.deferred.length, refused: outcome.refused.length }).toEqual(told);
      expect([...outcome.deferred, ...outcome.refused.map((refusal) => refusal.run)]).toEqual([run]);
      // The last slice, with which the position moves, has not gone on without the first.
      expect(joules(runs.filter(({ attributes }) => attributes['stream.id'] !== undefined))).toEqual([]);
      expect(runs).toContain(finished);
      fails = false;
      expect(await send(sent('a', 2))).toBe(allTaken);
      expect(joules(runs.slice(-2))).toEqual([40, 10]);
    },
  );

  it('is not sent again for a fault of the state: the live runs are deferred, the others taken', async () => {
    const storage = memoryStorage();
    const { send, runs } = await start({ storages: { s: brokenOnWrite(storage) } }, { storage: 's' });
    const live = sent('a', 1);
    const outcome = await send(live, finished);
    expect(outcome).toMatchObject({ refused: [], deferred: [live], cause: { message: 'the disk is full' } });
    expect(runs).toEqual([finished]);
  });

  it('that is refused for its slices and deferred for its rest is deferred, once', async () => {
    const { send } = await start({
      async next(given) {
        const isSlice = given.some(({ attributes }) => attributes['stream.id'] !== undefined);
        return isSlice ? refuseAll(given, 'never', 'never') : deferAll(given, new Error('later'));
      },
    });
    await send(sent('a', 1));
    const run = sent('a', 2, other);
    const { refused, deferred } = await send(run);
    expect([refused, deferred]).toEqual([[], [run]]);
  });
});

/** A storage to whose states no positions can be written. */
function brokenOnWrite(storage: ReturnType<typeof memoryStorage>): ReturnType<typeof memoryStorage> {
  return {
    ...storage,
    async openState(...given) {
      const state = await storage.openState(...given);
      return {
        place: state.place,
        get: (key) => state.get(key),
        entries: (prefix) => state.entries(prefix),
        close: () => state.close(),
        update: async (change) => {
          const changes = [...change((key) => state.get(key))];
          if (changes.some(([key]) => key.startsWith('stream/'))) throw new Error('the disk is full');
          await state.update(() => changes);
        },
      };
    },
  };
}
