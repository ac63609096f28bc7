import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { type Meaning, meaningOf, measure, sourceOf } from 'wattline/figures';
import { cpuUsage, hostPower, type Processor, Run } from 'wattline/plugin';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import { fingerprint } from './identity.ts';
import plugin from './index.ts';

const { signal } = new AbortController();
/** Times of points are seconds since this one. */
const ZERO = Math.floor(Date.now() / 1000) - 5000;

async function start(options: TestContextOptions = {}, config: object = {}) {
  const context = createTestContext(options);
  const stage = plugin.create(context.ctx, plugin.configSchema.parse(config)) as Required<Processor>;
  await stage.start(signal);
  const refused: string[] = [];
  const send = async (...runs: Run[]) => {
    const outcome = await stage.consume(runs, signal);
    expect(outcome.deferred).toEqual([]);
    refused.push(...outcome.refused.map(({ reason }) => reason));
  };
  const sumsOf = (signal: typeof hostPower) => {
    const sums: Record<string, number> = {};
    for (const run of context.runs) {
      const { value } = measure(run, signal);
      if (value !== undefined) sums[run.scenario ?? ''] = (sums[run.scenario ?? ''] ?? 0) + value;
    }
    return sums;
  };
  return { ...context, stage, send, refused, joules: () => sumsOf(hostPower), coreSeconds: () => sumsOf(cpuUsage) };
}

type Values = readonly (readonly [value: number, labels?: Attributes, start?: number | undefined])[];

const metric = (name: string, type: 'counter' | 'gauge', at: number, values: Values, unit = ''): MetricData => {
  const points = values.map(([value, attributes = {}, begun]) => ({
    at: ZERO + at,
    value,
    attributes,
    ...(begun !== undefined && { start: ZERO + begun }),
  }));
  return liveMetric(name, type, points, unit);
};
const energy = (at: number, joules: number, labels: Attributes = {}) =>
  metric('hw.host.energy', 'counter', at, [[joules, labels]]);
/** The CPU time of a host with eight CPUs. */
const system = (at: number, seconds: number) =>
  metric(
    'system.cpu.time',
    'counter',
    at,
    Array.from({ length: 8 }, (_, i) => `cpu${i}`).flatMap((cpu): Values => {
      const used = seconds / 8;
      return [
        [used * 0.75, { cpu, state: 'user' }],
        [used * 0.25, { cpu, state: 'system' }],
        [1e6 + at, { cpu, state: 'idle' }],
      ];
    }),
  );
const process = (at: number, seconds: number, start?: number) =>
  metric('process.cpu.time', 'counter', at, [[seconds, { 'cpu.mode': 'user' }, start]]);

