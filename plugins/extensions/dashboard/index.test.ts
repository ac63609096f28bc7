import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Extension, figure, type ServiceStatus } from 'wattline/plugin';
import { createTestContext, type TestContext } from '../../../test/kit/context.ts';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

interface Served extends TestContext {
  readonly url: string;
  readonly stage: Extension;
  /** Passes runs to the extension, and resolves when the API has the expected number of them. */
  observe(runs: readonly FiguredRun[], expected?: number): Promise<void>;
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; body: never; etag: string | null }>;
}

async function serve(
  config: object = {},
  directory = '.',
  pipelines: ServiceStatus['pipelines'] = [],
): Promise<Served> {
  const status = (): ServiceStatus => ({ state: 'running', pipelines, stages: [] });
  const context = createTestContext({ directory, status });
  const port = await freePort();
  const stage = plugin.create(context.ctx, plugin.configSchema.parse({ endpoint: `127.0.0.1:${port}`, ...config }));
  await stage.start?.(never);
  onTestFinished(async () => stage.shutdown?.(never));
  const url = `http://127.0.0.1:${port}`;
  const get: Served['get'] = async (path, headers = {}) => {
    const response = await fetch(url + path, { headers });
    const text = await response.text();
    return {
      status: response.status,
      body: (text ? JSON.parse(text) : undefined) as never,
      etag: response.headers.get('etag'),
    };
  };
  const count = async () => ((await get('/api/summary')).body as { totals: { runs: number } }).totals.runs;
  return {
    ...context,
    ...{ url, stage, get },
    async observe(runs, expected = runs.length) {
      stage.observe?.(runs.map(figuredRun));
      await expect.poll(count).toBe(expected);
    },
  };
}

const run = (scenario: string, end: number, totalUsd?: number): FiguredRun => ({
  ...{ scenario, region: 'us-east-1', start: end - 10, end, power: [10, 20, 30], cpu: [1, 1, 1] },
  ...(totalUsd !== undefined && { totalUsd }),
});

/** What `totals` hands on of a host that began a minute before. */
const joules = (at: number, value: number) => {
  const attributes = { scenario: 'encoder', 'host.name': 'node-1', boundary: 'host' };
  return liveRun({}, liveMetric('energy_joules_total', 'counter', [{ at, start: at - 60, value, attributes }]));
};

interface Page {
  readonly runs: { readonly id: string; readonly scenario: string }[];
  readonly total_runs: number;
}

