import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import fileStorage from '../../plugins/extensions/file-storage/index.ts';
import co2 from '../../plugins/processors/co2/index.ts';
import cost from '../../plugins/processors/cost/index.ts';
import live from '../../plugins/processors/live/index.ts';
import totals from '../../plugins/processors/totals/index.ts';
import type { AnyPlugin, Consumer } from '../../src/plugin/contract.ts';
import {
  allTaken,
  deferAll,
  isAllTaken,
  type Outcome,
  type Processor,
  type Run,
  refuseAll,
} from '../../src/plugin/index.ts';
import type { Storage } from '../../src/plugin/storage.ts';
import { createTestContext } from '../kit/context.ts';
import { type LivePoint, liveMetric, liveRun, sumsIn } from '../kit/live-streams.ts';
import { memoryStorage } from '../kit/memory-storage.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const { signal } = new AbortController();
const START = 1_766_947_958;
const USD_PER_KWH = 0.25;
const KG_PER_KWH = 0.5;
const USD_PER_CORE_HOUR = 0.5;
const JOULES_PER_KWH = 3.6e6;

const resource = { scenario: 'encoder', 'host.name': 'a', region: 'eu-north-1' };
const labels = 'region="eu-north-1",scenario="encoder"';
const ofEnergy = (name: string, boundary = 'host') => `${name}{boundary="${boundary}",${labels}}`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface ChainOptions {
  readonly storage?: Storage;
  /** Stands at the end. */
  readonly sink?: Consumer['consume'];
  /** Stands before `totals`. */
  readonly between?: (runs: readonly Run[]) => Outcome;
  readonly liveConfig?: object;
}

/** The processors of a pipeline for live streams, as a service starts and connects them. */
async function startChain({ storage, sink, between, liveConfig }: ChainOptions = {}) {
  const skips: string[] = [];
  const storages = { keeper: storage ?? memoryStorage() };
  const end = createTestContext({ ...(sink && { next: sink }) });
  const stages: Processor[] = [];
  let next = end.ctx.next;
  const put = (plugin: AnyPlugin, config: object) => {
    const before = next;
    const { ctx } = createTestContext({ storages, next: (runs, within) => before.consume(runs, within) });
    const skip = ctx.skip;
    const own = {
      ...ctx,
      skip: (one: Parameters<typeof skip>[0]) => skips.push(`${plugin.type} ${one.item} ${one.reason}`),
    };
    const stage = plugin.create(own as never, plugin.configSchema.parse(config)) as Processor;
    stages.push(stage);
    next = stage;
  };
  put(totals, { storage: 'keeper' });
  const afterCheck = next;
  next = {
    async consume(runs, within) {
      const outcome = between?.(runs) ?? allTaken;
      return isAllTaken(outcome) ? afterCheck.consume(runs, within) : outcome;
    },
  };
  put(co2, { kg_per_kwh: KG_PER_KWH });
  put(cost, { usd_per_kwh: USD_PER_KWH, usd_per_core_hour: USD_PER_CORE_HOUR });
  put(live, { storage: 'keeper', ...liveConfig });
  for (const stage of stages) await stage.start?.(signal);
  const head = next;
  return {
    runs: end.runs,
    skips,
    /** Resolves with whether the run was taken. */
    send: async (run: Run) => isAllTaken(await head.consume([run], signal).catch((error) => deferAll([run], error))),
    async stop() {
      for (const stage of stages.toReversed()) await stage.shutdown?.(signal);
    },
  };
}

const power = (points: readonly LivePoint[]) => liveMetric('hw.host.power', 'gauge', points, 'W');
const cpuTime = (points: readonly LivePoint[]) => liveMetric('process.cpu.time', 'counter', points, 's');

function expectClose(actual: number | undefined, expected: number): void {
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(expected * 1e-12);
}

