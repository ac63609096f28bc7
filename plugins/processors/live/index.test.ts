import type { Attributes } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { measure } from 'wattline/figures';
import { allTaken, cpuUsage, deferAll, hostPower, type Processor, type Run, refuseAll } from 'wattline/plugin';
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

describe('a job that ends before its first interval', () => {
  const job = (name: string, start: number, at: number, seconds: number) => {
    const points = [{ at, value: seconds, start }];
    return liveRun({ 'host.name': name }, liveMetric('process.cpu.time', 'counter', points, 's'));
  };
  const coreSeconds = (runs: readonly Run[]) => runs.map((run) => measure(run, cpuUsage).value);

  it('counts whole where it began after the state was first opened, be it before a restart', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const storages = { s: memoryStorage() };
    const before = await start({ storages }, { storage: 's' });
    vi.setSystemTime(1_010_000);
    await before.send(job('a', 1001, 1009, 6));
    await before.send(job('b', 999, 1009, 6));
    expect(coreSeconds(before.runs)).toEqual([6]);
    await before.stage.shutdown(signal);
    vi.setSystemTime(1_100_000);
    const after = await start({ storages }, { storage: 's' });
    await after.send(job('c', 1050, 1099, 7));
    expect(coreSeconds(after.runs)).toEqual([7]);
  });

  it('does not count once more when its host comes back after it was forgotten', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
    onTestFinished(() => void vi.useRealTimers());
    const { send, runs } = await start({}, { stream_expiration: '5m' });
    vi.setSystemTime(1_010_000);
    await send(job('a', 1001, 1009, 6));
    vi.setSystemTime(2_000_000);
    await send(job('b', 1990, 1999, 2));
    await send(job('a', 1001, 2000, 60));
    await send(job('a', 1001, 2010, 65));
    expect(coreSeconds(runs)).toEqual([6, 2, 5]);
  });
});

it('processes that fill their room, and hosts that are gone, leave room for hosts', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const { send, skips, stage } = await start({}, { max_streams: 4 });
  const processes = Array.from({ length: 6 }, (_, pid) =>
    liveRun(
      { 'host.name': 'a', 'process.pid': pid },
      liveMetric('process.cpu.time', 'counter', [{ at: 999, value: 1 }]),
    ),
  );
  await send(...processes);
  expect(skips.map(({ reason }) => reason)).toEqual(Array(4).fill('too_many_streams'));
  await send(sent('a', 999));
  expect(skips).toHaveLength(4);
  // Ten minutes later the processes are forgotten, then the host that was heard of least recently.
  vi.setSystemTime(1_700_000);
  await send(sent('b', 1699));
  vi.setSystemTime(2_400_000);
  await send(sent('c', 2399));
  expect(skips).toHaveLength(4);
  expect((stage as unknown as { meters: number }).meters).toBe(4);
});

