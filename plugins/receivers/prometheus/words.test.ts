import { rename } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Receiver, Run } from 'wattline/plugin';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

type Answer = string | ((response: ServerResponse, request: IncomingMessage) => void);

/** A target that shows a page, and what it was asked for. */
async function serve(answer: Answer) {
  const target = { answer, asked: [] as IncomingMessage[], instance: '' };
  const server = createServer((request, response) => {
    target.asked.push(request);
    if (typeof target.answer === 'string') response.end(target.answer);
    else target.answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  target.instance = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return target;
}

function create(job: object, { settings = {}, ...options }: TestContextOptions & { settings?: object } = {}) {
  const context = createTestContext({ id: 'prometheus', ...options });
  const scrape_configs = [{ job_name: 'node', scrape_interval: '1h', ...job }];
  const receiver = plugin.create(context.ctx, plugin.configSchema.parse({ ...settings, scrape_configs })) as Receiver;
  onTestFinished(async () => receiver.shutdown?.(never));
  return { ...context, receiver, once: async () => receiver.readOnce?.(never) };
}

const points = (run: Run | undefined) =>
  (run?.scopeMetrics ?? []).flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
    ),
  );
/** Often enough to see changes; on a busy machine a scrape may come too late, which is no matter here. */
const often = { scrape_interval: '100ms' };
const aboutTargets = /^\w+: (?:no answer from|http:\S+ is scraped again)/;
const listed = ({ instance }: { instance: string }, labels = {}) => [{ targets: [instance], labels }];