describe('a live stream', () => {
  it('becomes cumulative counters of cost and emissions', async () => {
    const chain = await startChain();
    // 100 W rising by 1 W a second, and 2 cores.
    for (let i = 0; i <= 60; i++) {
      const at = START + i;
      await chain.send(liveRun(resource, power([{ at, value: 100 + i }]), cpuTime([{ at, value: 2 * i }])));
    }
    const sums = sumsIn(chain.runs);
    const joules = 100 * 60 + 60 ** 2 / 2;
    const energyUsd = (joules / JOULES_PER_KWH) * USD_PER_KWH;
    const computeUsd = (120 / 3600) * USD_PER_CORE_HOUR;
    expect(Object.keys(sums).sort()).toEqual([
      `co2_emissions_kg_total{boundary="host",${labels}}`,
      `cost_compute_load_aware_usd_total{${labels}}`,
      `cost_energy_load_aware_usd_total{boundary="host",${labels}}`,
      `cost_load_aware_usd_total{${labels}}`,
    ]);
    expectClose(sums[ofEnergy('cost_energy_load_aware_usd_total')], energyUsd);
    expectClose(sums[`cost_compute_load_aware_usd_total{${labels}}`], computeUsd);
    expectClose(sums[`cost_load_aware_usd_total{${labels}}`], energyUsd + computeUsd);
    expectClose(sums[ofEnergy('co2_emissions_kg_total')], (joules / JOULES_PER_KWH) * KG_PER_KWH);
    expect(chain.skips).toEqual([]);
  });

  it('comes to the same by a gauge of power and by a counter of energy', async () => {
    const byGauge = await startChain();
    const byCounter = await startChain();
    let energy = 7e9;
    let before = 0;
    for (let i = 0; i <= 100; i++) {
      const at = START + i * 1.5;
      const value = 50 + 30 * Math.sin(i);
      if (i > 0) energy += ((before + value) / 2) * 1.5;
      before = value;
      await byGauge.send(liveRun(resource, power([{ at, value }])));
      await byCounter.send(liveRun(resource, liveMetric('hw.host.energy', 'counter', [{ at, value: energy }], 'J')));
    }
    const name = ofEnergy('co2_emissions_kg_total');
    expect(sumsIn(byCounter.runs)[name]).toBeCloseTo(sumsIn(byGauge.runs)[name] as number, 11);
  });

  it('counts zones that do not overlap side by side', async () => {
    const chain = await startChain();
    for (const i of [0, 10]) {
      const at = START + i;
      const zone = (name: string, watts: number) => ({ at, value: watts * i, attributes: { zone: name } });
      const zones = [zone('package', 40), zone('dram', 10), zone('core', 30)];
      await chain.send(liveRun(resource, liveMetric('kepler_node_cpu_joules_total', 'counter', zones)));
    }
    const kilograms = (joules: number) => (joules / JOULES_PER_KWH) * KG_PER_KWH;
    const sums = sumsIn(chain.runs);
    expectClose(sums[ofEnergy('co2_emissions_kg_total', 'package')], kilograms(400));
    expectClose(sums[ofEnergy('co2_emissions_kg_total', 'dram')], kilograms(100));
    expect(sums[ofEnergy('co2_emissions_kg_total', 'core')]).toBeUndefined();
    // Nobody needs to act on that.
    expect(chain.skips).toEqual([]);
  });

  it('leaves runs and other metrics as they are', async () => {
    const chain = await startChain();
    const run = liveRun({ ...resource, 'run.start_time': START }, power([{ at: START, value: 1 }]));
    await chain.send(run);
    expect(chain.runs.map(({ resource: { attributes } }) => attributes)).toEqual([run.resource.attributes]);
    const other = liveMetric('http.server.requests', 'counter', [{ at: START, value: 1 }]);
    await chain.send(liveRun(resource, power([{ at: START, value: 1 }]), other));
    expect(chain.runs[1]?.scopeMetrics.flatMap(({ metrics }) => metrics)).toEqual([other]);
    const dropping = await startChain({ liveConfig: { other_metrics: 'drop' } });
    await dropping.send(liveRun(resource, power([{ at: START, value: 1 }]), other));
    expect(dropping.runs).toEqual([]);
  });
});

/** One second of a stream: the power and the count of CPU time then. */
interface Second {
  readonly watts: number;
  readonly cores: number;
}

const seconds = fc.array(fc.record({ watts: fc.nat(500), cores: fc.nat(8) }), { minLength: 3, maxLength: 40 });

