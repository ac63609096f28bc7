import { describe, expect, it, vi } from 'vitest';
import { measure } from 'wattline/figures';
import { allTaken, deferAll, hostPower, type Processor, type Run } from 'wattline/plugin';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import plugin from './index.ts';

const { signal } = new AbortController();

async function start(options: TestContextOptions = {}, config: object = {}) {
  const context = createTestContext(options);
  const stage = plugin.create(context.ctx, plugin.configSchema.parse({ run_expiration: '50ms', ...config }));
  const live = stage as Required<Processor>;
  await live.start(signal);
  return { ...context, live, send: (...runs: Run[]) => live.consume(runs, signal) };
}

/** A request of a job with power at these seconds, of 100 W. */
const part = (id: string, host: string, ...seconds: number[]) => {
  const points = seconds.map((at) => ({ at, value: 100 }));
  return liveRun(
    { 'run.id': id, 'service.name': 'encoder', 'host.name': host },
    liveMetric('hw.host.power', 'gauge', points),
  );
};

const measured = (runs: readonly Run[]) =>
  runs.map((run) => [run.attributes['run.id'], run.startTime, run.endTime, measure(run, hostPower).value]);

describe('requests with one `run.id`', () => {
  it('are one run, which took place when its samples did; a request that is sent again counts once', async () => {
    const { send, runs, live } = await start();
    expect(await send(part('a', 'node-1', 10, 20), part('b', 'node-1', 10, 11))).toEqual(allTaken);
    expect(await send(part('a', 'node-1', 30))).toEqual(allTaken);
    expect(await send(part('a', 'node-1', 30, 40))).toEqual(allTaken);
    expect(runs).toEqual([]);
    await vi.waitFor(() => expect(runs).toHaveLength(2));
    expect(measured(runs).sort()).toEqual([
      ['a', 10, 40, 3000],
      ['b', 10, 11, 100],
    ]);
    await live.shutdown(signal);
  });

  it('are a run each where they come from two hosts', async () => {
    const { send, runs, live } = await start();
    await send(part('a', 'node-1', 10, 20), part('a', 'node-2', 10, 20));
    await vi.waitFor(() =>
      expect(measured(runs)).toEqual([
        ['a', 10, 20, 1000],
        ['a', 10, 20, 1000],
      ]),
    );
    await live.shutdown(signal);
  });

  it('are there after a restart, and are handed on again where they were not taken', async () => {
    const storages = { disk: memoryStorage() };
    const config = { storage: 'disk', run_expiration: '1h' };
    const before = await start({ storages }, config);
    await before.send(part('a', 'node-1', 10, 20));
    await before.live.shutdown(signal);
    expect(before.runs).toEqual([]);
    let isAway = true;
    const next = async (given: readonly Run[]) => (isAway ? deferAll(given, new Error('away')) : undefined);
    const { send, runs, live } = await start({ storages, next }, { ...config, run_expiration: '50ms' });
    await send(part('a', 'node-1', 30));
    await new Promise((resolve) => setTimeout(resolve, 150));
    isAway = false;
    await vi.waitFor(() => expect(measured(runs)).toContainEqual(['a', 10, 30, 2000]));
    await live.shutdown(signal);
  });

  it('that only memory holds are handed on at the end', async () => {
    const { send, runs, live } = await start({}, { run_expiration: '1h' });
    await send(part('a', 'node-1', 10, 20));
    await live.shutdown(signal);
    expect(measured(runs)).toEqual([['a', 10, 20, 1000]]);
  });

  it('are refused beyond the number of runs that may be held', async () => {
    const { send, live } = await start({}, { max_streams: 1 });
    const { refused } = await send(part('a', 'node-1', 10), part('b', 'node-1', 10));
    expect(refused).toMatchObject([{ reason: 'too_many_streams' }]);
    await live.shutdown(signal);
  });

  it('pass at once where they have no power, energy or CPU, or say a time', async () => {
    const { send, runs, live } = await start({}, { run_expiration: '1h' });
    const others = [
      liveRun({ 'run.id': 'a' }, liveMetric('queue.length', 'gauge', [{ at: 1, value: 3 }])),
      liveRun({ 'run.id': 'a', 'run.duration': '10' }, liveMetric('hw.host.power', 'gauge', [{ at: 1, value: 3 }])),
    ];
    expect(await send(...others)).toEqual(allTaken);
    expect(runs).toEqual(others);
    await live.shutdown(signal);
  });
});
