import { expect, it, onTestFinished } from 'vitest';
import { pointsIn, startCollector } from './collector.ts';
import { type Machine, startMachine } from './machine.ts';
import { startNodeExporter } from './node-exporter.ts';
import { useCpu } from './python-sdk.ts';
import { counting, type StartedWattline, startPipeline } from './wattline.ts';

type Attributes = Readonly<Record<string, string>>;

/** Starts a Collector that sends what a receiver of it measures, with more attributes of the resource. */
async function startSending({ address }: StartedWattline, receivers: object, attributes: Attributes) {
  const actions = Object.entries(attributes).map(([key, value]) => ({ key, value, action: 'upsert' }));
  const pipeline = {
    receivers: Object.keys(receivers),
    processors: actions.length ? ['resource'] : [],
    exporters: ['otlp_http', 'debug'],
  };
  const config = {
    receivers,
    processors: actions.length ? { resource: { attributes: actions } } : {},
    exporters: { otlp_http: { endpoint: `http://${address}` }, debug: { verbosity: 'detailed' } },
    service: { pipelines: { metrics: pipeline } },
  };
  const { logs, stop } = await startCollector(JSON.stringify(config));
  /** Resolves when it has read that the value of a metric. */
  const hasRead = (name: string, expected: number) =>
    expect
      .poll(() => pointsIn(logs()).some(({ metric, value }) => metric === name && Math.abs(value - expected) < 1e-6))
      .toBe(true);
  return { hasRead, stop };
}

/** Starts a Collector whose `host_metrics` measures a machine. */
function startHostMetrics(wattline: StartedWattline, { root }: Machine, attributes: Attributes = {}) {
  const scrape = { collection_interval: '200ms', initial_delay: '0s', root_path: root, scrapers: { cpu: {} } };
  return startSending(wattline, { host_metrics: scrape }, attributes);
}

/** Lets a machine use 1.6 cores, until `stop`, which returns how many core-seconds it has used since it was booted. */
function startLoad(machine: Machine, from: number) {
  const begin = performance.now();
  let used = from;
  let shown = Promise.resolve();
  const timer = setInterval(() => {
    // The least that the kernel can tell of two CPUs are 0.02 core-seconds.
    used = from + Math.round(((performance.now() - begin) / 1000) * 80) * 0.02;
    shown = shown.then(() => machine.show({ cpu: used }));
  }, 100);
  onTestFinished(() => clearInterval(timer));
  return {
    used: () => used,
    async stop() {
      clearInterval(timer);
      await shown;
      return used;
    },
  };
}

const cpuTime = 'system.cpu.time';

it('a host that is host.id and host.name to one Collector and host.name alone to another counts once', async () => {
  const wattline = await startPipeline();
  const machine = await startMachine({ cpu: 800 });
  const collectors = [
    await startHostMetrics(wattline, machine, { 'host.name': 'node-a' }),
    await startHostMetrics(wattline, machine, { 'host.id': '4c4c4544', 'host.name': 'node-a' }),
  ];
  for (const cpu of [800, 800.8, 801.6]) {
    await machine.show({ cpu });
    for (const { hasRead } of collectors) await hasRead(cpuTime, cpu);
  }
  for (const { stop } of collectors) await stop();
  expect(await wattline.sum('cpu_core_seconds_total')).toBeCloseTo(1.6, 6);
});

