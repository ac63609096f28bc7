import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { recompute } from '../kit/arithmetic.ts';
import { openPage, startChromium } from '../kit/chromium.ts';
import { parseExposition } from '../kit/exposition.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { freePort, runWattline, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

/** Two runs of a minute: one whose power and CPU use are predicted, outside of what was learnt, and one that is measured. */
const results = {
  scenarios: [
    {
      ...{ name: '16 streams', region: 'us-east-1', start_time: 1_766_947_958, duration: 60, step_seconds: 60 },
      ...{ power: 'predicted', power_watts: [10, 10], power_predicted_watts: 10, power_interval_level: 0.8 },
      ...{ power_predicted_watts_lower: 6, power_predicted_watts_upper: 18, power_extrapolated: true },
      ...{ cpu: 'predicted', cpu_usage_cores: [4, 4], cpu_predicted_cores: 4, cpu_interval_level: 0.75 },
      ...{ cpu_predicted_cores_lower: 3, cpu_predicted_cores_upper: 6 },
    },
    {
      ...{ name: 'measured', region: 'us-east-1', start_time: 1_766_948_958, duration: 60, step_seconds: 60 },
      ...{ power_watts: [5, 5], cpu_usage_cores: [1, 1] },
    },
  ],
};

const configuration = (port: number) => `
receivers: { file: { include: ["results/*.json"] } }
processors:
  energy: { pue: 1.25 }
  cost: { price: [{ usd_per_kwh: 0.1 }, { effective_from: 2025-12-28T18:53:00Z, usd_per_kwh: 0.2 }], usd_per_core_hour: 0.5 }
  co2: { kg_per_kwh: 0.4 }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
extensions: { dashboard: { endpoint: 127.0.0.1:${port} } }
service:
  extensions: [dashboard]
  pipelines: { metrics: { receivers: [file], processors: [energy, cost, co2], exporters: [prometheus] } }
`;

/** A run as the API of the page has it. */
interface ApiRun {
  readonly scenario: string;
  readonly bounds: Readonly<Record<string, { readonly lower: number; readonly upper: number }>>;
}

