import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { freePort, startWattline } from '../kit/wattline-process.ts';

const USD_PER_KWH = 0.25;
const USD_PER_CORE_HOUR = 0.5;
const KG_PER_KWH = 0.5;
const STEP = 10;

interface Started {
  readonly port: number;
  /** The folder of what outlasts a restart. */
  readonly folder: string;
  readonly processors?: string;
  readonly budget?: string;
  readonly status?: boolean;
  readonly runs?: readonly object[];
}

const LIVE = '[live, energy, cost, co2, totals]';

/** Starts a process that takes OTLP and results files, and shows the page; streams are counted by default. */
async function start({ port, folder, processors = LIVE, budget = '', status = true, runs = [] }: Started) {
  const wattline = await startWattline({
    config: `
receivers:
  http: { endpoint: 127.0.0.1:${port} }
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  live: { storage: file_storage }
  energy:
  cost: { usd_per_kwh: ${USD_PER_KWH}, usd_per_core_hour: ${USD_PER_CORE_HOUR} }
  co2: { kg_per_kwh: ${KG_PER_KWH} }
  totals: { storage: file_storage, labels: [host.name, k8s.namespace.name] }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
extensions:
  file_storage: { directory: ${folder}/state }
  dashboard: { endpoint: 127.0.0.1:${port}, history: { path: ${folder}/history.db }, budget: { ${budget} } }
  status: { endpoint: 127.0.0.1:${port} }
service:
  extensions: [file_storage, dashboard${status ? ', status' : ''}]
  pipelines: { metrics: { receivers: [file, http], processors: ${processors}, exporters: [prometheus] } }
`,
    files: runs.length ? { 'results/test_results_1.json': JSON.stringify({ scenarios: runs }) } : {},
  });
  onTestFinished(async () => void (await wattline.stop()));
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  return wattline;
}

/** Two hosts by their energy, and an application by the CPU time of its pod, each steady. */
const hosts = { 'node-a': 100, 'node-b': 300 } as const;
const WATTS = 400;
const CORES = 2;