/** The run with the points of some seconds. */
function runOf(stream: readonly Second[], from: number, to: number): Run {
  const counts = [...stream.keys()].map((i) => stream.slice(0, i).reduce((sum, { cores }) => sum + cores, 0));
  const indices = [...stream.keys()].slice(from, to);
  return liveRun(
    resource,
    power(indices.map((i) => ({ at: START + i, value: stream[i]?.watts as number }))),
    cpuTime(indices.map((i) => ({ at: START + i, value: counts[i] as number }))),
  );
}

function truthOf(stream: readonly Second[]) {
  let joules = 0;
  let coreSeconds = 0;
  for (const [i, { watts }] of stream.entries()) {
    const before = stream[i - 1];
    if (!before) continue;
    joules += (before.watts + watts) / 2;
    coreSeconds += before.cores;
  }
  const energyUsd = (joules / JOULES_PER_KWH) * USD_PER_KWH;
  const computeUsd = (coreSeconds / 3600) * USD_PER_CORE_HOUR;
  return {
    [ofEnergy('cost_energy_load_aware_usd_total')]: energyUsd,
    [`cost_compute_load_aware_usd_total{${labels}}`]: computeUsd,
    [`cost_load_aware_usd_total{${labels}}`]: energyUsd + computeUsd,
    [ofEnergy('co2_emissions_kg_total')]: (joules / JOULES_PER_KWH) * KG_PER_KWH,
  };
}

function expectTruth(runs: readonly Run[], stream: readonly Second[]): void {
  const sums = sumsIn(runs);
  const expected = truthOf(stream);
  expect(Object.keys(sums).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expectClose(sums[name], value);
}

/** No counter that was handed on is ever below what it was, nor stamped earlier, nor twice the same time with two values. */
function expectMonotonic(runs: readonly Run[]): void {
  const known = new Map<string, { value: number; end: number }>();
  for (const metric of runs.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))) {
    for (const point of metric.dataPoints) {
      const key = `${metric.descriptor.name} ${JSON.stringify(point.attributes)}`;
      const end = point.endTime[0] * 1000 + point.endTime[1] / 1e6;
      const next = { value: point.value as number, end };
      const before = known.get(key) ?? { value: 0, end: 0 };
      expect(next.value).toBeGreaterThanOrEqual(before.value);
      expect(next.end).toBeGreaterThanOrEqual(before.end);
      if (next.end === before.end) expect(next.value).toBe(before.value);
      known.set(key, next);
    }
  }
}