it('6,000 processes of a host leave room for its own meters', async () => {
  const { send, runs, skips } = await start();
  const points = (at: number) =>
    Array.from({ length: 6000 }, (_, pid) => ({ at, value: at, attributes: { 'process.pid': pid } }));
  const processes = (at: number) =>
    liveRun({ 'host.name': 'a' }, liveMetric('process.cpu.time', 'counter', points(at)));
  await send(processes(1), sent('a', 1));
  await send(processes(2), sent('a', 2));
  expect(skips.map(({ reason }) => reason)).toEqual(Array(2000).fill('too_many_streams'));
  expect(runs.map((run) => [measure(run, hostPower).value, measure(run, cpuUsage).value])).toEqual([
    [undefined, 5000],
    [40, undefined],
    [10, undefined],
  ]);
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

describe('a process', () => {
  const begun = Math.floor(Date.now() / 1000) + 100;
  /** CPU time in seconds of a process that began after `live` had started, at so many seconds of its life. */
  const process = (age: number, value: number, more: Attributes = {}) => {
    const point = { at: begun + age, value, start: begun, attributes: { 'cpu.mode': 'user' } };
    return liveRun({ 'host.name': 'a', 'process.pid': 7, ...more }, liveMetric('process.cpu.time', 'counter', [point]));
  };
  const used = (runs: readonly Run[]) => runs.reduce((sum, run) => sum + (measure(run, cpuUsage).value ?? 0), 0);

  it('is counted on when its resource says more of itself', async () => {
    const { send, runs } = await start();
    for (const age of [1, 11, 21]) await send(process(age, age));
    for (const age of [31, 41]) await send(process(age, age, { 'k8s.deployment.name': 'web' }));
    expect(used(runs)).toBeCloseTo(41, 9);
  });

  it('is counted on after a silence of its whole host, however long', async () => {
    const { send, runs } = await start({}, { max_gap: '10ms' });
    await send(process(1, 1));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await send(process(100, 90));
    expect(used(runs)).toBeCloseTo(90, 9);
  });
});

it('hosts of which no meter has room are not kept, nor is anything of them in the state', async () => {
  const storage = memoryStorage();
  const { send, stage } = await start({ storages: { s: storage } }, { storage: 's', max_streams: 2 });
  for (let host = 0; host < 50; host++) await send(sent(`h${host}`, 1));
  const state = await storage.openState('live', 'test');
  // The look for them comes before the hosts of its list are added.
  expect(stage.streams().length).toBeLessThanOrEqual(6);
  expect(state.entries('stream/').length).toBeLessThanOrEqual(6);
  expect(stage.streams().filter(({ meters }) => meters > 0)).toHaveLength(1);
});

describe('a page that shows many machines', () => {
  const meters = [
    { metric: 'outlet_watts', unit: 'W', boundary: 'host', identity: ['outlet'], where: { bank: 'a' } },
    { metric: 'bmc_watts', unit: 'W', boundary: 'host', identity: ['host.name'] },
  ];
  const outlets = (at: number, watts: Readonly<Record<string, number>>, bank = 'a') =>
    liveMetric(
      'outlet_watts',
      'gauge',
      Object.entries(watts).map(([outlet, value]) => ({ at, value, attributes: { outlet, bank } })),
    );
  const page = (at: number, watts: Readonly<Record<string, number>>, ...others: Parameters<typeof liveRun>[1][]) =>
    liveRun({ 'host.id': 'exporter', 'k8s.pod.name': 'exporter-0', region: 'x' }, outlets(at, watts), ...others);

  it('is that of each, whatever host or pod sends it', async () => {
    const { send, runs, stage, logs } = await start({}, { meters, other_metrics: 'drop' });
    for (const at of [1, 2])
      expect(await send(page(at, { a: 10, b: 20 }, other, outlets(at, { c: 5 }, 'b')))).toBe(allTaken);
    expect(runs.map(({ attributes: { scenario, region } }) => [scenario, region])).toEqual([
      ['a', 'x'],
      ['b', 'x'],
    ]);
    expect(joules(runs)).toEqual([10, 20]);
    expect(stage.streams().map(({ names }) => names)).toEqual([[['host.name', 'a']], [['host.name', 'b']]]);
    expect(logs).toEqual([]);
  });

  it('is deferred whole where one of them is, and its other metrics go on once', async () => {
    let fails = true;
    const { send, runs } = await start(
      {
        async next(given) {
          const hit = given.filter(({ attributes }) => fails && attributes.scenario === 'b');
          return deferAll(hit, new Error('later'));
        },
      },
      { meters },
    );
    await send(page(1, { a: 10, b: 20 }));
    const run = page(2, { a: 10, b: 20 }, other);
    expect((await send(run)).deferred).toEqual([run]);
    const others = () => runs.filter(({ metrics }) => metrics.some((one) => one.metrics.includes(other)));
    expect(others()).toEqual([]);
    fails = false;
    expect(await send(run)).toBe(allTaken);
    expect(others()).toHaveLength(1);
    expect(joules(runs.filter(({ isSlice }) => isSlice)).sort()).toEqual([10, 20]);
  });

  it('is refused for the points of those that are', async () => {
    const { send } = await start(
      {
        next: (given) =>
          refuseAll(
            given.filter((run) => run.attributes.scenario === 'b'),
            'never',
            'no',
          ),
      },
      { meters },
    );
    await send(page(1, { a: 10, b: 20 }));
    const run = page(2, { a: 10, b: 20 });
    expect((await send(run)).refused).toEqual([{ run, reason: 'never', message: 'no', points: 1 }]);
  });

  it('has points without a name, which are nobody’s', async () => {
    const { send, skips, runs } = await start({}, { meters });
    const unnamed = liveMetric('outlet_watts', 'gauge', [{ at: 1, value: 1, attributes: { bank: 'a' } }]);
    await send(liveRun({ 'host.name': 'exporter' }, unnamed));
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['outlet_watts', 'unnamed_host']]);
    expect(runs).toEqual([]);
  });

  it('may be of the machine that its resource names, where that is an attribute which names hosts', async () => {
    const { send, runs, skips } = await start({}, { meters });
    const bmc = (at: number) => liveMetric('bmc_watts', 'gauge', [{ at, value: 300 }]);
    for (const at of [1, 2]) await send(liveRun({ 'service.instance.id': 'bmc-1:623' }, bmc(at)));
    for (const at of [1, 2]) await send(liveRun({ 'service.instance.id': 'bmc-2', 'host.name': 'n' }, bmc(at)));
    expect(skips).toEqual([]);
    expect(runs.map(({ attributes: { scenario } }) => scenario)).toEqual(['bmc-1', 'n']);
    expect(joules(runs)).toEqual([300, 300]);
  });
});