/** Sends what they have counted at a second. */
async function send(port: number, second: number): Promise<void> {
  const attributes = (all: object) =>
    Object.entries(all).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const counter = (resource: object, name: string, unit: string, asDouble: number) => {
    const times = { startTimeUnixNano: '1000000000', timeUnixNano: `${second}000000000` };
    const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...times, asDouble }] };
    return { resource: { attributes: attributes(resource) }, scopeMetrics: [{ metrics: [{ name, unit, sum }] }] };
  };
  const pod = { 'k8s.pod.name': 'web-7d4b', 'host.name': 'web-7d4b', 'k8s.node.name': 'node-a' };
  const resourceMetrics = [
    ...Object.entries(hosts).map(([host, watts]) => {
      return counter({ 'host.name': host }, 'hw.host.energy', 'J', watts * (second % 1e6));
    }),
    counter(
      { 'service.name': 'web', 'k8s.namespace.name': 'shop', ...pod },
      ...(['container.cpu.time', 's', CORES * (second % 1e6)] as const),
    ),
  ];
  const answer = await fetch(`http://127.0.0.1:${port}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics }),
  });
  expect([answer.status, await answer.json()]).toEqual([200, {}]);
}

const now = () => Math.floor(Date.now() / 1000);
const numberIn = async (page: Page, selector: string) =>
  Number(await page.locator(`${selector} data`).first().getAttribute('value'));
const monthOf = async (page: Page, id: string) =>
  Number(await page.locator(`#${id}-facts dd`).last().locator('data').getAttribute('value'));
const textOf = async (page: Page, selector: string) =>
  ((await page.locator(selector).textContent()) ?? '').replaceAll(/\s+/g, ' ').trim();
/** The names of the table's rows, each with its exact power in W. */
const rows = async (page: Page): Promise<Record<string, number | null>> => {
  const found = await page
    .locator('#streams-place tbody tr')
    .evaluateAll((all) =>
      all.map((row) => [
        row.querySelector('th')?.textContent,
        row.querySelector('td')?.querySelector('data')?.getAttribute('value'),
      ]),
    );
  return Object.fromEntries(found.map(([name, watts]) => [name, watts ? Number(watts) : null]));
};

/** Resolves when the page has just got what it asks for every five seconds, so that leaving it aborts no request. */
const polled = (page: Page) =>
  Promise.all(
    ['summary', 'streams', 'runs'].map(async (name) => {
      const response = await page.waitForResponse((one) => one.url().includes(`/api/${name}?`));
      await response.finished();
    }),
  );

describeWithPeers('streams on the page in Chromium', ['chromium'], () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  /** A page whose console and requests must have stayed clean when the test is over. */
  async function visit(port: number, query = '', options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
    const { page, problems, close } = await openPage(browser, options);
    onTestFinished(async () => {
      await close();
      expect(problems).toEqual([]);
    });
    await page.goto(`http://127.0.0.1:${port}/${query}`);
    return page;
  }

  async function place(): Promise<Pick<Started, 'port' | 'folder'>> {
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    return { port: await freePort(), folder: folder.path };
  }

  describe('of a process that counts them', () => {
    it('are what they use now and have used this month, over a restart', { timeout: 60_000 }, async () => {
      const at = await place();
      const first = now() - 20 * STEP;
      const monthBegan = Date.UTC(new Date(first * 1000).getUTCFullYear(), new Date(first * 1000).getUTCMonth()) / 1000;
      const expectPage = async (page: Page, last: number) => {
        await page.locator('#power-now data').waitFor();
        const near = (value: number): number => expect.closeTo(value, 9);
        const energyUsd = (WATTS / 1000) * USD_PER_KWH;
        expect(await numberIn(page, '#power-now')).toEqual(near(WATTS));
        expect(await numberIn(page, '#cost-now')).toEqual(near(energyUsd + CORES * USD_PER_CORE_HOUR));
        expect(await numberIn(page, '#co2-now')).toEqual(near((WATTS / 1000) * KG_PER_KWH));
        const hours = (last - Math.max(first, monthBegan)) / 3600;
        expect(await monthOf(page, 'power')).toEqual(near((WATTS / 1000) * hours));
        expect(await monthOf(page, 'cost')).toEqual(near((energyUsd + CORES * USD_PER_CORE_HOUR) * hours));
        expect(await monthOf(page, 'co2')).toEqual(near((WATTS / 1000) * KG_PER_KWH * hours));
      };
      const before = await start(at);
      for (let step = 0; step <= 10; step++) await send(at.port, first + step * STEP);
      const old = await visit(at.port);
      await expectPage(old, first + 10 * STEP);
      await old.close();
      expect(await before.stop()).toBe(0);

      await start(at);
      await expectPage(await visit(at.port), first + 10 * STEP);
      for (let step = 11; step <= 20; step++) await send(at.port, first + step * STEP);
      const page = await visit(at.port, '?by=host');
      await expectPage(page, first + 20 * STEP);
      expect(await rows(page)).toEqual({ 'node-a': expect.closeTo(100, 9), 'node-b': expect.closeTo(300, 9) });
      await page.getByRole('button', { name: 'by namespace' }).click();
      await expect.poll(() => rows(page)).toEqual({ shop: null, 'without a namespace': expect.closeTo(400, 9) });
      expect(new URL(page.url()).search).toBe('?by=namespace');
      await page.getByRole('button', { name: 'by scenario' }).click();
      await expect.poll(async () => Object.keys(await rows(page)).sort()).toEqual(['node-a', 'node-b', 'web']);
    });

    describe('beside no run', () => {
      const open = async (options?: Parameters<typeof openPage>[1]) => {
        const at = await place();
        await start(at);
        for (let step = 0; step <= 3; step++) await send(at.port, now() - 60 + step * STEP);
        const page = await visit(at.port, '', options);
        await page.locator('#power-now data').waitFor();
        return { page, port: at.port };
      };

      it('are all that is shown, and what a run is; /status is a click away', async () => {
        const { page, port } = await open();
        expect(await textOf(page, '#no-runs')).toMatch(
          /No run has arrived yet\..*Receivers of this process: file, http\./,
        );
        for (const hidden of ['#h-cost', '#runs', '#no-streams']) {
          expect(await page.locator(hidden).isVisible(), hidden).toBe(false);
        }
        await page.getByRole('region', { name: 'Streams, table' }).focus();
        const lastValue = page.locator('#streams-table time').first();
        const before = await lastValue.textContent();
        await send(port, now());
        await expect.poll(() => lastValue.textContent(), { timeout: 10_000 }).not.toBe(before);
        expect(await page.evaluate('document.activeElement.ariaLabel'), 'the focus after a refresh').toBe(
          'Streams, table',
        );
        await page.locator('#filters').getByLabel('Scenario').fill('node');
        await page.locator('#filters').getByLabel('Scenario').press('Enter');
        await expect.poll(async () => Object.keys(await rows(page)).sort()).toEqual(['node-a', 'node-b']);
        await polled(page);
        await page.goto(`${new URL(page.url()).origin}/?region=nowhere`);
        await expect.poll(() => textOf(page, '#streams-place')).toBe('No stream matches the filters.');
        await polled(page);
        await page.getByRole('link', { name: '/status' }).click();
        await page.getByText('Pipeline metrics').first().waitFor();
      });

      it('fit a phone without scrolling sideways', async () => {
        const { page } = await open({ viewport: { width: 360, height: 740 } });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      });

      it.each(['light', 'dark'] as const)('have no serious accessibility findings in %s', async (colorScheme) => {
        const { page } = await open({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      });
    });

    it('have not come yet where there is nothing, which says where they would', async () => {
      const at = await place();
      await start(at);
      const page = await visit(at.port);
      await page.locator('#no-streams').waitFor();
      expect(await textOf(page, '#no-streams')).toMatch(
        /^Streams Nothing of a stream has been counted yet\..* receive from file, http\. A figure needs two points/,
      );
      expect(await textOf(page, '#no-runs')).toMatch(/what was skipped is at \/status\.$/);
      expect(await page.locator('#streams').isVisible()).toBe(false);
    });
  });

  it('are missing where no pipeline counts them, beside runs without a budget', async () => {
    const at = await place();
    await start({ ...at, processors: '[energy, cost, co2]', status: false, runs: twoRuns.scenarios });
    const page = await visit(at.port);
    await page.locator('#runs tbody a').first().waitFor();
    expect(await textOf(page, '#no-streams')).toMatch(
      /^Streams No pipeline of this process counts streams.*put the processor live first/,
    );
    expect(await page.locator('#cost-gauge').isVisible()).toBe(false);
    expect(await textOf(page, '#cost-note')).toBe('sum of 2 runs');
    expect(await page.getByRole('link', { name: '/status' }).count()).toBe(0);
  });

  it('stand above runs where there are both, whose budgets have gauges', async () => {
    const at = await place();
    await start({ ...at, budget: 'cost_usd: 5', runs: twoRuns.scenarios });
    for (let step = 0; step <= 3; step++) await send(at.port, now() - 60 + step * STEP);
    const page = await visit(at.port);
    await page.locator('#runs tbody a').first().waitFor();
    expect(
      await page.locator('h2:visible').evaluateAll((all) => all.map((h) => h.firstChild?.textContent?.trim())),
    ).toEqual(['Streams', 'Runs']);
    expect(await textOf(page, '#cost-note')).toMatch(/^within budget, .* of 5 USD$/);
    expect(await page.locator('#co2-gauge').isVisible()).toBe(false);
    for (const hidden of ['#no-runs', '#no-streams']) expect(await page.locator(hidden).isVisible()).toBe(false);
  });
});