describe('the totals', () => {
  it('do not depend on how the points are cut into requests', async () => {
    await fc.assert(
      fc.asyncProperty(seconds, fc.array(fc.nat(40), { maxLength: 6 }), fc.boolean(), async (stream, places, apart) => {
        const chain = await startChain();
        const cuts = [0, ...places.filter((place) => place < stream.length).sort((a, b) => a - b), stream.length];
        for (const [i, to] of cuts.slice(1).entries()) {
          const run = runOf(stream, cuts[i] as number, to);
          const metrics = run.scopeMetrics.flatMap((scope) => scope.metrics);
          // Power and CPU time by requests of their own, or together.
          for (const part of apart ? metrics.map((metric) => [metric]) : [metrics]) {
            await chain.send(liveRun(resource, ...part));
          }
        }
        expectTruth(chain.runs, stream);
        await chain.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('are exact whatever fails, and where, as long as senders try again', async () => {
    const fate = fc.constantFrom('fine', 'between', 'rejected', 'sink', 'lost answer', 'restart', 'restart in sink');
    const fates = fc.array(fate, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(seconds, fates, async (stream, all) => {
        const storage = memoryStorage();
        const seen: Run[] = [];
        let now: (typeof all)[number] = 'fine';
        const start = () =>
          startChain({
            storage,
            between(runs) {
              if (now === 'between') throw new Error('not now');
              return now === 'rejected' ? refuseAll(runs, 'rejected', 'never') : allTaken;
            },
            async sink(runs) {
              const isAway = now === 'sink' || now === 'restart in sink';
              if (isAway) return deferAll(runs, new Error('the exporter is away'));
              seen.push(...runs);
              return allTaken;
            },
          });
        let chain = await start();
        const queue = [...all];
        for (let i = 0; i < stream.length; i++) {
          for (let answered = false; !answered; ) {
            now = queue.shift() ?? 'fine';
            const sent = await chain.send(runOf(stream, Math.max(0, i - 1), i + 1));
            if (now.startsWith('restart')) {
              await chain.stop();
              chain = await start();
            }
            answered = sent && (now === 'fine' || now === 'restart');
          }
        }
        expectTruth(seen, stream);
        expectMonotonic(seen);
        await chain.stop();
      }),
      { numRuns: 100 },
    );
  });

  it('of many hosts with the same labels are one, whether they send in turn or at once', async () => {
    const chain = await startChain();
    const hosts = Array.from({ length: 10 }, (_, i) => ({ ...resource, 'host.name': `host ${i}` }));
    for (let i = 0; i <= 5; i++) {
      const runs = hosts.map((host) => liveRun(host, power([{ at: START + i, value: 100 }])));
      if (i % 2) await Promise.all(runs.map(chain.send));
      else for (const run of runs) await chain.send(run);
    }
    expectClose(sumsIn(chain.runs)[ofEnergy('co2_emissions_kg_total')], ((10 * 500) / JOULES_PER_KWH) * KG_PER_KWH);
    expectMonotonic(chain.runs);
  });

  it('go on where they were after 20 restarts of a real database, each at a random moment', {
    timeout: 60_000,
  }, async () => {
    const folder = await temporaryFolder();
    closing.push(folder.remove);
    const stream = Array.from({ length: 200 }, (_, i) => ({ watts: 100 + (i % 7), cores: i % 3 }));
    const seen: Run[] = [];
    const restarts = new Set(
      fc.sample(fc.uniqueArray(fc.nat(stream.length - 1), { minLength: 20, maxLength: 20 }), 1)[0],
    );
    const start = async () => {
      const { ctx } = createTestContext({ directory: folder.path });
      const extension = fileStorage.create(
        ctx,
        fileStorage.configSchema.parse({ directory: join(folder.path, 'state') }),
      );
      await extension.start?.(signal);
      const sink = async (runs: readonly Run[]) => {
        seen.push(...runs);
        return allTaken;
      };
      return startChain({ storage: extension.storage as Storage, sink });
    };
    let chain = await start();
    for (let i = 0; i < stream.length; i++) {
      const sending = chain.send(runOf(stream, i, i + 1));
      if (restarts.has(i)) {
        // While the run is on its way; its sender tries again.
        await chain.stop();
        await sending;
        chain = await start();
        await chain.send(runOf(stream, i, i + 1));
      } else await sending;
    }
    expect(restarts.size).toBe(20);
    expectTruth(seen, stream);
    expectMonotonic(seen);
    await chain.stop();
  });
});

describe('streams', () => {
  it('beyond the limit are skipped, and forgotten ones make room, their totals staying', async () => {
    const storage = memoryStorage();
    const chain = await startChain({ storage, liveConfig: { max_streams: 1 } });
    const other = { ...resource, 'host.name': 'b' };
    for (const at of [START, START + 1]) {
      await chain.send(liveRun(resource, power([{ at, value: 36 }])));
      await chain.send(liveRun(other, power([{ at, value: 36 }])));
    }
    expect(chain.skips.filter((skip) => skip.endsWith('too_many_streams'))).toHaveLength(2);
    expectClose(sumsIn(chain.runs)[ofEnergy('co2_emissions_kg_total')], 5e-6);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3600 * 1000 });
    closing.push(() => vi.useRealTimers());
    for (const at of [START + 2, START + 3]) await chain.send(liveRun(other, power([{ at, value: 36 }])));
    expectClose(sumsIn(chain.runs)[ofEnergy('co2_emissions_kg_total')], 1e-5);
    await chain.stop();
    const [...left] = (await storage.openState('live', 'test')).entries('stream/');
    expect(left.map(([key]) => key)).toEqual(['stream/b']);
  });
});