describe('one host', () => {
  it('counts once, whoever reports it by which of its names', async () => {
    const { send, joules, skips } = await start();
    for (const at of [0, 10, 20, 30]) {
      await send(liveRun({ 'host.id': 'i', 'host.name': 'n', 'service.name': 'a' }, energy(at, 1e6 + 200 * at)));
      await send(liveRun({ 'host.name': 'n', 'service.instance.id': 'x' }, energy(at + 3, 1e6 + 200 * (at + 3))));
    }
    expect(joules()).toEqual({ n: 200 * 33 });
    expect(skips).toEqual([]);
  });

  it('that was known as two counts on as one, over a restart', async () => {
    const storages = { s: memoryStorage() };
    const first = await start({ storages }, { storage: 's' });
    for (const at of [0, 10]) {
      await first.send(
        liveRun({ 'host.name': 'n' }, energy(at, 100 * at)),
        liveRun({ 'host.id': 'i' }, process(at, at)),
      );
    }
    await first.send(liveRun({ 'host.id': 'i', 'host.name': 'n' }, energy(20, 2000)));
    await first.stage.shutdown(signal);
    expect([first.joules(), first.coreSeconds()]).toEqual([{ n: 2000 }, { '': 10 }]);
    const next = await start({ storages }, { storage: 's' });
    await next.send(liveRun({ 'host.id': 'i' }, energy(30, 3000), process(30, 30)));
    expect([Object.values(next.joules()), Object.values(next.coreSeconds())]).toEqual([[1000], [20]]);
  });

  it('that turns out to be two while lists wait for both is counted', { timeout: 10_000 }, async () => {
    const { send, joules, coreSeconds } = await start();
    const named = (at: number) => liveRun({ 'host.name': 'n' }, energy(at, 100 * at));
    await send(named(0), liveRun({ 'host.id': 'i' }, process(0, 0)));
    const both = liveRun({ 'host.id': 'i', 'host.name': 'n' }, process(5, 1));
    await Promise.all([
      send(named(10)),
      send(named(20)),
      send(both),
      send(liveRun({ 'host.id': 'i' }, process(10, 10))),
    ]);
    expect([joules(), Object.values(coreSeconds())]).toEqual([{ n: 2000 }, [10]]);
  });

  it('has the devices of all its services', async () => {
    for (const [name, type] of [
      ['hw.energy', 'counter'],
      ['hw.power', 'gauge'],
    ] as const) {
      const { send, joules } = await start();
      for (const at of [0, 10]) {
        for (const [service, id] of ['gpu0', 'gpu1', 'gpu1'].entries()) {
          const value = type === 'counter' ? 40 * at : 40;
          const card = metric(name, type, at, [[value, { 'hw.id': id, 'hw.type': 'gpu' }]]);
          await send(liveRun({ 'host.name': 'n', 'service.name': `s${service}` }, card));
        }
      }
      expect(joules()).toEqual({ n: 800 });
    }
  });

  it('goes on where an agent is replaced by another', async () => {
    const { send, joules } = await start();
    for (const at of [0, 10, 20, 30]) {
      const agent = at < 20 ? 'pod-a' : 'pod-b';
      await send(liveRun({ 'k8s.node.name': 'k', 'k8s.pod.name': agent }, energy(at, 100 * at)));
    }
    expect(joules()).toEqual({ k: 3000 });
  });

  it('is refused where its name is that of two others, but for its other metrics', async () => {
    const { send, refused, joules, runs } = await start();
    for (const at of [0, 10]) {
      for (const id of ['i', 'j']) await send(liveRun({ 'host.id': id, 'host.name': 'n' }, energy(at, 100 * at)));
      const other = metric('http.requests', 'counter', at, [[1]]);
      await send(liveRun({ 'host.name': 'n', 'service.name': 'x' }, energy(at, 100 * at), other));
    }
    expect([joules(), refused]).toEqual([{ n: 2000 }, ['ambiguous_host', 'ambiguous_host']]);
    const passed = runs.flatMap((run) =>
      run.metrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)),
    );
    expect(passed).toEqual(['http.requests', 'http.requests']);
  });
});

