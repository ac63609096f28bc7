import type { Attributes, HrTime } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { measure } from 'wattline/figures';
import { cpuUsage, hostPower, type Processor, type Run } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { liveMetric, liveRun, timeAt } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import { joinAttributions } from './attribution-state.ts';
import plugin from './index.ts';

const { signal } = new AbortController();
const START = 1_700_000_000;
const node = { 'service.instance.id': 'node-1:9100', 'host.name': 'node-1', region: 'eu-west-1' };

afterEach(() => void vi.useRealTimers());

/** A processor that is stopped and started again before each list, at times that are seconds after the start. */
function restarting(config: object) {
  vi.useFakeTimers({ toFake: ['Date'], now: START * 1000 });
  const storages = { file_storage: memoryStorage() };
  const slices: Run[] = [];
  let context = createTestContext({ storages });
  let configured = config;
  return {
    /** Changes the configuration for what comes. */
    configure(changed: object) {
      configured = changed;
    },
    async send(at: number, ...runs: Run[]) {
      vi.setSystemTime((START + at) * 1000);
      context = createTestContext({ storages });
      const stage = plugin.create(
        context.ctx,
        plugin.configSchema.parse({ storage: 'file_storage', ...configured }),
      ) as Required<Processor>;
      await stage.start(signal);
      expect(await stage.consume(runs, signal)).toEqual({ refused: [], deferred: [] });
      slices.push(...context.runs);
      const residual = await context.ownMetric('wattline_attribution_residual_ratio', { host: 'node-1' });
      await stage.shutdown(signal);
      return residual;
    },
    /** What a signal comes to by the scenario and the attributes that name workloads. */
    sums(of: typeof hostPower) {
      const sums: Record<string, number> = {};
      for (const run of slices) {
        const { value } = measure(run, of);
        if (value) sums[run.scenario ?? ''] = (sums[run.scenario ?? ''] ?? 0) + value;
      }
      return sums;
    },
    attributes: (scenario: string) => slices.find((run) => run.scenario === scenario)?.attributes,
  };
}

const energy = (at: number, joules: number, name = 'hw.host.energy', labels: Attributes = {}) =>
  liveMetric(name, 'counter', [{ at: START + at, value: joules, attributes: labels }]);
const system = (at: number, seconds: number) =>
  liveMetric('system.cpu.time', 'counter', [{ at: START + at, value: seconds, attributes: { state: 'user' } }]);
const cadvisor = (at: number, pods: Readonly<Record<string, number>>) =>
  liveMetric(
    'container_cpu_usage_seconds_total',
    'counter',
    Object.entries(pods).map(([pod, value]) => ({
      at: START + at,
      value,
      attributes: { namespace: 'shop', pod, container: 'main', id: `/kubepods/${pod}` },
    })),
  );