describe('a predicted run', () => {
  let wattline: WattlineProcess;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const files = { 'results/test_results_1.json': JSON.stringify(results) };
    wattline = await startWattline({ config: configuration(port), files });
    const count = async () => (await runs().catch(() => [])).length;
    await vi.waitUntil(async () => (await count()) === 2, { timeout: 20_000, interval: 50 });
  });

  afterAll(async () => {
    expect(await wattline?.stop()).toBe(0);
  });

  /** The runs as the API of the page has them. */
  async function runs(): Promise<ApiRun[]> {
    return ((await (await fetch(`http://127.0.0.1:${port}/api/runs`)).json()) as { runs: ApiRun[] }).runs;
  }
  const runNamed = async (name: string) => (await runs()).find(({ scenario }) => scenario === name) as ApiRun;
  const samples = async () => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());

  it('has bounds at /metrics, each with the labels of its figure, and a measured one has none', async () => {
    const all = await samples();
    const of = (scenario: string) => all.filter(({ labels }) => labels.scenario === scenario);
    const bounded = of('16 streams').filter(({ name }) => /_(lower|upper)$/.test(name));
    expect(bounded.map(({ name }) => name).sort()).toEqual(
      ['energy_joules', 'cpu_core_seconds', 'cost_energy_load_aware', 'cost_compute_load_aware']
        .concat(['cost_total_load_aware', 'co2_emissions_kg'])
        .flatMap((name) => [`${name}_lower`, `${name}_upper`])
        .sort(),
    );
    for (const { name, labels } of bounded) {
      const figure = of('16 streams').find((one) => one.name === name.replace(/_(lower|upper)$/, ''));
      expect(labels).toEqual(figure?.labels);
      expect(labels).toMatchObject({ power: 'predicted', extrapolated: 'true' });
    }
    expect(of('measured').filter(({ name, labels }) => /_(lower|upper)$/.test(name) || labels.cpu)).toEqual([]);
  });

  it('has the same bounds in the API of the page', async () => {
    const all = await samples();
    const value = (name: string) => all.find((one) => one.name === name && one.labels.scenario === '16 streams')?.value;
    const [run, measured] = [await runNamed('16 streams'), await runNamed('measured')];
    expect(run).toMatchObject({ power_kind: 'predicted', cpu_kind: 'predicted', extrapolated: true });
    expect(run.bounds.cost_total_usd).toEqual({
      ...{ lower: value('cost_total_load_aware_lower'), upper: value('cost_total_load_aware_upper') },
    });
    expect(run.bounds.energy_kwh?.upper).toBeCloseTo((18 * 60) / 3.6e6, 15);
    expect(measured).toMatchObject({ power_kind: 'measured', cpu_kind: 'measured', extrapolated: false, bounds: {} });
  });

  it('is explained, each bound with its arithmetic and the level that is claimed', async () => {
    const { stdout } = await runWattline(
      ['explain', 'results/test_results_1.json', '--scenario', '16 streams', '--config', 'wattline.yaml'],
      { cwd: wattline.directory },
    );
    const lines = recompute(stdout);
    for (const { name, printed, recomputed } of lines) {
      expect(Math.abs(printed - recomputed), name).toBeLessThanOrEqual(1e-12 * Math.abs(printed));
    }
    const all = await samples();
    for (const bound of all.filter(({ name }) => /_(lower|upper)$/.test(name))) {
      expect(lines.filter(({ name }) => name === bound.name).map(({ printed }) => printed)).toEqual([bound.value]);
    }
    expect(stdout).toContain('upper bound of the predicted power, extrapolated; interval claimed to hold 80 % of all');
    expect(stdout).toContain('lower bound of the predicted CPU use; interval claimed to hold 75 % of all cases');
    expect(stdout).not.toContain('does not say how');
  });

  describeWithPeers('in Chromium', ['chromium'], () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium();
    });
    afterAll(() => browser?.close());

    async function open(options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
      const { page, problems, close } = await openPage(browser, options);
      onTestFinished(async () => {
        await close();
        expect(problems).toEqual([]);
      });
      await page.goto(`http://127.0.0.1:${port}`);
      await page.locator('#runs tbody a').first().waitFor();
      return page;
    }

    it('has its words and its bounds in the table', async () => {
      const page = await open();
      const row = page.locator('#runs tbody tr', { hasText: '16 streams' });
      expect(await row.locator('.tag').allTextContents()).toEqual(['predicted', 'CPU predicted', 'extrapolated']);
      const bands = await row.locator('.band data').evaluateAll((all) => all.map((one) => one.getAttribute('value')));
      const { bounds } = await runNamed('16 streams');
      const names = ['energy_kwh', 'cpu_core_h', 'cost_energy_usd', 'cost_compute_usd', 'cost_total_usd', 'co2_kg'];
      expect(bands.map(Number)).toEqual(names.flatMap((name) => [bounds[name]?.lower, bounds[name]?.upper]));
      expect(await page.locator('#runs tbody tr', { hasText: 'measured' }).locator('.band').count()).toBe(0);
    });

    it.each([
      [1280, 'light'],
      [390, 'dark'],
    ] as const)(
      'has a page with its intervals, the level and a band, %i pixels wide, %s',
      async (width, colorScheme) => {
        const page = await open({ viewport: { width, height: 900 }, colorScheme });
        await page.locator('#runs tbody a', { hasText: '16 streams' }).click();
        await page.locator('#run canvas').last().waitFor();
        const text = ((await page.locator('#run').textContent()) ?? '').replaceAll('\u00a0', ' ');
        expect(text).toContain(
          '10 W, from 6 to 18 W; the interval is claimed to hold 80.0 % of all cases. Extrapolated:',
        );
        expect(text).toContain('4 cores, from 3 to 6 cores; the interval is claimed to hold 75.0 % of all cases');
        expect(text).toContain('predicted; the band is from 6 to 18 W');
        expect(await page.locator('.steps .band').count()).toBe(6);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      },
    );
  });
});