describe('CPU time of a host', () => {
  it('is that of its processes, and what is left is its own', async () => {
    const { send, coreSeconds, skips } = await start();
    const pod = { 'k8s.pod.name': 'web-7f', 'host.name': 'web-7f', 'k8s.node.name': 'k', 'service.name': 'web' };
    for (let at = 0; at <= 60; at += 10) {
      await send(liveRun(pod, process(at, at)));
      if (at % 20 === 0) await send(liveRun({ 'k8s.node.name': 'k', 'host.name': 'node-1' }, system(at, 2 * at)));
    }
    expect(coreSeconds()).toEqual({ web: 60, 'node-1': 60 });
    expect(skips).toEqual([]);
  });

  it('is known as soon as all that it holds has been heard of', async () => {
    const { send, coreSeconds } = await start();
    for (let at = 0; at <= 40; at += 10) {
      await send(liveRun({ 'host.name': 'n' }, system(at, 2 * at)));
      await send(liveRun({ 'host.name': 'n', 'service.name': 'web' }, process(at, at)));
    }
    expect(coreSeconds()).toEqual({ web: 40, n: 40 });
  });

  it('is not that of an application which reports it', async () => {
    const { send, coreSeconds } = await start();
    for (const at of [0, 10, 20]) {
      await send(liveRun({ 'host.name': 'n', 'service.name': 'web' }, system(at, 3 * at), process(at, at)));
    }
    expect(coreSeconds()).toEqual({ web: 20, n: 40 });
  });

  it('counts once where node_exporter, cAdvisor, the kubelet and an application measure it', async () => {
    const { send, coreSeconds } = await start();
    const container = (at: number) =>
      metric('container_cpu_usage_seconds_total', 'counter', at, [
        [3 * at, { id: '/kubepods/a', container: 'web', pod: 'p', namespace: 's' }],
        [at, { id: '/kubepods/b', container: 'db', pod: 'q', namespace: 's' }],
        [4 * at, { id: '/kubepods' }],
      ]);
    const ofPod = { 'k8s.node.name': 'k', 'k8s.pod.name': 'p', 'k8s.namespace.name': 's' };
    for (let at = 0; at <= 60; at += 10) {
      await send(
        liveRun({ 'k8s.node.name': 'k', 'service.name': 'node' }, system(at, 6 * at)),
        liveRun({ 'k8s.node.name': 'k', 'service.name': 'cadvisor' }, container(at)),
        liveRun({ ...ofPod, scenario: 'kubelet' }, metric('k8s.pod.cpu.time', 'counter', at, [[3 * at]])),
        liveRun({ ...ofPod, 'k8s.container.name': 'web', 'service.name': 'web' }, process(at, 2 * at)),
      );
    }
    expect(coreSeconds()).toEqual({ web: 120, kubelet: 60, k: 180 });
  });

  it('counts once where two agents of its node and an application measure it', async () => {
    const { send, coreSeconds } = await start();
    const cpus = (at: number, seconds: number) => {
      const values = Array.from({ length: 8 }, (_, cpu): Values[number] => [
        seconds / 8,
        { cpu: String(cpu), mode: 'user' },
      ]);
      return metric('node_cpu_seconds_total', 'counter', at, values);
    };
    for (let at = 0; at <= 60; at += 10) {
      await send(
        liveRun({ 'host.name': 'n', 'service.name': 'web' }, process(at, at)),
        liveRun({ 'host.name': 'n', 'service.name': 'node' }, cpus(at, 5000 + 2 * at)),
        liveRun({ 'host.name': 'n' }, system(at, 2 * at)),
      );
    }
    expect(coreSeconds()).toEqual({ web: 60, n: 60 });
  });

  it.each([
    ['of everything', { agent: [300, 900], application: [300, 900] }],
    ['of the agent', { agent: [300, 900], application: [0, 0] }],
  ])('counts once over an outage %s', async (_, { agent, application }) => {
    const { send, coreSeconds } = await start();
    const isAway = ([from = 0, to = 0]: readonly number[], at: number) => at > from && at < to;
    for (let at = 0; at <= 1800; at += 10) {
      if (!isAway(application, at)) await send(liveRun({ 'host.name': 'n', 'service.name': 'web' }, process(at, at)));
      if (!isAway(agent, at)) await send(liveRun({ 'host.name': 'n' }, system(at, 2 * at)));
    }
    expect(coreSeconds()).toEqual({ web: 1800, n: 1800 });
  });

  it('goes on to be counted where what it holds falls silent', async () => {
    const { send, coreSeconds } = await start({}, { max_gap: '30s' });
    for (let at = 0; at <= 200; at += 10) {
      await send(liveRun({ 'host.name': 'n' }, system(at, 2 * at)));
      if (at <= 50) await send(liveRun({ 'host.name': 'n', 'service.name': 'web' }, process(at, at)));
    }
    expect(coreSeconds()).toEqual({ web: 50, n: 350 });
  });
});