it.each([
  ['without labels', {}],
  ['by their labels', { source: ['phase'] }],
])('metrics of a form add up %s', async (_, source) => {
  const meters = [{ metric: 'gpu*_power', unit: 'W', boundary: 'gpu', ...source }];
  const { send, runs } = await start({}, { meters });
  const card = (name: string, at: number, value: number) =>
    liveMetric(
      name,
      'gauge',
      ['a', 'b'].map((phase) => ({ at, value, attributes: { phase } })),
    );
  const sent = (at: number) =>
    liveRun({ 'host.name': 'n' }, card('gpu0_power_watts', at, 30), card('gpu1.power', at, 12));
  for (const at of [1, 2]) await send(sent(at));
  expect(joules(runs).reduce<number>((sum, one) => sum + (one ?? 0), 0)).toBe(84);
});

it('a facility holds the host, and the slices say so', async () => {
  const meters = [{ metric: 'feed_kwh', unit: 'kWh', boundary: 'facility' }];
  const { send, runs } = await start({}, { meters });
  const feed = (at: number) => liveMetric('feed_kwh', 'counter', [{ at, value: at / 3600 }]);
  const own = (at: number) => liveMetric('hw.host.power', 'gauge', [{ at, value: 700 }]);
  for (const at of [1, 2]) await send(liveRun({ 'host.name': 'n' }, feed(at), own(at)));
  expect(joules(runs.slice(-1))).toEqual([1000]);
  expect(runs.at(-1)?.attributes.boundary).toBe('facility');
});

it('what is not read is in the status', async () => {
  const { send, stage } = await start();
  const plug = liveMetric('plug_watts', 'gauge', [{ at: 1, value: 5 }]);
  for (let n = 0; n < 3; n++) await send(liveRun({ 'host.name': 'n' }, other, plug));
  expect(stage.unread()).toEqual({
    metrics: [{ name: 'plug_watts', unit: 'W', sender: 'n', labels: [] }],
    more: 0,
    senders: [{ sender: 'n', metric: 'http.requests' }],
  });
});
