import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { freePort, runWattline, startWattline, warningsIn } from '../kit/wattline-process.ts';
import { describeWithPrograms, runProgram } from './programs.ts';

const folder = join(projectRoot, 'deploy/compose');
const file = join(folder, 'compose.yaml');

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: unknown;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly [key: string]: unknown;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(await readFile(file, 'utf8'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const service = (name: string) => compose.services[name] as Service;

/** A mount with the defaults of its variables. */
function mountOf(volume: string): { source: string; target: string; mode: string | undefined } {
  const [source, target, mode] = volume.replace(/\$\{\w+:-([^}]*)\}/g, '$1').split(':');
  return { source: source as string, target: target as string, mode };
}
const mountsOf = (name: string) => (service(name).volumes ?? []).map(mountOf);
const isNamed = (source: string) => !/^[./]/.test(source);

describe('the compose file', () => {
  it.each(services)('gives %s nothing that it does not need', (_, one) => {
    expect(one).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
    });
    expect(one).not.toHaveProperty('privileged');
    expect(one).not.toHaveProperty('network_mode');
  });

  it.each(services)('names an exact version of the image of %s', (_, { image }) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it.each(services)('opens the ports of %s on loopback only', (_, { ports = [] }) => {
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('knows when %s is healthy, and waits for what it rests on', (name, one) => {
    if (name !== 'wattline') expect(one.healthcheck).toMatchObject({ test: expect.arrayContaining(['CMD']) });
    for (const [needed, { condition }] of Object.entries(one.depends_on ?? {})) {
      expect(compose.services).toHaveProperty(needed);
      expect(condition).toBe('service_healthy');
    }
  });

  it('mounts what is there, read-only but for data', () => {
    for (const [name] of services) {
      for (const { source, target, mode } of mountsOf(name)) {
        if (isNamed(source)) expect(compose.volumes, `${name}: ${source}`).toHaveProperty([source]);
        else {
          expect(existsSync(resolve(folder, source)), `${name}: ${source}`).toBe(true);
          expect(mode, `${name}: ${target}`).toBe('ro');
        }
      }
    }
  });

  it('builds the image of the Dockerfile, with the version of the package', async () => {
    const { build, image } = service('wattline');
    const context = resolve(folder, build?.context ?? '');
    expect(context).toBe(resolve(projectRoot));
    expect(existsSync(join(context, build?.dockerfile ?? ''))).toBe(true);
    expect(image).toBe(`wattline:${JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')).version}`);
  });

  it('mounts a valid configuration of Wattline', async () => {
    const { source } = mountsOf('wattline').find(({ target }) => target === '/etc/wattline/wattline.yaml') ?? {};
    const path = resolve(folder, source ?? '');
    const { code, stderr } = await runWattline(['validate', '--config', path]);
    expect({ code, warnings: warningsIn(stderr) }).toEqual({ code: 0, warnings: [] });
    // The root is read-only, and the volume outlasts the container.
    const { extensions } = parse(await readFile(path, 'utf8'));
    const state = mountsOf('wattline').find(({ target }) => target === extensions.file_storage.directory);
    expect(Object.keys(compose.volumes)).toContain(state?.source);
  });

  it('leads Grafana to VictoriaMetrics and to the dashboards', async () => {
    const read = async (path: string) => parse(await readFile(join(folder, 'grafana', path), 'utf8'));
    const [dataSource] = (await read('datasources/victoriametrics.yaml')).datasources;
    expect(dataSource).toMatchObject({ type: 'prometheus', access: 'proxy', isDefault: true });
    const { hostname, port } = new URL(dataSource.url);
    expect(service(hostname).command).toContain(`-httpListenAddr=:${port}`);
    const [provider] = (await read('dashboards/wattline.yaml')).providers;
    const mount = mountsOf('grafana').find(({ target }) => target === provider.options.path);
    const dashboard = join(resolve(folder, mount?.source ?? ''), 'cost-energy-monitoring.json');
    expect(JSON.parse(await readFile(dashboard, 'utf8'))).toMatchObject({ uid: 'cost-energy-monitoring' });
  });
});

describeWithPrograms('the compose file, read by the reference implementation', ['compose-go'], () => {
  it('is valid', async () => {
    const { code, stdout, stderr } = await runProgram('compose-go', [file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const read = parse(stdout) as Compose;
    expect(Object.keys(read.services).sort()).toEqual(Object.keys(compose.services).sort());
    for (const [name, one] of Object.entries(read.services)) expect(one, name).toMatchObject({ read_only: true });
  });

  it('would be invalid with a key that is not in the specification', async () => {
    const text = (await readFile(file, 'utf8')).replace('mem_limit: 1g', 'memory_limit: 1g');
    const other = await temporaryFolder({ 'compose.yaml': text });
    const { code, stderr } = await runProgram('compose-go', [join(other.path, 'compose.yaml')]);
    await other.remove();
    expect(code).not.toBe(0);
    expect(stderr).toContain('memory_limit');
  });
});

describeWithPeers('what the compose file starts', ['victoria-metrics'], () => {
  it('brings figures into VictoriaMetrics', { timeout: 150_000 }, async () => {
    const [metricsPort, httpPort, storePort] = [await freePort(), await freePort(), await freePort()];
    const [wattlineFile, results] = mountsOf('wattline').map(({ source }) => resolve(folder, source));
    const config = await readFile(wattlineFile as string, 'utf8');
    const wattline = await startWattline({
      config: config
        .replace('0.0.0.0:9514', `127.0.0.1:${metricsPort}`)
        .replace('0.0.0.0:4318', `127.0.0.1:${httpPort}`)
        .replace('/var/lib/wattline/results', results as string)
        .replace('/var/lib/wattline/state', './state'),
      env: defaultsOf(service('wattline').environment),
    });
    const data = await temporaryFolder();
    const places = new Map(mountsOf('victoriametrics').map(({ source, target }) => [target, source]));
    const flags = (service('victoriametrics').command ?? []).map((flag) => {
      const [name, value = ''] = flag.split('=', 2) as [string, string?];
      if (name === '-httpListenAddr') return `${name}=127.0.0.1:${storePort}`;
      if (name === '-storageDataPath') return `${name}=${data.path}`;
      return places.has(value) ? `${name}=${resolve(folder, places.get(value) as string)}` : flag;
    });
    const env = { ...service('victoriametrics').environment, WATTLINE_TARGET: `127.0.0.1:${metricsPort}` };
    const store = startProcess('victoria-metrics', flags, { cwd: data.path, env });
    const url = `http://127.0.0.1:${storePort}`;
    try {
      await wattline.waitFor(`http://127.0.0.1:${metricsPort}/health`);
      await store.waitFor(`${url}/health`);
      const page = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      await expect.poll(page).toMatch(/^cost_total_load_aware\{/m);
      const exposed = (await page()).match(/(?<=^cost_total_load_aware\{.*\} ).*/gm)?.map(Number) ?? [];
      const stored = async () => (await query(url, 'cost_total_load_aware{job="wattline"}')).map(figureOf);
      await expect.poll(stored, { timeout: 60_000, interval: 200 }).toHaveLength(exposed.length);
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      expect(sum(await stored())).toBeCloseTo(sum(exposed), 9);
      expect((await query(url, 'cost_exporter_alive')).map(figureOf)).toEqual([1]);
      // Scraped every second: more points than every 5 seconds would bring.
      await expect
        .poll(async () => (await query(url, 'count_over_time(cost_exporter_alive[10s])')).map(figureOf), {
          timeout: 60_000,
        })
        .toEqual([expect.toSatisfy((points: number) => points > 2)]);
      // What is pushed twice is one point.
      const body = `pushed_again 1 ${Date.now() - 5000}\n`;
      for (const _ of ['first', 'second']) await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body });
      await fetch(`${url}/internal/force_flush`);
      const counted = async () => (await query(url, 'count_over_time(pushed_again[1m])')).map(figureOf);
      await expect.poll(counted).toEqual([1]);
    } finally {
      await store.stop('SIGTERM');
      await wattline.stop();
      await data.remove();
    }
  });
});

function defaultsOf(environment: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  );
}

interface Sample {
  readonly value: readonly [time: number, value: string];
}

const figureOf = ({ value }: Sample) => Number(value[1]);

async function query(url: string, expression: string): Promise<Sample[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return ((await response.json()) as { data: { result: Sample[] } }).data.result;
}