describe('one process, pod or container', () => {
  const HOST = { 'host.name': 'n' };
  const uses = (name: string, at: number, seconds: number) =>
    metric(name, 'counter', at, [[seconds, { 'cpu.mode': 'user' }, -100]]);
  /** What two resources come to that measure the same, or do not, each four times. */
  const sumsOf = async (name: string, ...resources: readonly Attributes[]) => {
    const { send, coreSeconds, refused, skips } = await start();
    for (const at of [0, 10, 20, 30]) {
      for (const [i, attributes] of resources.entries()) {
        await send(liveRun({ ...HOST, ...attributes }, uses(name, at + i, 5 + 0.5 * (at + i))));
      }
    }
    expect([refused, skips]).toEqual([[], []]);
    return coreSeconds();
  };

  it('counts once, as what it says that it is for, where somebody watches it too', async () => {
    const watched = { 'process.pid': 42, 'process.executable.name': 'encode', 'process.owner': 'root' };
    const itself = { 'process.pid': 42, 'process.executable.name': '/usr/bin/encode', 'service.name': 'app' };
    expect(await sumsOf('process.cpu.time', watched, itself)).toEqual({ app: 15 });
    expect(await sumsOf('process.cpu.time', itself, watched)).toEqual({ app: 15 });
  });

  it('counts once where two watch it whose resources differ', async () => {
    const watched = { 'process.pid': 42, 'process.executable.name': 'encode' };
    expect(await sumsOf('process.cpu.time', { ...watched, agent: 'a' }, { ...watched, agent: 'b' })).toEqual({
      n: 15.5,
    });
    const container = { 'container.id': 'c'.repeat(64), scenario: 'n' };
    expect(await sumsOf('container.cpu.time', container, { ...container, 'container.image.name': 'i' })).toEqual({
      n: 15.5,
    });
    const pod = { 'k8s.node.name': 'n', 'k8s.pod.uid': 'u' };
    expect(await sumsOf('k8s.pod.cpu.time', pod, { ...pod, 'k8s.pod.name': 'p' })).toEqual({ n: 15.5 });
  });

  it('is another where its executable, its service or its container is', async () => {
    const process = { 'process.pid': 42 };
    for (const [one, other] of [
      [{ 'process.executable.name': 'a' }, { 'process.executable.name': 'b' }],
      [{ 'container.id': 'c'.repeat(64) }, { 'container.id': 'd'.repeat(64) }],
      [{ 'process.pid': 1 }, { 'process.pid': 1, agent: 'b' }],
      [{ scenario: 'a' }, { scenario: 'b' }],
      [{ 'process.parent_pid': 2 }, { 'process.parent_pid': 3 }],
      [{ 'process.executable.name': 'a' }, { 'service.name': 'b' }],
    ]) {
      const sums = await sumsOf('process.cpu.time', { ...process, ...one }, { ...process, ...other });
      expect(Object.values(sums).reduce((sum, value) => sum + value, 0)).toBe(30);
    }
    const service = (name: string) => ({ ...process, 'service.name': name });
    expect(await sumsOf('process.cpu.time', service('a'), service('b'))).toEqual({ a: 15, b: 15 });
    const container = { 'k8s.node.name': 'n', 'k8s.pod.name': 'p', 'k8s.container.name': 'c' };
    const restarted = ['c', 'd'].map((id) => ({ ...container, 'container.id': id.repeat(64) }));
    const sums = await sumsOf('container.cpu.time', ...restarted);
    expect(Object.values(sums)).toEqual([30]);
  });
});

