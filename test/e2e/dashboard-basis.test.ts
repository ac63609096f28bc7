import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { parseExposition, type Sample } from '../kit/exposition.ts';
import type { FakeService } from '../kit/fake-service.ts';
import { startGridService } from '../kit/grid-service.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

/** Figures that rest on a PUE, a provider and a contract, and of which a part is assumed. */
const configuration = (port: number, grid: string) => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
providers:
  uk_carbon_intensity: { endpoint: "${grid}" }
processors:
  energy: { fill: mean, pue: 1.25 }
  cost: { usd_per_kwh: 0.25, usd_per_core_hour: 0.50 }
  co2: { provider: uk_carbon_intensity, market: { kg_per_kwh: 0.01, source: wind farm contract, year: 2025 } }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
extensions:
  dashboard: { endpoint: 127.0.0.1:${port} }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [energy, cost, co2], exporters: [prometheus] }
`;

async function countRuns(url: string): Promise<number> {
  const { total_runs } = (await (await fetch(`${url}/api/runs`)).json()) as { total_runs: number };
  return total_runs;
}

describeWithPeers('what a run’s figures rest on, in Chromium', ['chromium'], () => {
  let browser: Browser;
  let grid: FakeService;
  let wattline: WattlineProcess;
  let url: string;
  let figures: Sample[];
  const figure = (name: string, labels: Readonly<Record<string, string>>) =>
    figures.find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value;

  beforeAll(async () => {
    [browser, grid] = await Promise.all([startChromium(), startGridService(0.2)]);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const [two] = twoRuns.scenarios;
    const runs = [
      { ...two, region: 'eu-west-2' },
      { ...two, name: 'elsewhere', region: 'us-east-1', power_watts: [46, 46, null, null, 46, 46] },
    ];
    const files = { 'results/test_results_1.json': JSON.stringify({ scenarios: runs }) };
    wattline = await startWattline({ config: configuration(port, grid.url), files });
    await vi.waitUntil(async () => (await countRuns(url).catch(() => 0)) === 2, { timeout: 20_000, interval: 50 });
    figures = parseExposition(await (await fetch(`${url}/metrics`)).text());
  });

  afterAll(async () => {
    await browser?.close();
    expect(await wattline?.stop()).toBe(0);
    await grid?.stop();
  });

  async function open(name: string, options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
    const { page, problems, close } = await openPage(browser, options);
    onTestFinished(async () => {
      await close();
      expect(problems).toEqual([]);
    });
    await page.goto(url);
    await page.getByRole('link', { name }).click();
    await page.locator('#run .chart canvas').first().waitFor();
    return page;
  }

  it('says how much was measured, what is assumed of the rest, and the PUE', async () => {
    const page = await open('2 streams @ 2500k');
    const facts = page.locator('#run dl.facts').first();
    const text = (await facts.textContent())?.replaceAll('\u00a0', ' ');
    expect(text).toContain('measured for 45 s of 2 min 0.5 s, 37.3 %');
    expect(text).toContain('assumed to be like the mean of the samples');
    expect(text).toContain('× 1.25, to the meter');
    const values = await facts.locator('data').evaluateAll((all) => all.map((data) => data.getAttribute('value')));
    const labels = { scenario: '2 streams @ 2500k', fill: 'mean' };
    const assumed = ['energy_filled_joules', 'cost_energy_filled', 'cpu_filled_core_seconds'];
    expect(values.map(Number)).toEqual([
      figure('coverage_ratio', { scenario: '2 streams @ 2500k', signal: 'power' }),
      figure('coverage_ratio', { scenario: '2 streams @ 2500k', signal: 'cpu' }),
      ...assumed.map((name) => figure(name, labels)),
      figure('cost_compute_filled', labels),
      figure('co2_emissions_filled_kg', labels),
      1.25,
    ]);
  });

  it('shows emissions by location and by market, each with its factor, and sums up those by location', async () => {
    const page = await open('2 streams @ 2500k');
    const steps = ((await page.locator('.steps').textContent()) ?? '').replaceAll('\u00a0', ' ');
    expect(steps).toContain('CO₂ emissions by location0.000577083 kWh × 1.25 (PUE) × 0.2 kg/kWh = 0.000144271 kg');
    expect(steps).toContain('live: the service’s value of this time (intensity/GB/uk_carbon_intensity)');
    expect(steps).toContain('CO₂ emissions by market0.000577083 kWh × 1.25 (PUE) × 0.01 kg/kWh = 0.00000721354 kg');
    expect(steps).toContain('The intensity: wind farm contract, 2025 (intensity/co2/market).');
    await page.goto(url);
    await page.locator('#runs tbody tr').first().waitFor();
    const byLocation = figures.filter(
      ({ name, labels }) => name === 'co2_emissions_kg' && labels.method === 'location',
    );
    expect(byLocation).toHaveLength(2);
    const total = byLocation.reduce((sum, { value }) => sum + value, 0);
    const shown = Number(await page.locator('#co2-total data').getAttribute('value'));
    expect(shown / total).toBeCloseTo(1, 12);
    expect(await page.locator('#h-co2').textContent()).toContain('by location');
  });

  it('lists the record of each factor in plain words', async () => {
    const page = await open('elsewhere');
    const rows = await page.locator('table.factors tbody tr').allTextContents();
    expect(rows).toEqual([
      expect.stringMatching(/^Price of electricity0\.25USD\/kWhconfiguration––static: .+price\/cost\/configured$/),
      expect.stringMatching(/^Price of CPU time0\.5USD\/core-hour/),
      expect.stringMatching(/^Carbon intensity0\.45kg\/kWh.+2025location: average of the grid(fallback): stands in/),
      expect.stringMatching(/^Carbon intensity, market0\.01kg\/kWhwind farm contract2025market: what was bought/),
      expect.stringMatching(/^PUE1\.25/),
    ]);
    const tabled =
      'a table says 0.418: Electricity Maps, zone US-MIDA-PJM, yearly average, by way of CO2.js 0.19.0, 2025';
    expect(rows[2]).toContain(`unverified; ${tabled}`);
    const steps = await page.locator('.steps').textContent();
    expect(steps).toContain(`(intensity/us-east-1/builtin); ${tabled}.`);
    expect(steps).toContain('4 samples of power over 10 s, with 2 missing');
    expect(await page.locator('#run .legend').first().textContent()).toBe('W, 6 samples with gaps, 46 to 46');
  });

  it.each(['light', 'dark'] as const)('has no serious accessibility findings in %s', async (colorScheme) => {
    const page = await open('elsewhere', { colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  it('fits a phone without scrolling sideways', async () => {
    const page = await open('elsewhere', { viewport: { width: 360, height: 740 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});
