import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { measure } from 'wattline/figures';
import { cpuUsage, hostPower, type Processor, type Run } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

const { signal } = new AbortController();
const START = 1_700_000_000;
/** 4 CPUs of Ice Lake: 3.068 W idle, 15.032 W busy. */
const vm = { 'host.name': 'vm', 'host.type': 'm6i.xlarge' };
const IDLE = 0.767 * 4;
const PER_CORE = 3.758 - 0.767;

afterEach(() => void vi.useRealTimers());

const system = (at: number, seconds: number) =>
  liveMetric('system.cpu.time', 'counter', [{ at: START + at, value: seconds, attributes: { state: 'user' } }]);
const process = (at: number, seconds: number) =>
  liveMetric('process.cpu.time', 'counter', [{ at: START + at, value: seconds }]);
const meter = (at: number, joules: number) =>
  liveMetric('hw.host.energy', 'counter', [{ at: START + at, value: joules }]);

/** A processor that is stopped and started again before each list, which comes seconds after the start. */
function restarting(config: object = { without_meter: { cited_curves: true } }, directory = '.') {
  vi.useFakeTimers({ toFake: ['Date'], now: START * 1000 });
  const storages = { s: memoryStorage() };
  const slices: Run[] = [];
  const skips: string[] = [];
  const messages: string[] = [];
  return {
    slices,
    skips,
    messages,
    async send(at: number, ...runs: Run[]) {
      vi.setSystemTime((START + at) * 1000);
      const context = createTestContext({ storages, directory });
      const parsed = plugin.configSchema.parse({ storage: 's', other_metrics: 'drop', ...config });
      const stage = plugin.create(context.ctx, parsed) as Required<Processor>;
      await stage.start(signal);
      expect(await stage.consume(runs, signal)).toEqual({ refused: [], deferred: [] });
      slices.push(...context.runs);
      skips.push(...context.skips.map(({ reason }) => reason));
      messages.push(...context.skips.map(({ message }) => message));
      await stage.shutdown(signal);
    },
    sum(of: typeof hostPower, fits: (attributes: Attributes) => boolean = () => true) {
      return slices.reduce((sum, run) => sum + (fits(run.attributes) ? (measure(run, of).value ?? 0) : 0), 0);
    },
  };
}