describe('senders that share a name', () => {
  const collector = { 'service.name': 'otelcol' };
  const isRefused = (reasons: readonly string[]) => new Set(reasons);

  it.each([
    ['the higher first', [1000, 10]],
    ['the lower first', [10, 1000]],
  ])('count for nothing where their counters are apart, %s', async (_, offsets) => {
    const { send, refused, coreSeconds } = await start();
    for (let at = 0; at <= 600; at += 10) {
      for (const [i, offset] of offsets.entries())
        await send(liveRun(collector, system(at + 4 * i, offset + at + 4 * i)));
    }
    expect(Object.values(coreSeconds()).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(10);
    expect(refused.length).toBeGreaterThan(100);
    expect(isRefused(refused)).toEqual(new Set(['interleaved_senders']));
  });

  it('count once there is only one of them', async () => {
    const { send, coreSeconds } = await start();
    for (let at = 0; at <= 600; at += 10) {
      await send(liveRun(collector, system(at, 1000 + at)));
      if (at < 100) await send(liveRun(collector, system(at + 4, 10 + at)));
    }
    const [counted = 0] = Object.values(coreSeconds());
    expect(counted).toBeGreaterThan(300);
    expect(counted).toBeLessThanOrEqual(500);
  });

  it('are told apart by their starts where they are processes, be it that the second has used more', async () => {
    const { send, refused, coreSeconds } = await start();
    for (let at = 0; at <= 100; at += 10) {
      await send(liveRun({ 'service.name': 'web' }, process(at, 10 + at, -20)));
      await send(liveRun({ 'service.name': 'web' }, process(at + 4, 500 + at, -900)));
    }
    expect(coreSeconds()).toEqual({});
    expect(isRefused(refused)).toEqual(new Set(['interleaved_senders']));
  });

  it('count once where they send the same rising counter', async () => {
    const { send, refused, joules } = await start();
    for (let at = 0; at <= 100; at += 10) {
      await send(liveRun({ 'host.name': 'n' }, metric('hw.host.energy', 'counter', at, [[50 * at, {}, -1000]])));
      await send(
        liveRun({ 'host.name': 'n' }, metric('hw.host.energy', 'counter', at + 4, [[50 * at + 200, {}, -500]])),
      );
    }
    expect([joules(), refused]).toEqual([{ n: 5200 }, []]);
  });

  it('are refused where the intervals of their deltas overlap, and counted once where a request is sent again', async () => {
    const delta = (at: number, seconds: number) =>
      liveMetric('process.cpu.time', 'delta', [{ at: ZERO + at, value: seconds, start: ZERO + at - 10 }]);
    const two = await start();
    for (let at = 10; at <= 600; at += 10) {
      await two.send(liveRun({ 'service.name': 'web', 'host.name': 'n' }, delta(at, 5)));
      await two.send(liveRun({ 'service.name': 'web', 'host.name': 'n' }, delta(at + 4, 1)));
    }
    expect([two.coreSeconds().web, isRefused(two.refused)]).toEqual([5, new Set(['interleaved_senders'])]);
    expect(two.refused.length).toBeGreaterThan(100);
    const one = await start();
    for (let at = 10; at <= 600; at += 10) {
      const run = liveRun({ 'service.name': 'web', 'host.name': 'n' }, delta(at, 5));
      await one.send(run);
      if (at % 30 === 0) await one.send(run);
    }
    expect([one.coreSeconds(), one.refused]).toEqual([{ web: 300 }, []]);
  });

  it('are refused with their gauges where these come from two addresses and do not agree', async () => {
    const power = (at: number, watts: number, peer: string) => {
      const run = liveRun({ 'host.name': 'n' }, metric('hw.host.power', 'gauge', at, [[watts]]));
      return Run.from(run.toResourceMetrics(), peer);
    };
    const two = await start();
    const pair = await start();
    for (let at = 0; at <= 600; at += 10) {
      await two.send(power(at, 100, '10.0.0.1'));
      await two.send(power(at + 4, 500, '10.0.0.2'));
      await pair.send(power(at, 100, '10.0.0.1'));
      await pair.send(power(at + 4, 101, '10.0.0.2'));
    }
    expect([two.joules(), isRefused(two.refused)]).toEqual([{}, new Set(['interleaved_senders'])]);
    expect([Math.round(pair.joules().n ?? 0), pair.refused]).toEqual([Math.round(604 * 100.5), []]);
    for (const { attributes } of pair.runs) expect(JSON.stringify(attributes)).not.toContain('10.0.0');
  });

  it('are refused with their gauges where nothing tells them from others', async () => {
    const { send, refused, joules } = await start();
    for (const at of [0, 10]) {
      for (const watts of [100, 500]) {
        await send(liveRun({ 'service.name': 'web' }, metric('hw.host.power', 'gauge', at, [[watts]])));
      }
    }
    expect([joules(), isRefused(refused)]).toEqual([{}, new Set(['no_identity'])]);
  });
});

it.each([
  [
    'of energy',
    (at: number, i: number) =>
      metric('node_rapl_dram_joules_total', 'counter', at, [[5 + (i % 2) * 0.7, { index: '0' }]]),
  ],
  [
    'of CPU time',
    (at: number, i: number) =>
      metric('node_cpu_seconds_total', 'counter', at, [[0.02 + (i % 2) * 0.01, { cpu: '0', mode: 'nice' }]]),
  ],
])('noise of a small counter %s is no other sender, nor used', async (_, noisy) => {
  const { send, refused, joules, coreSeconds, skips } = await start();
  for (let i = 0; i <= 60; i++) {
    const zone = metric('node_rapl_package_joules_total', 'counter', 10 * i, [[400 * i, { index: '0' }]]);
    await send(liveRun({ 'host.name': 'n' }, zone, noisy(10 * i, i)));
  }
  expect([refused, skips]).toEqual([[], []]);
  expect(joules().n).toBeLessThanOrEqual(24_000.7);
  expect(joules().n).toBeGreaterThanOrEqual(24_000);
  expect(coreSeconds().n ?? 0).toBeLessThanOrEqual(0.0101);
});

describe('a counter that was reset', () => {
  it('counts again and again, as a container whose crashes no start tells', async () => {
    const { send, refused, coreSeconds } = await start();
    const lives = [[20, 50, 80], [25, 55], [10, 40, 70, 100], [28], [15, 45, 75], [22, 52, 82], [5, 35, 65]];
    const modes = (at: number, value: number) =>
      metric('container.cpu.time', 'counter', at, [
        [0.8 * value, { state: 'user' }],
        [0.2 * value, { state: 'system' }],
      ]);
    for (const [i, value] of lives.flat().entries())
      await send(liveRun({ 'host.name': 'n', 'container.id': 'c' }, modes(30 * i, value)));
    expect(refused).toEqual([]);
    expect(Object.values(coreSeconds())[0]).toBeCloseTo(80 - 20 + 55 + 100 + 28 + 75 + 82 + 65, 9);
  });

  it('counts once what follows goes on from there', async () => {
    const { send, joules } = await start();
    const values = [100, 200, 50, 80];
    for (const [i, value] of values.entries()) await send(liveRun({ 'host.name': 'n' }, energy(10 * i, value)));
    expect(joules()).toEqual({ n: 180 });
  });

  it('counts nothing of a fall that is taken back', async () => {
    const { send, coreSeconds } = await start();
    const values = [4822.8, 4747.3, 4974.4, 4980.4];
    for (const [i, value] of values.entries()) await send(liveRun({ 'host.name': 'n' }, process(30 * i, value, -9000)));
    expect(coreSeconds().n).toBeCloseTo(4980.4 - 4822.8, 9);
  });

  it('counts whole where it has passed its old value', async () => {
    const { send, coreSeconds } = await start();
    const values = [100, 40, 90, 140, 190];
    for (const [i, value] of values.entries()) await send(liveRun({ 'host.name': 'n' }, process(30 * i, value)));
    expect(coreSeconds()).toEqual({ n: 190 });
  });

  it('counts the same where a request has several points', async () => {
    const values = [100, 200, 50, 80, 130, 20, 60, 90];
    const sumBy = async (size: number) => {
      const { send, refused, joules } = await start();
      for (let i = 0; i < values.length; i += size) {
        const points = values.slice(i, i + size).map((value, j) => ({ at: ZERO + 30 * (i + j), value }));
        await send(liveRun({ 'host.name': 'n' }, liveMetric('hw.host.energy', 'counter', points)));
      }
      expect(refused).toEqual([]);
      return joules().n;
    };
    for (const size of [1, 2, 4, 8]) expect(await sumBy(size)).toBeCloseTo(100 + 130 + 90, 9);
  });

  it('is not believed for a point that is sent again', async () => {
    const { send, joules } = await start();
    for (const value of [1000, 10, 10])
      await send(liveRun({ 'host.name': 'n' }, energy(value === 1000 ? 0 : 10, value)));
    expect(joules()).toEqual({});
  });

  it('is told by a start that has moved, whatever it had been at', async () => {
    const { send, refused, coreSeconds } = await start();
    const points = [
      [0, 100, -200],
      [30, 40, -200],
      [60, 70, -200],
      [90, 110, 61],
      [120, 120, 61],
    ] as const;
    for (const [at, value, begun] of points) await send(liveRun({ 'host.name': 'n' }, process(at, value, begun)));
    expect([coreSeconds(), refused]).toEqual([{ n: 70 + 120 }, []]);
  });

  it('counts at once where its start says so', async () => {
    const { send, coreSeconds } = await start();
    await send(liveRun({ 'host.name': 'n' }, process(0, 100, -200)));
    await send(liveRun({ 'host.name': 'n' }, process(10, 5, 2)));
    expect(coreSeconds()).toEqual({ n: 5 });
  });
});

it('a holder that reads less than what it holds is broken, and what it holds counts', async () => {
  const { send, runs, skips } = await start();
  const page = (at: number) => [
    metric('node_rapl_psys_joules_total', 'counter', at, [[0.00002 * at, { index: '0' }]]),
    metric('node_rapl_package_joules_total', 'counter', at, [[50 * at, { index: '0' }]]),
  ];
  for (let at = 0; at <= 3000; at += 15) await send(liveRun({ 'host.name': 'n' }, ...page(at)));
  expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['node_rapl_psys_joules', 'broken_holder']]);
  const package_ = runs.filter(({ attributes }) => attributes.boundary === 'package');
  const joules = package_.reduce((sum, run) => sum + (measure(run, hostPower).value ?? 0), 0);
  expect(joules).toBeGreaterThan(50 * 1100);
  expect(joules).toBeLessThanOrEqual(50 * 2460);
});