describe('a scrape in the words of Prometheus', () => {
  it('asks with parameters and credentials', async () => {
    const target = await serve('a 1\n');
    await create({
      static_configs: listed(target),
      params: { module: ['power'], 'match[]': ['a', 'b'] },
      basic_auth: { username: 'me', password: 'secret' },
      enable_compression: false,
    }).once();
    const [{ url, headers } = {} as IncomingMessage] = target.asked;
    expect(url).toBe('/metrics?module=power&match%5B%5D=a&match%5B%5D=b');
    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
      'accept-encoding': 'identity',
    });
  });

  it('does not follow redirects where these are not wanted', async () => {
    const target = await serve((response, { url }) =>
      url === '/moved' ? response.end('a 1\n') : response.writeHead(302, { location: '/moved' }).end(),
    );
    const following = create({ static_configs: listed(target) });
    await following.once();
    expect(points(following.runs[0])).toEqual([['a', {}, 1]]);
    await expect(create({ static_configs: listed(target), follow_redirects: false }).once()).rejects.toThrow('302');
  });

  it('probes machines behind an exporter, each with a name of its own', async () => {
    const target = await serve((response, { url }) => {
      const probed = new URL(url ?? '', 'http://a').searchParams.get('target');
      response.end(`watts{of="${probed}"} 1\n`);
    });
    const { once, runs, ownMetric } = create({
      metrics_path: '/ipmi',
      params: { module: ['default'] },
      static_configs: [{ targets: ['bmc-1.example', 'bmc-2.example'] }],
      relabel_configs: [
        { source_labels: ['__address__'], target_label: '__param_target' },
        { source_labels: ['__param_target'], target_label: 'instance' },
        { source_labels: ['instance'], regex: '([^.]+)\\..*', target_label: 'host_name' },
        { target_label: '__address__', replacement: target.instance },
      ],
    });
    await once();
    expect(target.asked.map(({ url }) => url).sort()).toEqual([
      '/ipmi?module=default&target=bmc-1.example',
      '/ipmi?module=default&target=bmc-2.example',
    ]);
    expect(runs.map(({ attributes }) => attributes)).toContainEqual({
      'service.name': 'node',
      'service.instance.id': 'bmc-1.example',
      'server.address': 'bmc-1.example',
      'host.name': 'bmc-1',
    });
    expect(await ownMetric('wattline_prometheus_up', { target: 'bmc-2.example' })).toBe(1);
  });

  it('drops, renames and joins samples, counters with their type', async () => {
    const page = `# TYPE a_joules_total counter
a_joules_total{zone="package"} 1
a_joules_total{zone="psys"} 2
# TYPE b_joules_total counter
b_joules_total{zone="package"} 3
# TYPE joules_total gauge
joules_total 4
`;
    const target = await serve(page);
    const { once, runs } = create({
      static_configs: listed(target),
      metric_relabel_configs: [
        { source_labels: ['zone'], regex: 'psys', action: 'drop' },
        { source_labels: ['__name__'], regex: '([ab])_(.*)', target_label: 'of', replacement: '$1' },
        { source_labels: ['__name__'], regex: '([ab])_(.*)', target_label: '__name__', replacement: '$2' },
      ],
    });
    await once();
    expect(points(runs[0])).toEqual([
      ['joules_total', { zone: 'package', of: 'a' }, 1],
      ['joules_total', { zone: 'package', of: 'b' }, 3],
      ['joules_total', {}, 4],
    ]);
    expect(runs[0]?.scopeMetrics[0]?.metrics.map((metric) => 'isMonotonic' in metric)).toEqual([true, false]);
  });

  it('lets labels and times of a page count, unless it is told not to', async () => {
    const target = await serve('a{instance="b:2",job="other"} 1 1000\n');
    const job = { static_configs: listed(target) };
    const honoring = create(job);
    await honoring.once();
    expect(honoring.runs[0]?.attributes).toMatchObject({ 'service.instance.id': 'b:2', 'service.name': 'other' });
    expect(honoring.runs[0]?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.endTime).toEqual([1, 0]);
    const own = create({ ...job, honor_labels: false, honor_timestamps: false });
    await own.once();
    expect(own.runs[0]?.attributes).toMatchObject({ 'service.instance.id': target.instance, 'service.name': 'node' });
    expect(points(own.runs[0])).toEqual([['a', { exported_instance: 'b:2', exported_job: 'other' }, 1]]);
    expect(own.runs[0]?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.endTime[0]).toBeGreaterThan(1e9);
  });

  it('gives all targets the external labels that they have not themselves', async () => {
    const target = await serve('a 1\n');
    const settings = { global: { external_labels: { cluster: 'north', region: 'eu', 'service.name': 'no' } } };
    const { once, runs } = create({ static_configs: listed(target, { region: 'us' }) }, { settings });
    await once();
    expect(runs[0]?.attributes).toMatchObject({ cluster: 'north', region: 'us', 'service.name': 'node' });
  });

  it('keeps names in UTF-8 by globs', async () => {
    const target = await serve('{"my.power.watts","host.name"="x"} 1\n{"my_power"} 2\n{"größe"} 3\n');
    const { once, runs } = create({ static_configs: listed(target), metric_names: ['my.power.*', 'gr?ße'] });
    await once();
    expect(points(runs[0])).toEqual([
      ['my.power.watts', { 'host.name': 'x' }, 1],
      ['größe', {}, 3],
    ]);
  });
});

