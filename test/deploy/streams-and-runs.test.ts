import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { init } from '../../src/commands/init.ts';
import { type Certificates, createCertificates } from '../kit/certificates.ts';
import { projectRoot } from '../kit/checkout.ts';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { parseExposition, type Sample } from '../kit/exposition.ts';
import { FakeService } from '../kit/fake-service.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { postRuns } from '../kit/ready-configuration.ts';
import { twoRuns, twoRunsFigures } from '../kit/results.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { startOtlpBackend, startStore } from './backends.ts';

interface Configuration {
  readonly receivers: Readonly<Record<string, { readonly tls?: object } | null>>;
  readonly exporters: object;
  readonly extensions?: object;
  readonly service: { readonly pipelines: { readonly metrics: { receivers: string[]; exporters: string[] } } };
}

const readConfiguration = async (file: string): Promise<Configuration> => parse(await readFile(file, 'utf8'));

/** Every configuration of the project whose pipeline takes OTLP. */
const shipped: string[] = [];
for await (const file of glob('{config,deploy}/**/*.yaml', { cwd: projectRoot })) {
  // Manifests of several documents are no configurations, nor is what has other sections.
  const read: Partial<Configuration> | null = await readConfiguration(join(projectRoot, file)).catch(() => null);
  if (read?.service?.pipelines?.metrics?.receivers.includes('http')) shipped.push(file);
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('finds the configurations', () => {
  expect(shipped).toEqual(expect.arrayContaining(['config/production.yaml', 'deploy/kubernetes/base/wattline.yaml']));
  expect(shipped.length).toBeGreaterThan(8);
});

const SENDER = { authorization: 'Bearer sender' };
const READER = { authorization: 'Bearer reader' };
const INTERVAL = 10;
const JOULES_A_KWH = 3.6e6;

/** What two hosts of one service use in an interval by their counters, and two of another by their gauges. */
const hosts = [
  { service: 'encoder', host: 'a', joules: 2000, coreSeconds: 3 },
  { service: 'encoder', host: 'b', joules: 4000, coreSeconds: 9 },
  { service: 'sampler', host: 'c', watts: 100 },
  { service: 'sampler', host: 'd', watts: 400 },
];

/** What they use in some intervals, in us-east-1: it is their own, whatever the service that reports it. */
function sumsOf(intervals: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { host, joules, coreSeconds = 0, watts = 0 } of hosts) {
    const used = (joules ?? watts * INTERVAL) * intervals;
    const energyCost = (used / JOULES_A_KWH) * 0.13;
    sums[`energy_joules_total ${host}`] = used;
    sums[`co2_emissions_kg_total ${host}`] = (used / JOULES_A_KWH) * 0.45;
    if (coreSeconds) {
      sums[`cpu_core_seconds_total ${host}`] = coreSeconds * intervals;
      sums[`cost_load_aware_usd_total ${host}`] = energyCost + ((coreSeconds * intervals) / 3600) * 0.5;
    } else sums[`cost_energy_load_aware_usd_total ${host}`] = energyCost;
  }
  return rounded(sums);
}

const runFigures = rounded(
  Object.fromEntries(
    Object.entries(twoRunsFigures).flatMap(([name, figures]) =>
      Object.entries(figures).map(([scenario, value]) => [`${name} ${scenario}`, value]),
    ),
  ),
);

