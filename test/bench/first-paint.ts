/**
 * Measures how soon the dashboard is there in a real Chromium, with no run and with 10,000, beside an empty page from
 * the same server. Every visit has a new profile, so that nothing is cached. Prints medians of interleaved rounds in
 * milliseconds from the start of the navigation, and their ratio to the empty page.
 *
 *   npx node test/bench/first-paint.ts [rounds] [runs]
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { openPage, startChromium } from '../kit/chromium.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const rounds = Number(process.argv[2] ?? 9);
const many = Number(process.argv[3] ?? 10_000);

/** Notes in the page, frame by frame, when each moment has come. */
const stopwatch = `
const moments = {
  'first paint': () => performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')?.startTime,
  'table filled': () => document.querySelector('#runs tbody tr') && performance.now(),
  'charts drawn': () => document.querySelectorAll('#overview canvas').length === 4 && performance.now(),
};
window.noted = {};
(function look() {
  for (const [name, find] of Object.entries(moments)) window.noted[name] ||= find();
  requestAnimationFrame(look);
})();
`;

const browser = await startChromium();
const [none, full, empty] = await Promise.all([startDashboard(0), startDashboard(many), startEmptyPage()]);
const visits = { 'empty page': empty.url, 'no runs': none.url, [`${many} runs`]: full.url };
const times = new Map<string, number[]>();
for (let round = 0; round <= rounds; round++) {
  for (const [title, url] of Object.entries(visits)) {
    const measured = await visit(browser, url, momentsOf(title));
    // The first round warms the servers up.
    if (round === 0) continue;
    for (const [moment, time] of measured)
      times.set(`${title}, ${moment}`, [...(times.get(`${title}, ${moment}`) ?? []), time]);
  }
}
await browser.close();
await Promise.all([none.wattline.stop(), full.wattline.stop()]);
empty.close();

const floor = median(times.get('empty page, first paint') ?? []);
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model} × ${cpus().length}, Node ${process.version}`,
);
console.log(`medians of ${rounds} interleaved rounds, milliseconds, and ratio to the first paint of an empty page\n`);
for (const [what, values] of times) {
  console.log(
    `${what.padEnd(28)} ${median(values).toFixed(0).padStart(5)} ${(median(values) / floor).toFixed(2).padStart(6)}`,
  );
}

/** Without runs there are no charts. */
function momentsOf(title: string): readonly string[] {
  if (title === 'empty page') return ['first paint'];
  return title === 'no runs' ? ['first paint', 'table filled'] : ['first paint', 'table filled', 'charts drawn'];
}

async function visit(chromium: Browser, url: string, wanted: readonly string[]): Promise<[string, number][]> {
  const { page, close } = await openPage(chromium);
  await page.addInitScript(stopwatch);
  await page.goto(url);
  for (;;) {
    const noted = await page.evaluate<Record<string, number | undefined>>('window.noted');
    const measured = wanted.map((moment): [string, number] => [moment, noted[moment] || Number.NaN]);
    if (measured.every(([, time]) => time > 0)) {
      await close();
      return measured;
    }
    await sleep(20);
  }
}

async function startDashboard(runs: number): Promise<{ wattline: WattlineProcess; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const wattline = await startWattline({
    files: {
      'results/test_results_1.json': JSON.stringify({ scenarios: Array.from({ length: runs }, (_, i) => runAt(i)) }),
    },
    config: `
receivers: { file: { include: [./results/*.json] } }
processors: { cost: { region: us-east-1 }, co2: { region: us-east-1 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
extensions: { dashboard: { endpoint: 127.0.0.1:${port} } }
service:
  extensions: [dashboard]
  pipelines: { metrics: { receivers: [file], processors: [cost, co2], exporters: [prometheus] } }
`,
  });
  await wattline.waitFor(`${url}/health`);
  for (;;) {
    const { total_runs } = (await (await fetch(`${url}/api/runs`)).json()) as { total_runs: number };
    if (total_runs >= runs) return { wattline, url };
  }
}

function runAt(i: number): object {
  const start = 1_790_000_000 + i * 90;
  const samples = (base: number) => Array.from({ length: 60 }, (_, k) => base + Math.sin(i + k));
  return {
    ...{ name: `${(i % 12) + 1} streams @ 2500k`, bitrate: '2500k', encoder_type: 'libx264', region: 'us-east-1' },
    ...{
      start_time: start,
      end_time: start + 59,
      step_seconds: 1,
      power_watts: samples(60),
      cpu_usage_cores: samples(3),
    },
  };
}

async function startEmptyPage(): Promise<{ url: string; close(): void }> {
  const html = '<!doctype html><html lang="en"><title>empty</title><p>x</p></html>';
  const server = createServer((_, response) => void response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