describe('targets that are found', () => {
  it('begin and end with the files that list them', async () => {
    const [a, b] = [await serve('a 1\n'), await serve('b 1\n')];
    const list = (...targets: { instance: string }[]) =>
      JSON.stringify([{ targets: targets.map(({ instance }) => instance), labels: { region: 'eu' } }]);
    const folder = await temporaryFolder({ 'targets.json': list(a) });
    onTestFinished(folder.remove);
    // A file that is half written lists no targets.
    const replace = async (text: string) => {
      await folder.write({ next: text });
      await rename(join(folder.path, 'next'), join(folder.path, 'targets.json'));
    };
    const file_sd_configs = [{ files: ['*.json'], refresh_interval: '100ms' }];
    const { receiver, runs, ownMetric, logs: all } = create({ ...often, file_sd_configs }, { directory: folder.path });
    const logs = () => all.filter((line) => !aboutTargets.test(line));
    await receiver.start?.(never);
    await expect.poll(() => runs.length).toBeGreaterThan(2);
    expect(runs[0]?.attributes).toMatchObject({ region: 'eu', 'service.instance.id': a.instance });
    await replace(list(b));
    await expect.poll(() => points(runs.at(-1))[0]?.[0]).toBe('b');
    const asked = a.asked.length;
    const count = runs.length;
    await expect.poll(() => runs.length).toBeGreaterThan(count + 3);
    expect(a.asked).toHaveLength(asked);
    expect(await ownMetric('wattline_prometheus_up', { target: a.instance })).toBeUndefined();
    expect(await ownMetric('wattline_prometheus_up', { target: b.instance })).toBe(1);
    await replace('[{');
    await expect.poll(logs).toHaveLength(1);
    const broken = runs.length;
    await expect.poll(() => runs.length).toBeGreaterThan(broken + 3);
    expect(logs()).toEqual([expect.stringMatching(/^error: .*targets\.json lists no targets/)]);
  });

  it('stay while the server that lists them is away, which is said once', async () => {
    const target = await serve('a 1\n');
    const lists = await serve(JSON.stringify([{ targets: [target.instance] }]));
    const url = `http://${lists.instance}/targets`;
    const { receiver, runs, logs: all } = create({ ...often, http_sd_configs: [{ url, refresh_interval: '100ms' }] });
    const logs = () => all.filter((line) => !aboutTargets.test(line));
    await receiver.start?.(never);
    await expect.poll(() => runs.length).toBeGreaterThan(1);
    lists.answer = (response) => response.writeHead(500).end('broken');
    await expect.poll(logs).toHaveLength(1);
    const [asked, count] = [lists.asked.length, runs.length];
    await expect.poll(() => [lists.asked.length > asked + 2, runs.length > count]).toEqual([true, true]);
    lists.answer = '[]';
    await expect.poll(logs).toHaveLength(2);
    expect(logs()).toEqual([
      `warn: ${url} cannot be asked for targets: it answered 500: broken; those that were found before stay`,
      `info: ${url} can be asked for targets again`,
    ]);
  });

  it('are scraped once by run --once, and what is not found is an error', async () => {
    const target = await serve('a 1\n');
    const folder = await temporaryFolder({ 'a.yaml': `- targets: ["${target.instance}", "${target.instance}"]` });
    onTestFinished(folder.remove);
    const file_sd_configs = [{ files: ['*.yaml'] }];
    const finding = create({ file_sd_configs }, { directory: folder.path });
    await finding.once();
    expect([finding.runs.length, target.asked.length]).toEqual([1, 1]);
    const url = `http://${target.instance}/targets`;
    const failing = create({ http_sd_configs: [{ url }], file_sd_configs }, { directory: folder.path });
    await expect(failing.once()).rejects.toThrow(`${url} cannot be asked for targets: `);
    expect(failing.runs).toHaveLength(1);
    const none = create({ file_sd_configs: [{ files: ['none'] }] }, { directory: folder.path });
    await none.once();
    expect(none.logs).toEqual(['warn: no target was found']);
  });

  it('are no more than `target_limit`, and have addresses', async () => {
    const target = await serve('a 1\n');
    const static_configs = [{ targets: [target.instance, 'http://a:1', '127.0.0.1:1', '127.0.0.1:2'] }];
    const relabel_configs = [{ target_label: 'x', replacement: 'y' }];
    const { once, runs, logs, skips } = create({ static_configs, relabel_configs, target_limit: 1 });
    await once();
    expect(runs).toHaveLength(1);
    expect(logs).toEqual([expect.stringContaining('has more than 1 targets, which is `target_limit`')]);
    expect(skips).toMatchObject([{ item: 'target', reason: 'invalid_target' }]);
    expect(skips[0]?.message).toContain('is `http://a:1`');
  });

  it('may be scraped each at an interval of its own', async () => {
    const [again, once] = [await serve('a 1\n'), await serve('b 1\n')];
    const { receiver, runs } = create({
      ...often,
      static_configs: [...listed(again), ...listed(once, { __scrape_interval__: '1h' })],
    });
    await receiver.start?.(never);
    await expect.poll(() => runs.length).toBeGreaterThan(5);
    expect(once.asked).toHaveLength(1);
  });
});