describe('energy by pod', () => {
  it('waits in the state for who used it, and is never lost or shared twice by restarts', async () => {
    const live = restarting({ by: 'pod', idle_watts: 10 });
    await live.send(0, liveRun(node, energy(0, 0), system(0, 0)));
    await live.send(1, liveRun(node, cadvisor(0, { a: 0, b: 0 })));
    await live.send(10, liveRun(node, energy(10, 1100), system(10, 10)));
    // It is not known yet who used the 1100 J, of which 100 J are idle.
    expect(live.sums(hostPower)).toEqual({});
    const ratio = await live.send(11, liveRun(node, cadvisor(10, { a: 6, b: 2 })));
    expect(live.sums(hostPower)).toEqual({ 'shop/a': 600, 'shop/b': 200, 'node-1': 300 });
    expect(live.sums(cpuUsage)).toEqual({ 'shop/a': 6, 'shop/b': 2, 'node-1': 2 });
    expect(ratio).toBeCloseTo(300 / 1100, 12);
  });

  it('has the attributes of the pod and its host, whoever reports it', async () => {
    const live = restarting({ by: 'pod' });
    const agent = {
      ...node,
      'k8s.pod.name': 'node-exporter-x',
      'k8s.namespace.name': 'monitoring',
      'k8s.node.name': 'n',
    };
    const kubelet = { ...node, 'k8s.node.name': 'n' };
    await live.send(0, liveRun(agent, energy(0, 0)), liveRun(kubelet, cadvisor(0, { a: 0 })));
    await live.send(10, liveRun(agent, energy(10, 500)), liveRun(kubelet, cadvisor(10, { a: 6 })));
    expect(live.attributes('shop/a')).toMatchObject({
      'k8s.namespace.name': 'shop',
      'k8s.pod.name': 'a',
      'k8s.node.name': 'n',
      region: 'eu-west-1',
    });
    // What nobody used is the node's, and never that of the pod that reports it.
    expect(Object.keys(live.sums(hostPower))).toEqual(['shop/a']);
    expect(live.attributes('shop/a')).not.toHaveProperty('service.instance.id');
  });

  it('leaves graphics cards to the host, since CPU time says nothing of them', async () => {
    const live = restarting({ by: 'pod' });
    const card = (at: number, joules: number) =>
      energy(at, joules * 1000, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', { gpu: '0' });
    await live.send(
      0,
      liveRun(node, energy(0, 0, 'node_rapl_package_joules_total', { index: '0' }), card(0, 0), cadvisor(0, { a: 0 })),
    );
    await live.send(
      10,
      liveRun(
        node,
        energy(10, 500, 'node_rapl_package_joules_total', { index: '0' }),
        card(10, 700),
        cadvisor(10, { a: 1 }),
      ),
    );
    expect(live.sums(hostPower)).toEqual({ 'shop/a': 500, 'node-1': 700 });
  });

  it('is shared with what is known once a meter of use has been silent for too long', async () => {
    const live = restarting({ by: 'pod', max_gap: '20s' });
    await live.send(0, liveRun(node, energy(0, 0), system(0, 0), cadvisor(0, { a: 0 })));
    await live.send(10, liveRun(node, energy(10, 1000), system(10, 10), cadvisor(10, { a: 5 })));
    for (let at = 20; at <= 80; at += 10) await live.send(at, liveRun(node, energy(at, at * 100), system(at, at)));
    const { 'shop/a': pod, 'node-1': host = 0 } = live.sums(hostPower);
    expect(pod).toBe(500);
    expect(host).toBeGreaterThan(500);
    expect(host % 1000).toBe(500);
  });

  it('is shared by CPU time for as long as no meter of power says who used it', async () => {
    const live = restarting({ by: 'pod', max_gap: '60s' });
    const kepler = (at: number) =>
      energy(at, at * 30, 'kepler_pod_cpu_joules_total', {
        ...{ pod_namespace: 'shop', pod_name: 'a', pod_id: 'u', zone: 'package' },
      });
    for (let at = 0; at <= 100; at += 10) {
      // What waits for cAdvisor, which is read once a minute, was used before Kepler began.
      const used = at % 60 === 0 || at === 100 ? [cadvisor(at, { a: at * 0.5, b: at * 0.25 })] : [];
      await live.send(at, liveRun(node, energy(at, at * 100), system(at, at), ...used));
      if (at >= 45)
        await live.send(at + 5, liveRun({ ...node, 'service.instance.id': 'node-1:28282' }, kepler(at + 5)));
    }
    await live.send(300, liveRun({ 'host.name': 'node-2' }, energy(300, 0)));
    const sums = live.sums(hostPower);
    // Kepler's first point is at 55 s.
    expect(sums['shop/a']).toBeCloseTo(55 * 50 + 45 * 30, 6);
    expect(sums['shop/b']).toBeCloseTo(55 * 25, 6);
    expect(sums['node-1']).toBeCloseTo(55 * 25 + 45 * 70, 6);
  });

  it('stays the host’s where it is not attributed any more', async () => {
    const live = restarting({ by: 'pod' });
    await live.send(0, liveRun(node, energy(0, 0), cadvisor(0, { a: 0 })));
    await live.send(10, liveRun(node, energy(10, 1000)));
    expect(live.sums(hostPower)).toEqual({});
    live.configure({ by: 'host' });
    await live.send(20, liveRun(node, energy(20, 1500)));
    expect(live.sums(hostPower)).toEqual({ 'node-1': 1500 });
  });

  it('is the host’s where nobody says anything of workloads', async () => {
    const live = restarting({ by: 'pod', max_gap: '20s' });
    for (let at = 0; at <= 60; at += 10) await live.send(at, liveRun(node, energy(at, at * 100)));
    expect(live.sums(hostPower)).toEqual({ 'node-1': 6000 });
  });

  it('is shared to the end once a host has fallen silent', async () => {
    const live = restarting({ by: 'pod', max_gap: '20s', idle_watts: 10 });
    await live.send(0, liveRun(node, energy(0, 0), cadvisor(0, { a: 0 })));
    await live.send(10, liveRun(node, energy(10, 1000), cadvisor(10, { a: 5 })));
    await live.send(20, liveRun(node, energy(20, 2000)));
    expect(live.sums(hostPower)).toEqual({ 'shop/a': 900, 'node-1': 100 });
    const other = { 'service.instance.id': 'node-2:9100', 'host.name': 'node-2' };
    await live.send(120, liveRun(other, energy(120, 0)));
    expect(live.sums(hostPower)).toEqual({ 'shop/a': 900, 'node-1': 1100 });
  });
});

describe('hosts that turn out to be one', () => {
  it('keep all that waits of a pod that both have', () => {
    const [a, b, c] = [0, 10, 20].map((at) => timeAt(START + at)) as [HrTime, HrTime, HrTime];
    const pod = { 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'a' };
    const of = (from: HrTime, to: HrTime, amount: number) => {
      const increments = [{ from, to, amount }];
      const energy = [{ boundary: 'host' as const, attributes: {}, increments }];
      return { energy, uses: [{ unit: 's' as const, workload: pod, increments }], active: increments, idle: [] };
    };
    const joined = joinAttributions([of(b, c, 2), of(a, b, 1), of(a, b, 4)]);
    const increments = [
      { from: a, to: b, amount: 5 },
      { from: b, to: c, amount: 2 },
    ];
    expect(joined).toEqual({
      energy: [{ boundary: 'host', attributes: {}, increments }],
      uses: [{ unit: 's', workload: pod, increments }],
      active: increments,
      idle: [],
    });
  });
});

describe('energy by container, process and VM', () => {
  it('is shared by what Scaphandre says of processes', async () => {
    const live = restarting({ by: 'process' });
    const page = (at: number) => [
      liveMetric('scaph_host_power_microwatts', 'gauge', [{ at: START + at, value: 50e6 }]),
      liveMetric('scaph_process_power_consumption_microwatts', 'gauge', [
        { at: START + at, value: 20e6, attributes: { pid: '1', exe: 'ffmpeg' } },
        { at: START + at, value: 5e6, attributes: { pid: '2', exe: 'ffmpeg' } },
        { at: START + at, value: 10e6, attributes: { pid: '3', exe: 'postgres' } },
      ]),
    ];
    await live.send(0, liveRun(node, ...page(0)));
    await live.send(10, liveRun(node, ...page(10)));
    const sums = live.sums(hostPower);
    expect(Object.keys(sums).sort()).toEqual(['ffmpeg', 'node-1', 'postgres']);
    expect(sums.ffmpeg).toBeCloseTo(250, 9);
    expect(sums.postgres).toBeCloseTo(100, 9);
    expect(sums['node-1']).toBeCloseTo(150, 9);
  });

  it('is shared by what Kepler says of virtual machines', async () => {
    const live = restarting({ by: 'vm' });
    const zone = { zone: 'package', path: '/sys/class/powercap/intel-rapl:0' };
    const page = (at: number, joules: number, active: number, vm: number) => [
      energy(at, joules, 'kepler_node_cpu_joules_total', zone),
      energy(at, active, 'kepler_node_cpu_active_joules_total', zone),
      energy(at, joules - active, 'kepler_node_cpu_idle_joules_total', zone),
      energy(at, vm, 'kepler_vm_cpu_joules_total', {
        vm_id: 'uuid',
        vm_name: 'build',
        hypervisor: 'kvm',
        state: 'running',
        zone: 'package',
      }),
    ];
    await live.send(0, liveRun(node, ...page(0, 0, 0, 0)));
    await live.send(10, liveRun(node, ...page(10, 1000, 400, 300)));
    const { build, 'node-1': rest } = live.sums(hostPower);
    expect(build).toBeCloseTo(300, 9);
    expect(rest).toBeCloseTo(700, 9);
    expect(live.attributes('build')).toMatchObject({ 'vm.name': 'build', 'host.name': 'node-1' });
  });

  it('is that of the container of a pod that cAdvisor names, where Kepler says its id alone', async () => {
    const live = restarting({ by: 'container' });
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    const kepler = (at: number, id: string, joules: number) =>
      energy(at, joules, 'kepler_container_cpu_joules_total', {
        ...{ container_id: id, container_name: 'main', pod_id: `uid-${id[0]}`, zone: 'package' },
      });
    const used = (at: number, id: string, seconds: number) =>
      liveMetric('container_cpu_usage_seconds_total', 'counter', [
        {
          at: START + at,
          value: seconds,
          attributes: { namespace: 'shop', pod: 'web', container: 'main', id: `/kubepods/${id}` },
        },
      ]);
    const exporter = { ...node, 'service.instance.id': 'node-1:28282' };
    for (const at of [0, 10]) {
      await live.send(at, liveRun(node, energy(at, at * 100), used(at, a, at)));
      await live.send(at, liveRun(exporter, kepler(at, a, at * 30), kepler(at, b, at * 20)));
    }
    // Nobody names the pod of the other container, which has the same name.
    expect(live.sums(hostPower)).toEqual({ 'shop/web/main': 300, 'uid-b/main': 200, 'node-1': 500 });
    expect(live.sums(cpuUsage)).toEqual({ 'shop/web/main': 10 });
  });

  it('is that of containers in no pod, by their names', async () => {
    const live = restarting({ by: 'container' });
    const page = (at: number, seconds: number) =>
      liveMetric('container_cpu_usage_seconds_total', 'counter', [
        {
          at: START + at,
          value: seconds,
          attributes: { name: 'web', id: `/docker/${'a'.repeat(64)}`, image: 'nginx' },
        },
        { at: START + at, value: 2 * seconds, attributes: { id: '/docker' } },
      ]);
    await live.send(0, liveRun(node, energy(0, 0), system(0, 0), page(0, 0)));
    await live.send(10, liveRun(node, energy(10, 1000), system(10, 10), page(10, 4)));
    expect(live.sums(hostPower)).toEqual({ web: 400, 'node-1': 600 });
    expect(live.sums(cpuUsage)).toEqual({ web: 4, 'node-1': 6 });
  });
});
