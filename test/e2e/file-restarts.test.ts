import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { parseExposition } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers, startVictoriaMetrics } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const FIGURE = 'cost_total_load_aware';
const KILLS = 6;
/** The most runs that are under way at once, in lists of 256. */
const UNDER_WAY = 512;

const config = (port: number, server: string) => `
receivers:
  file: { include: [./results/*.json*], poll_interval: 50ms, storage: file_storage }
processors:
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  victoriametrics: { endpoint: "${server}" }
extensions:
  file_storage: { directory: ./state }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [file], processors: [cost, co2], exporters: [prometheus, victoriametrics] }
`;

let made = 0;
const run = () => JSON.stringify({ ...twoRuns.scenarios[0], name: `run ${made++}` });
const runs = (count: number) => Array.from({ length: count }, run);

/** How often each run is stored, by its name. */
async function storedRuns(url: string): Promise<Map<string, number>> {
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ 'match[]': FIGURE, start: '0' });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  const series = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { metric: { scenario: string }; timestamps: number[] });
  for (const { timestamps } of series) expect(new Set(timestamps).size).toBe(1);
  return new Map(series.map(({ metric, timestamps }) => [metric.scenario, timestamps.length]));
}

/** The names of the runs that `/metrics` shows. */
async function shownRuns(port: number): Promise<Set<string | undefined>> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const series = parseExposition(page).filter(({ name }) => name === FIGURE);
  return new Set(series.map(({ labels }) => labels.scenario));
}

describeWithPeers('results files over kills', ['victoria-metrics'], () => {
  it('are stored once, and shown as a whole by the last process', { timeout: 180_000 }, async () => {
    const server = await startVictoriaMetrics(['-retentionPeriod=100y']);
    onTestFinished(() => server.stop());
    const port = await freePort();
    const folder = await temporaryFolder({ 'wattline.yaml': config(port, server.url) });
    onTestFinished(() => folder.remove());
    await folder.write({
      'results/a.json': `{"scenarios":[${runs(1500).join(',')}]}`,
      'results/b.jsonl': runs(1500).join('\n'),
      'results/c.json': `[${runs(1500).join(',')}]`,
      'results/growing.jsonl': '',
    });
    const start = async () => {
      const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
      onTestFinished(() => child.stop('SIGKILL').then(() => {}));
      await child.waitFor(`http://127.0.0.1:${port}/health`);
      return child;
    };
    const grow = async () => {
      const text = `${runs(5).join('\n')}\n`;
      await appendFile(join(folder.path, 'results/growing.jsonl'), text.slice(0, -100));
      await sleep(20);
      await appendFile(join(folder.path, 'results/growing.jsonl'), text.slice(-100));
    };
    for (let kill = 0; kill < KILLS; kill++) {
      const child = await start();
      const until = Date.now() + Math.random() * 700;
      while (Date.now() < until) await grow();
      await child.stop('SIGKILL');
      await grow();
    }
    const last = await start();
    await grow();
    await expect.poll(async () => (await shownRuns(port)).size, { timeout: 60_000 }).toBe(made);
    await expect.poll(async () => (await storedRuns(server.url)).size, { timeout: 60_000 }).toBe(made);
    expect(await last.stop('SIGTERM')).toBe(0);
    const stored = await storedRuns(server.url);
    // After an orderly stop nothing is sent again.
    const again = await start();
    await expect.poll(async () => (await shownRuns(port)).size, { timeout: 60_000 }).toBe(made);
    expect(await again.stop('SIGTERM')).toBe(0);
    expect(await storedRuns(server.url)).toEqual(stored);
    const repeated = [...stored.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(repeated).toBeLessThanOrEqual(KILLS * UNDER_WAY);
  });
});