it("a pod's application is billed its own CPU time, and its node the rest of what it used", async () => {
  const wattline = await startPipeline({ processors: counting({ max_gap: '3s' }) });
  const machine = await startMachine({ cpu: 800 });
  const agent = await startHostMetrics(wattline, machine, { 'host.name': 'node-a', 'k8s.node.name': 'node-a' });
  await agent.hasRead(cpuTime, 800);
  await expect.poll(() => wattline.value('wattline_live_streams')).toBeGreaterThan(0);
  const load = startLoad(machine, 800);
  const used = await useCpu(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${wattline.address}`,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_RESOURCE_ATTRIBUTES:
        'service.name=shop,host.name=shop-0,k8s.pod.name=shop-0,k8s.namespace.name=web,k8s.node.name=node-a',
    },
    1,
    ['process.cpu.time'],
  );
  const ended = load.used();
  await expect.poll(load.used).toBeGreaterThan(ended + 2);
  const whole = await load.stop();
  await agent.hasRead(cpuTime, whole);
  const coreSeconds = (scenario: string) => wattline.sum('cpu_core_seconds_total', { scenario });
  // Once nothing has come of the application for as long, all that it has used is known.
  const all = async () => (await coreSeconds('shop')) + (await coreSeconds('node-a'));
  await expect.poll(all).toBeCloseTo(whole - 800, 6);
  await agent.stop();
  const application = await coreSeconds('shop');
  const [first = Number.NaN] = used;
  const last = used.at(-1) ?? Number.NaN;
  // What it used before its first request counts where it is not much.
  expect(application).toBeGreaterThanOrEqual(last - first - 1e-6);
  expect(application).toBeLessThanOrEqual(last + 1e-6);
});

it("what an application reports of its machine's CPU time is not its own", async () => {
  const wattline = await startPipeline();
  const used = await useCpu(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${wattline.address}`,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,k8s.pod.name=shop-0,k8s.node.name=node-a',
    },
    1,
    ['process.cpu.time', 'system.cpu.time'],
  );
  const application = await wattline.sum('cpu_core_seconds_total', { scenario: 'shop' });
  const [first = Number.NaN] = used;
  const last = used.at(-1) ?? Number.NaN;
  expect(application).toBeGreaterThanOrEqual(last - first - 1e-6);
  expect(application).toBeLessThanOrEqual(last + 1e-6);
});

it('two hosts whose Collectors name none are refused by name, and not billed', async () => {
  const wattline = await startPipeline();
  const machines = [await startMachine({ cpu: 2_500_000 }), await startMachine({ cpu: 1000 })] as const;
  const collectors = [];
  for (const machine of machines) collectors.push(await startHostMetrics(wattline, machine));
  for (const used of [0, 0.8, 1.6, 2.4]) {
    await machines[0].show({ cpu: 2_500_000 + used });
    await machines[1].show({ cpu: 1000 + used });
    for (const [index, { hasRead }] of collectors.entries()) {
      await hasRead(cpuTime, (index === 0 ? 2_500_000 : 1000) + used);
    }
  }
  await expectRefused(wattline);
  for (const { stop } of collectors) await stop();
  expect(await wattline.sum('cpu_core_seconds_total')).toBeLessThanOrEqual(4.8 + 1e-6);
});

it('two Collectors that each scrape 127.0.0.1:9100 are refused by name, and not billed', async () => {
  const wattline = await startPipeline();
  const energy = 'node_rapl_package_joules_total';
  const begins = [250_000, 1000] as const;
  const machines: Machine[] = [];
  const collectors = [];
  for (const joules of begins) {
    const machine = await startMachine({ joules: { 'package-0': joules } });
    machines.push(machine);
    const targets = [await startNodeExporter(machine)];
    const scrape = { job_name: 'node', scrape_interval: '200ms', static_configs: [{ targets }] };
    const receivers = { prometheus: { config: { scrape_configs: [scrape] } } };
    // As if each were on a host of its own, where the port is the same.
    const same = { 'service.instance.id': '127.0.0.1:9100', 'server.port': '9100' };
    collectors.push(await startSending(wattline, receivers, same));
  }
  for (const used of [0, 100, 200, 300]) {
    for (const [index, begin] of begins.entries()) {
      await machines[index]?.show({ joules: { 'package-0': begin + used } });
    }
    for (const [index, begin] of begins.entries()) await collectors[index]?.hasRead(energy, begin + used);
  }
  await expectRefused(wattline);
  for (const { stop } of collectors) await stop();
  expect(await wattline.sum('energy_joules_total')).toBeLessThanOrEqual(600);
});

function expectRefused(wattline: StartedWattline): Promise<void> {
  return expect
    .poll(() => wattline.sum('wattline_skipped_total', { reason: 'interleaved_senders' }))
    .toBeGreaterThan(0);
}