/** The requests of the hosts, as Collectors write them: `step` intervals after their first. */
function requestAt(step: number, start: number): object {
  const nanos = (seconds: number) => `${seconds}000000000`;
  const timeUnixNano = nanos(start + step * INTERVAL);
  const counter = (name: string, unit: string, asDouble: number, mode?: string) => {
    const attributes = mode ? [{ key: 'cpu.mode', value: { stringValue: mode } }] : [];
    const point = { startTimeUnixNano: nanos(start - 3600), timeUnixNano, asDouble, attributes };
    return { name, unit, sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [point] } };
  };
  const resourceMetrics = hosts.map(({ service, host, joules, coreSeconds = 0, watts }) => {
    const resource = { 'service.name': service, 'host.name': host };
    const attributes = Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    const metrics = joules
      ? [
          counter('hw.host.energy', 'J', 1000 + joules * step),
          counter('system.cpu.time', 's', 70 + coreSeconds * step, 'user'),
        ]
      : [{ name: 'hw.host.power', unit: 'W', gauge: { dataPoints: [{ timeUnixNano, asDouble: watts }] } }];
    return { resource: { attributes }, scopeMetrics: [{ metrics }] };
  });
  return { resourceMetrics };
}

describeWithPeers('with its peers', ['openssl', 'victoria-metrics'], () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await createCertificates();
  });
  afterAll(() => certificates.remove());

  it.each([...shipped, 'what `wattline init` writes'])(
    '%s counts each host of a service, and values runs',
    async (name) => {
      const folder = await temporaryFolder();
      closing.push(folder.remove);
      const file = shipped.includes(name) ? join(projectRoot, name) : await writeStarter(folder.path);
      const { receivers, extensions = {}, service } = await readConfiguration(file);
      const { metrics } = service.pipelines;
      const [endpoint, page] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
      const [scheme, call] = receivers.http?.tls
        ? (['https', certificates.fetchTrusting()] as const)
        : (['http', fetch] as const);
      const receiver = `${scheme}://${endpoint}`;
      const [otlp, store] = [await startOtlpBackend(), await startStore()];
      closing.push(otlp.stop, store.stop);
      const start = async () => {
        const wattline = await startAsShipped(file, {
          settings: {
            'receivers.http.endpoint': endpoint,
            'receivers.file.include': `[${folder.path}/results/*.json]`,
            'exporters.prometheus.endpoint': page,
            'extensions.dashboard.endpoint': page,
            'extensions.file_storage.directory': `${folder.path}/state`,
          },
          env: {
            WATTLINE_SENDER_TOKEN: 'sender',
            WATTLINE_READER_TOKEN: 'reader',
            WATTLINE_TLS_CERT: certificates.server.cert,
            WATTLINE_TLS_KEY: certificates.server.key,
            OTLP_URL: otlp.url,
            OTLP_AUTHORIZATION: 'none',
            VICTORIAMETRICS_URL: store.url,
            VICTORIAMETRICS_AUTHORIZATION: 'none',
          },
        });
        await expect.poll(wattline.stderr, { timeout: 45_000 }).toContain(`${receiver}/v1/results`);
        return wattline;
      };
      const began = Math.floor(Date.now() / 1000) - 3 * INTERVAL;
      const send = async (step: number) => {
        const headers = { ...SENDER, 'content-type': 'application/json' };
        const body = JSON.stringify(requestAt(step, began));
        const answer = await call(`${receiver}/v1/metrics`, { method: 'POST', headers, body });
        expect([answer.status, await answer.json()]).toEqual([200, {}]);
      };
      const samplesAt: Readonly<Record<string, () => Promise<readonly Sample[]>>> = {
        prometheus: async () => {
          return parseExposition(await (await call(`${scheme}://${page}/metrics`, { headers: READER })).text());
        },
        otlphttp: otlp.samples,
        victoriametrics: store.samples,
      };
      const expectAtExporters = async (expected: Readonly<Record<string, number>>) => {
        for (const exporter of metrics.exporters) {
          const figures = async () => figuresIn((await samplesAt[exporter]?.()) ?? [], Object.keys(expected));
          await expect.poll(figures, { timeout: 30_000, message: exporter }).toEqual(expected);
        }
      };

      const first = await start();
      await send(0);
      await send(1);
      if (metrics.receivers.includes('file')) await folder.write({ 'results/1.json': JSON.stringify(twoRuns) });
      else expect(await postRuns(receiver, twoRuns.scenarios, { call, headers: SENDER })).toBe(200);
      await expectAtExporters({ ...sumsOf(1), ...runFigures });
      expect(await first.stop('SIGTERM'), first.stderr()).toBe(0);

      // Counters go on after a restart; without a storage they begin again.
      const second = await start();
      await send(2);
      if (!('file_storage' in extensions)) await send(3);
      await expectAtExporters(sumsOf('file_storage' in extensions ? 2 : 1));
      expect(await second.stop('SIGTERM'), second.stderr()).toBe(0);
    },
    120_000,
  );
});