describe('the page', () => {
  it('asks for a token where the configuration says so, as does its API', async () => {
    const { url } = await serve({ auth: { bearer_tokens: ['a-token'] } });
    const status = async (path: string, headers = {}) => (await fetch(url + path, { headers })).status;
    const basic = `Basic ${Buffer.from('anyone:a-token').toString('base64')}`;
    for (const path of ['/', '/dashboard/main.js', '/api/summary']) {
      expect(await status(path)).toBe(401);
      expect(await status(path, { authorization: 'Bearer another' })).toBe(401);
      expect(await status(path, { authorization: basic })).toBe(200);
    }
  });

  it('loads nothing but its own files, all of which are there', async () => {
    const { url } = await serve();
    const response = await fetch(`${url}/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    const html = await response.text();
    expect(html).not.toMatch(/https?:|style=|<script>|\son\w+=/);
    const [style, script] = ['style.css', 'main.js'];
    for (const [name, type] of [
      [style, 'text/css'],
      [script, 'text/javascript'],
      ['icon.svg', 'image/svg+xml'],
    ] as const) {
      expect(html).toContain(`dashboard/${name}`);
      const asset = await fetch(`${url}/dashboard/${name}`);
      expect([asset.status, asset.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
    }
    const modules = (await readdir(new URL('./page/', import.meta.url))).filter((name) => name.endsWith('.js'));
    expect(modules.filter((name) => !html.includes(`"dashboard/${name}"`))).toEqual([]);
    const charts = await fetch(`${url}/dashboard/echarts.js`);
    expect(await charts.text()).toContain('Apache');
  });

  it('is compressed, and not sent again while it is the same', async () => {
    const { url } = await serve();
    const first = await fetch(`${url}/dashboard/main.js`);
    expect(first.headers.get('content-encoding')).toBe('gzip');
    const headers = { 'if-none-match': first.headers.get('etag') as string };
    expect((await fetch(`${url}/dashboard/main.js`, { headers })).status).toBe(304);
    const plain = await fetch(`${url}/dashboard/main.js`, { headers: { 'accept-encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, await first.text()]);
  });
});

describe('the API', () => {
  it('lists runs in the order asked for, the unknown last', async () => {
    const { observe, get } = await serve();
    await observe([run('b', 20, 1), run('a', 30, 5), run('c', 10)]);
    const list = async (query: string) =>
      ((await get(`/api/runs?${query}`)).body as Page).runs.map(({ scenario }) => scenario).join('');
    expect(await list('')).toBe('abc');
    expect(await list('order=asc')).toBe('cba');
    expect(await list('sort=scenario&order=asc')).toBe('abc');
    expect(await list('sort=cost_total_usd')).toBe('abc');
    expect(await list('sort=cost_total_usd&order=asc')).toBe('bac');
    expect(await list('page_size=2&page=2')).toBe('c');
    expect(await list('page_size=2&page=99')).toBe('c');
    expect(await list('from=20&to=20')).toBe('b');
  });

  it('has everything about one run', async () => {
    const { observe, get } = await serve();
    await observe([{ ...run('a', 20, 5), attributes: { 'run.resolution': '1280x720' } }]);
    const { runs } = (await get('/api/runs')).body as Page;
    expect((await get(`/api/run?id=${runs[0]?.id}`)).body).toMatchObject({
      ...{ scenario: 'a', ended_at: '1970-01-01T00:00:20.000Z', energy_kwh: 200 / 3.6e6, cost_energy_usd: null },
      curves: { power_w: { offsets_s: [0, 5, 10], values: [10, 20, 30], samples: 3 }, cpu_cores: { samples: 3 } },
      arithmetic: { energy: { joules: 200 }, total_cost: { usd: 5, of: [] } },
      attributes: { 'run.resolution': '1280x720' },
    });
  });

  it('answers 304 until a run arrives', async () => {
    const { observe, get } = await serve();
    await observe([run('a', 20)]);
    const { etag } = await get('/api/summary');
    const again = () => get('/api/summary', { 'if-none-match': etag as string });
    expect((await again()).status).toBe(304);
    await observe([run('b', 20)], 2);
    expect((await again()).status).toBe(200);
  });

  it('has no budget but that of the configuration', async () => {
    const budgetOf = async (config: object) => {
      const { get } = await serve(config);
      return ((await get('/api/summary')).body as { budget: object }).budget;
    };
    expect(await budgetOf({})).toEqual({ cost_usd: null, co2_kg: null });
    expect(await budgetOf({ budget: { cost_usd: 5 } })).toEqual({ cost_usd: 5, co2_kg: null });
  });

  it('has what streams use, and answers 304 while it is the same', async () => {
    const { stage, get } = await serve();
    expect((await get('/api/streams')).body).toMatchObject({ counters: 0, last_at: null, by_host: [] });
    stage.observe?.([joules(Date.now() / 1000, 600)]);
    const { body, etag } = await get('/api/streams');
    expect(body).toMatchObject({
      ...{ counters: 1, totals: { power_w: expect.closeTo(10, 6), co2_month_kg: null } },
      by_scenario: [{ name: 'encoder', names: 1, power_w: expect.closeTo(10, 6) }],
      by_host: [{ name: 'node-1' }],
    });
    const again = () => get('/api/streams', { 'if-none-match': etag as string });
    expect((await again()).status).toBe(304);
    stage.observe?.([joules(Date.now() / 1000 + 1, 700)]);
    expect((await again()).status).toBe(200);
    expect((await get('/api/streams?from=5')).body).toEqual({ error: 'unknown parameter from' });
    expect((await get('/api/summary')).body).toMatchObject({ choices: { scenarios: ['encoder'] } });
  });

  it('says which pipelines count streams, and whether /status is at the same address', async () => {
    const pipeline = { state: 'running', exporters: ['prometheus'] } as const;
    const { get, ctx, url } = await serve({}, '.', [
      { id: 'metrics', receivers: ['file'], processors: ['cost'], ...pipeline },
      { id: 'metrics/live', receivers: ['http', 'http/b'], processors: ['live', 'cost', 'totals/b'], ...pipeline },
    ]);
    expect((await get('/api/streams')).body).toMatchObject({
      pipelines: [
        { id: 'metrics', receivers: ['file'], counts_streams: false },
        { id: 'metrics/live', receivers: ['http', 'http/b'], counts_streams: true },
      ],
      status_page: false,
    });
    const { hostname: host, port } = new URL(url);
    const status = await ctx.http.listen(
      { host, port: Number(port) },
      { 'GET /status': (_, response) => response.end() },
    );
    onTestFinished(status.close);
    expect((await get('/api/streams')).body).toMatchObject({ status_page: true });
  });

  it('says what is wrong with a request', async () => {
    const { get } = await serve();
    expect(await get('/api/runs?page=0')).toMatchObject({
      status: 400,
      body: { error: 'page: expected 1 to 1000000' },
    });
    expect(await get('/api/summary?page=1')).toMatchObject({ status: 400, body: { error: 'unknown parameter page' } });
    expect(await get('/api/run')).toMatchObject({ status: 400 });
    expect(await get('/api/run?id=0123456789abcdef')).toMatchObject({
      status: 404,
      body: { error: 'there is no such run in the history' },
    });
    expect((await get('/api/run?id=0123456789abcdef')).etag).toBeNull();
  });
});

describe('the history', () => {
  it('outlives a restart where it has a path, and says where it is', async () => {
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    const config = { history: { path: 'kept/history.db' } };
    const first = await serve(config, folder.path);
    await first.observe([run('a', 20), run('b', 30)]);
    first.stage.observe?.([figuredRun(run('last minute', 40))]);
    await first.stage.shutdown?.(never);
    const second = await serve(config, folder.path);
    const { total_runs, runs } = (await second.get('/api/runs')).body as Page;
    expect([total_runs, runs.map(({ scenario }) => scenario)]).toEqual([3, ['last minute', 'b', 'a']]);
    expect(second.logs.at(-1)).toMatch(
      /^info: dashboard at http:\/\/127\.0\.0\.1:\d+\/, history in \/.*kept\/history\.db$/,
    );
  });

  it('is said to be in memory where it has none', async () => {
    const { logs } = await serve();
    expect(logs.at(-1)).toMatch(/in memory only; history\.path would keep it over a restart$/);
  });

  it('leaves the port free where it cannot be opened, and is free where the port is taken', async () => {
    const folder = await temporaryFolder({ 'text.db': 'not a database'.repeat(100) });
    onTestFinished(folder.remove);
    await expect(serve({ history: { path: 'text.db' } }, folder.path)).rejects.toThrow(/is not an SQLite database/);
    const config = { history: { path: 'history.db' } };
    const first = await serve({}, folder.path);
    await expect(serve({ ...config, endpoint: first.url.slice('http://'.length) }, folder.path)).rejects.toThrow(
      /is in use/,
    );
    await serve(config, folder.path);
  });

  it('never holds up the pipeline: a run that cannot be written is counted', async () => {
    const { stage, skips, observe } = await serve();
    await observe([run('a', 20)]);
    const whole = figuredRun({ ...run('b', 30), totalUsd: 1 });
    const total = { name: 'cost_total_load_aware', unit: '{USD}', description: '' };
    stage.observe?.([whole.with({ figures: [figure(total, 1, { odd: 1n as unknown as string })] })]);
    await expect.poll(() => skips.map(({ item, reason }) => `${item} ${reason}`)).toEqual(['run history_not_written']);
    await observe([run('c', 40)], 2);
    await stage.shutdown?.(never);
    stage.observe?.([figuredRun(run('d', 50))]);
    await sleep(150);
  });
});
