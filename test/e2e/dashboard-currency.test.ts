import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

/** Prices in EUR, of which a part is assumed, and a budget. */
const configuration = (port: number) => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  energy: { fill: mean }
  cost:
    rates: &rates [{ date: 2020-01-01, EUR: 0.8, source: our treasury }]
    eur_per_mwh: 310
    eur_per_core_hour: 0.04
  unit_cost:
  currency: { rates: *rates }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
extensions:
  dashboard: { endpoint: 127.0.0.1:${port}, currency: EUR, budget: { cost: 1 } }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [energy, cost, unit_cost, currency], exporters: [prometheus] }
`;

describeWithPeers('the page in another currency, in Chromium', ['chromium'], () => {
  let browser: Browser;
  let wattline: WattlineProcess;
  let url: string;

  beforeAll(async () => {
    browser = await startChromium();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const runs = twoRuns.scenarios.map((scenario) => ({ ...scenario, region: 'my-hall' }));
    const files = { 'results/test_results_1.json': JSON.stringify({ scenarios: runs }) };
    wattline = await startWattline({ config: configuration(port), files });
    const countRuns = async () =>
      ((await (await fetch(`${url}/api/runs`)).json()) as { total_runs: number }).total_runs;
    await vi.waitUntil(async () => (await countRuns().catch(() => 0)) === runs.length, {
      timeout: 20_000,
      interval: 50,
    });
  });

  afterAll(async () => {
    await browser?.close();
    expect(await wattline?.stop()).toBe(0);
  });

  it('shows money in that one throughout', async () => {
    const { page, problems, close } = await openPage(browser);
    await page.goto(url);
    await page.locator('#runs tbody a').first().waitFor();
    await vi.waitUntil(async () => / EUR$/.test((await page.locator('#cost-total').textContent()) ?? ''));
    const overview = (await page.locator('main').textContent()) ?? '';
    expect(overview).toContain('EUR');
    expect(overview).not.toMatch(/USD|usd/);
    expect(await page.locator('#cost-note').textContent()).toMatch(/of 1 EUR$/);
    await page.getByRole('link', { name: '2 streams @ 2500k' }).click();
    await page.locator('#run .steps').waitFor();
    const steps = (await page.locator('#run .steps').textContent())?.replaceAll('\u00a0', ' ') ?? '';
    // 2077.5 J at 0.31 EUR/kWh, which the factor has in USD.
    expect(steps).toContain('0.000577083 kWh × 0.3875 USD/kWh × 0.8 EUR/USD = 0.000178896 EUR');
    expect(steps).toContain('0.0282639 core-h × 0.05 USD/core-h × 0.8 EUR/USD = 0.00113056 EUR');
    expect(steps).toContain('energy 0.000178896 EUR + compute 0.00113056 EUR = 0.00130945 EUR');
    expect(steps).toContain('configuration; 0.31 EUR/kWh at 0.8 EUR per USD of 2020-01-01');
    const others = (await page.locator('section', { hasText: 'Other figures' }).last().textContent()) ?? '';
    expect(others).toContain('cost_per_hour_eur');
    expect(others).not.toMatch(/USD|load_aware/);
    await close();
    expect(problems).toEqual([]);
  });
});
