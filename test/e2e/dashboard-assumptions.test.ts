import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { parseExposition } from '../kit/exposition.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

/** A run by the default price of CPU time, and one by the list price of a rented machine. */
const configuration = (port: number) => `
receivers:
  file: { include: [./owned.json], poll_interval: 50ms }
  file/rented: { include: [./rented.json], poll_interval: 50ms }
processors:
  cost: { usd_per_kwh: 0.25 }
  cost/rented: { usd_per_kwh: 0.25, instance_type: m6i.xlarge }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
extensions:
  dashboard: { endpoint: 127.0.0.1:${port} }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [cost], exporters: [prometheus] }
    metrics/rented: { receivers: [file/rented], processors: [cost/rented], exporters: [prometheus] }
`;

const ASSUMED = 'CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set usd_per_core_hour or list_prices';

describeWithPeers('what figures assume, in Chromium', ['chromium'], () => {
  let browser: Browser;
  let wattline: WattlineProcess;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const [owned, rented] = twoRuns.scenarios;
    const files = {
      'owned.json': JSON.stringify({ scenarios: [{ ...owned, name: 'owned' }] }),
      'rented.json': JSON.stringify({ scenarios: [{ ...rented, name: 'rented' }] }),
    };
    [browser, wattline] = await Promise.all([startChromium(), startWattline({ config: configuration(port), files })]);
    const countRuns = async () =>
      ((await (await fetch(`${url}/api/runs`)).json()) as { total_runs: number }).total_runs;
    await vi.waitUntil(async () => (await countRuns().catch(() => 0)) === 2, { timeout: 60_000, interval: 100 });
  });

  afterAll(async () => {
    await browser?.close();
    expect(await wattline?.stop()).toBe(0);
  });

  async function open(): Promise<Page> {
    const { page, problems, close } = await openPage(browser);
    onTestFinished(async () => {
      await close();
      expect(problems).toEqual([]);
    });
    await page.goto(url);
    await page.locator('#runs tbody tr').first().waitFor();
    return page;
  }

  it('is on the overview, with how many runs rest on it, and on their pages alone', async () => {
    const page = await open();
    expect(await page.locator('#assumptions li').allTextContents()).toEqual([`${ASSUMED} (1 of 2 runs)`]);
    await page.getByRole('link', { name: 'owned' }).click();
    await page.locator('#run dl.facts').first().waitFor();
    expect(await page.locator('#run .assumptions li').allTextContents()).toEqual([ASSUMED]);
    await page.getByRole('link', { name: 'All runs' }).click();
    await page.getByRole('link', { name: 'rented' }).click();
    await page.getByRole('heading', { name: 'rented' }).waitFor();
    expect(await page.locator('#run .assumptions li').count()).toBe(0);
  });

  it('does not count energy twice that the price of CPU time includes', async () => {
    const samples = parseExposition(await (await fetch(`${url}/metrics`)).text());
    const of = (name: string) => samples.find((one) => one.name === name && one.labels.scenario === 'rented');
    const [energy, compute, total] = ['energy', 'compute', 'total'].map((part) => of(`cost_${part}_load_aware`));
    expect(energy?.labels.included_in).toBe('compute');
    expect(energy?.value).toBeGreaterThan(0);
    expect(total?.value).toBe(compute?.value);
    const ids = samples.flatMap((one) => (one.name === 'wattline_factor_info' ? [one.labels.factor] : []));
    expect(ids).toEqual(expect.arrayContaining(['core_price/default', 'core_price/aws/us-east-1/m6i']));

    const page = await open();
    const facts = await page.locator('#cost-of-runs').textContent();
    expect(facts).toContain('Energy within compute');
    await page.getByRole('link', { name: 'rented' }).click();
    await page.getByRole('heading', { name: 'rented' }).waitFor();
    const steps = (await page.locator('.steps').textContent())?.replaceAll('\u00a0', ' ');
    expect(steps).toMatch(/compute [\d.]+ USD, whose price includes the energy = /);
    expect(steps).toContain('AWS list price of m6i.2xlarge in us-east-1');
  });
});