describe('a host that sends CPU time alone', () => {
  it('gets the energy of its CPU use, beside its CPU time, as modelled and with its interval', async () => {
    const live = restarting();
    await live.send(0, liveRun(vm, system(0, 0)));
    await live.send(10, liveRun(vm, system(10, 20)));
    const slice = live.slices.find((run) => run.samplesOf(hostPower)) as Run;
    expect(measure(slice, hostPower).value).toBeCloseTo((IDLE + 2 * PER_CORE) * 10, 9);
    expect(measure(slice, cpuUsage).value).toBe(20);
    expect(slice.power).toBe('modelled');
    expect(slice.attributes).toMatchObject({
      boundary: 'host',
      'power.interval_level': 0.9,
      'power.basis': expect.stringContaining('Ice Lake, 4 CPUs'),
    });
    expect(slice.attributes['power.predicted_watts']).toBeCloseTo(IDLE + 2 * PER_CORE, 9);
    expect(slice.attributes['power.predicted_watts_lower']).toBeCloseTo(4 * 0.69 + 2 * (3.45 - 0.69), 9);
    expect(slice.attributes['power.predicted_watts_upper']).toBeCloseTo(4 * 1.76 + 2 * (5.05 - 1.76), 9);
    expect(live.skips).toEqual([]);
  });

  it('gets none unless that is asked for', async () => {
    const live = restarting({});
    await live.send(0, liveRun(vm, system(0, 0)));
    await live.send(10, liveRun(vm, system(10, 20)));
    expect(live.sum(hostPower)).toBe(0);
    expect(live.slices.map(({ power }) => power)).toEqual(live.slices.map(() => undefined));
  });

  it('draws from idle to the most, and between its bounds, at any use and over restarts; no time counts twice', async () => {
    const step = fc.record({
      width: fc.integer({ min: 1, max: 150 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const live = restarting();
        let [at, seconds] = [0, 0];
        await live.send(0, liveRun(vm, system(0, 0)));
        for (const { width, share } of steps) {
          at += width;
          seconds += 4 * share * width;
          await live.send(at, liveRun(vm, system(at, seconds)));
          // The same again changes nothing.
          await live.send(at, liveRun(vm, system(at, seconds)));
        }
        expect(live.sum(hostPower)).toBeCloseTo(IDLE * at + PER_CORE * seconds, 6);
        for (const run of live.slices) {
          const { predicted_watts, predicted_watts_lower, predicted_watts_upper } = Object.fromEntries(
            Object.entries(run.attributes).map(([key, value]) => [key.replace('power.', ''), value]),
          ) as Record<string, number>;
          if (predicted_watts === undefined) continue;
          expect(predicted_watts).toBeGreaterThanOrEqual(IDLE - 1e-9);
          expect(predicted_watts).toBeLessThanOrEqual(IDLE + 4 * PER_CORE + 1e-9);
          expect(predicted_watts_lower).toBeLessThanOrEqual(predicted_watts);
          expect(predicted_watts_upper).toBeGreaterThanOrEqual(predicted_watts);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('draws by what all on it used, of which an application counts for its own CPU time', async () => {
    const live = restarting();
    const app = { ...vm, 'service.name': 'app' };
    await live.send(0, liveRun(vm, system(0, 0)), liveRun(app, process(0, 0)));
    await live.send(10, liveRun(vm, system(10, 20)), liveRun(app, process(10, 15)));
    expect(live.sum(hostPower)).toBeCloseTo((IDLE + 2 * PER_CORE) * 10, 9);
    expect(live.sum(cpuUsage)).toBe(20);
    expect(live.sum(cpuUsage, ({ scenario }) => scenario === 'app')).toBe(15);
    expect(live.sum(hostPower, ({ scenario }) => scenario === 'app')).toBe(0);
  });

  it('draws nothing that is known for a time longer than `max_gap`, in which it may have been off', async () => {
    const live = restarting();
    await live.send(0, liveRun(vm, system(0, 0)));
    await live.send(200, liveRun(vm, system(200, 20)));
    expect(live.sum(hostPower)).toBe(0);
    expect(live.sum(cpuUsage)).toBe(20);
    expect(live.skips).toEqual(['gap']);
    await live.send(210, liveRun(vm, system(210, 20)));
    expect(live.sum(hostPower)).toBeCloseTo(IDLE * 10, 9);
  });

  it('takes no more of the state, however long it is modelled', async () => {
    const live = restarting();
    const sizes: number[] = [];
    for (let i = 0; i <= 60; i++) {
      await live.send(10 * i, liveRun(vm, system(10 * i, 15 * i)));
      sizes.push(JSON.stringify(live.slices.at(-1)?.attributes['stream.position'] ?? '').length);
    }
    expect(sizes[10]).toBeGreaterThan(100);
    expect(sizes.at(-1)).toBeLessThanOrEqual((sizes[10] as number) + 20);
  });

  it.each([
    [{ 'host.name': 'vm' }, 'unknown_cpu', 'it has no `host.type`'],
    [{ ...vm, 'host.type': 'm6i.metal' }, 'unknown_cpu_count', 'system.cpu.logical.count'],
  ])('%j is counted with what its owner can do: %s', async (attributes, reason, problem) => {
    const live = restarting();
    await live.send(0, liveRun(attributes, system(0, 0)));
    await live.send(10, liveRun(attributes, system(10, 20)));
    expect(live.sum(hostPower)).toBe(0);
    expect(live.sum(cpuUsage)).toBe(20);
    expect(live.skips).toEqual([reason]);
    expect(live.messages[0]).toContain(problem);
    expect(live.messages[0]).toMatch(
      /^no power is modelled for the host `vm`: .+; `without_meter.hosts` can say what it draws$/,
    );
  });

  it('draws what its entry says, the first that matches, without an interval', async () => {
    const hosts = [
      { where: { 'host.type': ['m7*', 'own'] }, idle_watts: 1, max_watts: 1, logical_cpus: 1 },
      { where: { 'host.name': 'v*' }, idle_watts: 10, max_watts: 50, logical_cpus: 8 },
      { idle_watts: 1, max_watts: 1, logical_cpus: 1 },
    ];
    const live = restarting({ without_meter: { hosts } });
    await live.send(0, liveRun(vm, system(0, 0)));
    await live.send(10, liveRun(vm, system(10, 20)));
    expect(live.sum(hostPower)).toBeCloseTo((10 + (2 / 8) * 40) * 10, 9);
    const slice = live.slices.find((run) => run.samplesOf(hostPower)) as Run;
    expect(slice.power).toBe('modelled');
    expect(slice.attributes).not.toHaveProperty('power.interval_level');
    expect(slice.attributes).not.toHaveProperty('power.predicted_watts_lower');
  });
});

describe('a host that was measured before', () => {
  let folder: TemporaryFolder | undefined;
  afterEach(() => folder?.remove());
  const measured = (cores: number, watts: number, more = {}) => {
    const samples = { step_seconds: 5, cpu_usage_cores: [cores, cores], power_watts: [watts, watts] };
    return { name: `${cores} cores`, start_time: cores, ...samples, ...more };
  };

  it('draws by its training files, of which runs with modelled power say nothing', async () => {
    const runs = [0, 1, 2, 3, 4].map((cores) => measured(cores, 20 + 10 * cores));
    const others = [
      measured(5, 1000, { power: 'modelled' }),
      { name: 'no power', step_seconds: 5, cpu_usage_cores: [1, 1] },
    ];
    folder = await temporaryFolder({ 'a.json': JSON.stringify({ scenarios: [...runs, ...others] }), 'b.json': '{' });
    const hosts = [{ where: { 'host.name': 'vm' }, training: ['*.json'] }];
    const live = restarting({ without_meter: { hosts } }, folder.path);
    await live.send(0, liveRun(vm, system(0, 0)));
    await live.send(10, liveRun(vm, system(10, 25)));
    await live.send(20, liveRun(vm, system(20, 85)));
    expect(live.sum(hostPower)).toBeCloseTo(450 + 800, 6);
    const [inside, outside] = live.slices.filter((run) => run.samplesOf(hostPower)) as [Run, Run];
    expect(inside.attributes).toMatchObject({
      power: 'modelled',
      'power.basis': expect.stringContaining('monotone curve through 5 measured runs with 0 to 4 cores in use'),
      'power.interval_level': 5 / 6,
    });
    expect(inside.attributes['power.predicted_watts_upper']).toBeGreaterThanOrEqual(45 - 1e-9);
    expect(inside.attributes).not.toHaveProperty('power.extrapolated');
    expect(outside.attributes['power.extrapolated']).toBe(true);
    // Further away by as much as the curve has moved since the end of its range.
    expect(outside.attributes['power.predicted_watts_upper']).toBeCloseTo(80 + 20, 6);
    expect(new Set(live.skips)).toEqual(new Set(['malformed']));
  });

  it('draws nothing that is known where too few runs are', async () => {
    folder = await temporaryFolder({ 'a.json': JSON.stringify({ scenarios: [measured(1, 10)] }) });
    const live = restarting({ without_meter: { hosts: [{ training: ['a.json'] }] } }, folder.path);
    await live.send(0, liveRun(vm, system(0, 0)));
    await live.send(10, liveRun(vm, system(10, 20)));
    expect(live.sum(hostPower)).toBe(0);
    expect(live.skips).toEqual(['no_model']);
  });
});

it.each([
  [{}, 'expected both `idle_watts` and `max_watts`, or `training`'],
  [{ idle_watts: 3 }, 'expected both `idle_watts` and `max_watts`, or `training`'],
  [{ idle_watts: 3, training: ['a'] }, 'expected either `idle_watts` and `max_watts`, or `training`'],
  [{ idle_watts: 3, max_watts: 2 }, 'expected at most `max_watts`, 2'],
])('an entry %j is refused: %s', (host, message) => {
  const parsed = plugin.configSchema.safeParse({ without_meter: { hosts: [host] } });
  expect(parsed.error?.issues.map((issue) => issue.message)).toEqual([message]);
});

describe('a host with a meter', () => {
  const metered = { 'host.name': 'metal', 'host.type': 'm6i.xlarge' };

  it('is left alone beside others without, also while its meter is silent, until that is forgotten', async () => {
    const live = restarting({ stream_expiration: '1h', without_meter: { cited_curves: true } });
    const both = (at: number, seconds: number, ...more: Parameters<typeof liveRun>[1][]) =>
      live.send(at, liveRun(metered, system(at, seconds), ...more), liveRun(vm, system(at, seconds)));
    const ofMetal = ({ scenario }: Attributes) => scenario === 'metal';
    await both(0, 0, meter(0, 0));
    await both(60, 30, meter(60, 6000));
    expect(live.sum(hostPower, ofMetal)).toBe(6000);
    expect(live.sum(hostPower)).toBeCloseTo(6000 + IDLE * 60 + PER_CORE * 30, 9);
    // An hour without the meter.
    for (let at = 120; at <= 3660; at += 60) await both(at, at / 2);
    expect(live.sum(hostPower, ofMetal)).toBe(6000);
    await both(3720, 1860);
    await both(3780, 1890);
    const { length } = live.slices.filter(({ power, scenario }) => power === 'modelled' && scenario === 'metal');
    expect(length).toBeGreaterThan(0);
    expect(live.sum(hostPower, ofMetal)).toBeLessThanOrEqual(6000 + IDLE * 120 + PER_CORE * 60 + 1e-6);
    expect(live.skips.filter((reason) => reason !== 'gap')).toEqual([]);
  });

  it('that is new counts from where the model had ended', async () => {
    const live = restarting();
    await live.send(0, liveRun(metered, system(0, 0)));
    await live.send(60, liveRun(metered, system(60, 0)));
    expect(live.sum(hostPower)).toBeCloseTo(IDLE * 60, 9);
    // Its first points came late: what they say of the first minute has been counted.
    await live.send(61, liveRun(metered, meter(30, 0)));
    await live.send(90, liveRun(metered, meter(90, 6000), system(90, 0)));
    expect(live.sum(hostPower)).toBeCloseTo(IDLE * 60 + 6000 / 2, 9);
  });

  it('of graphics cards alone is left alone too', async () => {
    const live = restarting();
    const card = (at: number) =>
      liveMetric('DCGM_FI_DEV_POWER_USAGE', 'gauge', [{ at: START + at, value: 50, attributes: { gpu: '0' } }]);
    await live.send(0, liveRun(metered, system(0, 0), card(0)));
    await live.send(10, liveRun(metered, system(10, 5), card(10)));
    expect(live.sum(hostPower)).toBe(500);
  });
});

it('modelled energy is shared among pods as measured energy is, each with its part of the interval', async () => {
  const live = restarting({ by: 'pod', without_meter: { cited_curves: true } });
  const pods = (at: number, a: number, b: number) =>
    liveMetric(
      'container_cpu_usage_seconds_total',
      'counter',
      [a, b].map((value, i) => ({
        at: START + at,
        value,
        attributes: { namespace: 'shop', pod: 'ab'[i] as string, container: 'main', id: `/kubepods/${i}` },
      })),
    );
  const count = liveMetric('system.cpu.logical.count', 'gauge', [{ at: START, value: 4 }]);
  await live.send(0, liveRun(vm, count, system(0, 0), pods(0, 0, 0)));
  await live.send(10, liveRun(vm, system(10, 20), pods(10, 12, 4)));
  await live.send(20, liveRun(vm, system(20, 20), pods(20, 12, 4)));
  const total = IDLE * 20 + PER_CORE * 20;
  expect(live.sum(hostPower)).toBeCloseTo(total, 9);
  const of = (pod: string) => live.sum(hostPower, ({ scenario }) => scenario === `shop/${pod}`);
  // Half of the CPUs were idle for ten seconds, whose energy stays the host's, as does that of what else ran.
  const shared = ((IDLE + 2 * PER_CORE) * 10) / 2;
  expect(of('a')).toBeCloseTo(shared * (12 / 20), 9);
  expect(of('b')).toBeCloseTo(shared * (4 / 20), 9);
  const own = live.slices.filter(({ scenario }) => scenario === 'shop/a');
  expect(new Set(own.map(({ power }) => power))).toEqual(new Set(['modelled']));
  const slice = own.find((run) => run.samplesOf(hostPower)) as Run;
  const { attributes } = slice;
  const ratio = (key: string) => (attributes[key] as number) / (attributes['power.predicted_watts'] as number);
  expect(ratio('power.predicted_watts_lower')).toBeCloseTo((4 * 0.69 + 2 * 2.76) / (IDLE + 2 * PER_CORE), 9);
  expect(ratio('power.predicted_watts_upper')).toBeCloseTo((4 * 1.76 + 2 * 3.29) / (IDLE + 2 * PER_CORE), 9);
});