it('counts each host that one job scrapes, as `wattline init --receiver prometheus` has it', async () => {
  const folder = await temporaryFolder();
  closing.push(folder.remove);
  const file = await writeStarter(folder.path, 'prometheus');
  const page = `127.0.0.1:${await freePort()}`;
  const joules = [1000, 50_000];
  const services = joules.map((_, index) => {
    return new FakeService(() => ({
      status: 200,
      text: `kepler_node_cpu_joules_total{zone="package"} ${joules[index]}\n`,
    }));
  });
  for (const service of services) {
    await service.start();
    closing.push(() => service.stop());
  }
  const targets = services.map(
    ({ url }, index) => `{targets: ["${new URL(url).host}"], labels: {host.name: host-${index}}}`,
  );
  const job = `{job_name: encoder, scrape_interval: 1s, static_configs: [${targets}], metric_names: [kepler_node_*]}`;
  const wattline = await startAsShipped(file, {
    env: {},
    settings: { 'receivers.prometheus.scrape_configs': `[${job}]`, 'exporters.prometheus.endpoint': page },
  });
  for (const service of services) {
    await expect.poll(() => service.count('/metrics'), { timeout: 45_000 }).toBeGreaterThan(0);
  }
  joules[0] = 3000;
  joules[1] = 54_000;
  const expected = { 'energy_joules_total host-0': 2000, 'energy_joules_total host-1': 4000 };
  const names = Object.keys(expected);
  const figures = async () => figuresIn(parseExposition(await (await fetch(`http://${page}/metrics`)).text()), names);
  await expect.poll(figures, { timeout: 20_000 }).toEqual(expected);
  expect(await wattline.stop('SIGTERM'), wattline.stderr()).toBe(0);
});

async function writeStarter(folder: string, receiver = 'http'): Promise<string> {
  const output = join(folder, 'wattline.yaml');
  await init({ for: 'runs', receiver, exporter: 'prometheus', output, stdout: process.stderr });
  return output;
}

/** Starts a configuration as it is, but for its ports, folders and secrets: settings of components that it has, by place. */
async function startAsShipped(
  file: string,
  { settings, env }: Readonly<Record<'settings' | 'env', Readonly<Record<string, string>>>>,
): Promise<RunningProcess> {
  const { receivers, exporters, extensions = {} } = await readConfiguration(file);
  const components = Object.entries({ receivers, exporters, extensions }).flatMap(([kind, section]) =>
    Object.keys(section).map((id) => `${kind}.${id}.`),
  );
  const places = Object.keys(settings).filter((place) => components.some((component) => place.startsWith(component)));
  const set = places.flatMap((place) => ['--set', `${place}=${settings[place]}`]);
  const args = [join(projectRoot, 'src/cli.ts'), 'run', '--config', file, ...set];
  const wattline = startProcess(process.execPath, args, { env });
  closing.push(() => wattline.stop('SIGKILL'));
  return wattline;
}

/** Returns figures by name and scenario, over all their series; other names are left out. */
function figuresIn(samples: readonly Sample[], wanted: readonly string[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    const figure = `${name} ${labels.scenario}`;
    if (wanted.includes(figure)) figures[figure] = (figures[figure] ?? 0) + value;
  }
  return rounded(figures);
}

/** Rounds to nine digits, in the order of the names. */
function rounded(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(9))]));
}