it('the state of version 0.1 is taken over: counters go on, and a process that it has counted is not counted again', async () => {
  const storage = memoryStorage();
  const old = await storage.openState('live', 'live');
  const at = ZERO + 10;
  const ofNode = { name: 'hw.host.energy', boundary: 'host', scope: '', since: [ZERO, 0], seen: [at, 0], touched: at };
  const ofPod = { ...ofNode, name: 'process.cpu.time', boundary: 'process', scope: 'x' };
  const start_ = { '[["cpu.mode","user"]]': ZERO + 1 };
  await old.update(() => [
    ['live/counted_from', String(ZERO)],
    [
      'stream/n',
      JSON.stringify({ feeds: { 'host hw.host.energy 0123': { ...ofNode, meters: { '[]': [at, 0, 1000] } } } }),
    ],
    [
      'stream/web-7f',
      JSON.stringify({
        feeds: {
          'process process.cpu.time 4567': {
            ...ofPod,
            meters: { '[["cpu.mode","user"]]': [at, 0, 5] },
            starts: start_,
          },
        },
      }),
    ],
  ]);
  await old.close();
  const { send, joules, coreSeconds } = await start({ storages: { s: storage } }, { storage: 's' });
  const pod = { 'service.name': 'web', 'k8s.pod.name': 'web-7f', 'k8s.node.name': 'k', 'host.name': 'web-7f' };
  for (const seconds of [20, 30]) {
    await send(liveRun({ 'host.name': 'n', 'service.name': 'agent' }, energy(seconds, 100 * seconds)));
    await send(liveRun(pod, process(seconds, seconds, 1)));
  }
  expect([joules(), coreSeconds()]).toEqual([{ n: 2000 }, { web: 10 }]);
});

it('a process that was known by all that its resource says goes on', async () => {
  const storage = memoryStorage();
  const attributes = { 'host.name': 'n', 'process.pid': 42, 'process.executable.name': 'encode' };
  const resource = fingerprint(attributes);
  const at = ZERO + 10;
  const feed = {
    name: 'process.cpu.time',
    boundary: 'process',
    resource,
    since: [ZERO, 0],
    seen: [at, 0],
    touched: at,
  };
  const source = sourceOf(meaningOf('process.cpu.time') as Meaning, { 'cpu.mode': 'user' });
  const feeds = { [`process process.cpu.time ${resource}`]: { ...feed, meters: { [source]: [at, 0, 5] } } };
  const old = await storage.openState('live', 'live');
  await old.update(() => [
    ['live/counted_from', String(ZERO)],
    ['live/version', '2'],
    ['stream/n', JSON.stringify({ version: 2, names: [['host.name', 'n']], feeds })],
  ]);
  await old.close();
  const { send, coreSeconds } = await start({ storages: { s: storage } }, { storage: 's' });
  for (const seconds of [20, 30]) await send(liveRun(attributes, process(seconds, seconds)));
  expect(coreSeconds()).toEqual({ n: 25 });
});
