import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPage, startChromium, type WatchedPage } from '../kit/chromium.ts';
import { parseExposition, type Sample } from '../kit/exposition.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const config = (port: number, history = '') => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  predictor: { training: { min_distinct_streams: 2 } }
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
extensions:
  dashboard: { endpoint: 127.0.0.1:${port}, history: { ${history} }, budget: { cost_usd: 1, co2_kg: 0.01 } }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [predictor, cost, co2], exporters: [prometheus] }
`;

const scenarios = [
  ...twoRuns.scenarios,
  {
    ...{ name: 'nightly 8 streams', bitrate: '5000k', encoder_type: 'libx265', region: 'eu-north-1' },
    ...{ start_time: 1_705_400_000, end_time: 1_705_400_020, step_seconds: 10 },
    ...{ power_watts: [0.01, 0.02, 0.01], cpu_usage_cores: [3, 3, 3] },
  },
  {
    ...{ name: '6 streams @ 2500k', bitrate: '2500k', encoder_type: 'libx264', region: 'us-west-2' },
    ...{ start_time: 1_705_500_000, end_time: 1_705_500_100 },
  },
];
const COLUMNS = [
  ['Energy cost', 'cost_energy_load_aware'],
  ['Compute cost', 'cost_compute_load_aware'],
  ['Total cost', 'cost_total_load_aware'],
  ['CO₂e', 'co2_emissions_kg'],
] as const;

async function start(
  results: readonly object[],
  history?: string,
): Promise<{ wattline: WattlineProcess; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const files = { 'results/test_results_1.json': JSON.stringify({ scenarios: results }) };
  const wattline = await startWattline({ config: config(port, history), files });
  try {
    await wattline.waitFor(`${url}/health`);
    await vi.waitUntil(async () => (await countRuns(url)) === results.length, { timeout: 90_000, interval: 200 });
  } catch (error) {
    await wattline.stop();
    throw error;
  }
  return { wattline, url };
}

async function countRuns(url: string): Promise<number> {
  const { total_runs } = (await (await fetch(`${url}/api/runs`)).json()) as { total_runs: number };
  return total_runs;
}

const filter = (page: Page, label: string) => page.locator('#filters').getByLabel(label);
const ready = (page: Page) => page.locator('#runs tbody tr').first().waitFor();
const names = (page: Page) => page.locator('#runs tbody th a').allTextContents();
const exact = async (page: Page, selector: string) =>
  Number(await page.locator(`${selector} data`).getAttribute('value'));

/** The exact values of a row by heading, undefined where a dash stands. */
async function rowOf(page: Page, name: string): Promise<Record<string, number | undefined>> {
  const cells: [string, string | null][] = await page.evaluate(`(() => {
    const headings = [...document.querySelectorAll('#runs thead th button')].map((button) => button.firstChild.textContent);
    const rows = [...document.querySelectorAll('#runs tbody tr')];
    const row = rows.find((tr) => tr.querySelector('a').textContent === ${JSON.stringify(name)});
    return [...row.children].map((cell, i) => [headings[i], cell.querySelector('data')?.value ?? null]);
  })()`);
  return Object.fromEntries(cells.map(([heading, value]) => [heading, value === null ? undefined : Number(value)]));
}

/** The text of the element that has the focus. */
const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent');

describeWithPeers('the dashboard in Chromium', ['chromium'], () => {
  let browser: Browser;
  let wattline: WattlineProcess;
  let url: string;
  let samples: Sample[];

  beforeAll(async () => {
    [browser, { wattline, url }] = await Promise.all([startChromium(), start(scenarios)]);
    samples = parseExposition(await (await fetch(`${url}/metrics`)).text());
  });

  afterAll(async () => {
    await browser?.close();
    expect(await wattline?.stop()).toBe(0);
  });

  /** A page whose console and requests must have stayed clean when the test is over. */
  async function visit(query = '', options: Parameters<typeof openPage>[1] = {}): Promise<WatchedPage['page']> {
    const { page, problems, close } = await openPage(browser, options);
    onTestFinished(async () => {
      await close();
      expect(problems).toEqual([]);
    });
    await page.goto(`${url}/${query}`);
    await ready(page);
    return page;
  }

  const metric = (name: string, scenario: string) =>
    samples.find((sample) => sample.name === name && sample.labels.scenario === scenario)?.value;
  const totalOf = (name: string) =>
    samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0);

  describe('shows', () => {
    it('the totals of /metrics', async () => {
      const page = await visit();
      for (const [id, name] of [
        ['#cost-total', 'cost_total_load_aware'],
        ['#co2-total', 'co2_emissions_kg'],
      ] as const) {
        expect(Math.abs((await exact(page, id)) / totalOf(name) - 1)).toBeLessThan(1e-12);
      }
      expect(await page.locator('#cost-total').textContent()).toMatch(/^0\.1\d+ USD$/);
      expect(await exact(page, '#state')).toBe(samples.find(({ name }) => name === 'cost_exporter_alive')?.value);
      expect(await page.locator('#state').textContent()).toBe('UP');
    });

    it('each run as at /metrics, a dash where there is no figure, and what is predicted', async () => {
      const page = await visit();
      for (const { name } of scenarios) {
        const row = await rowOf(page, name);
        for (const [heading, figure] of COLUMNS)
          expect(row[heading], `${heading} of ${name}`).toBe(metric(figure, name));
      }
      const predicted = page.locator('#runs tbody tr', { hasText: 'predicted' });
      expect(await predicted.locator('th a').allTextContents()).toEqual(['6 streams @ 2500k']);
      expect(await predicted.locator('td').last().textContent()).not.toBe('–');
      expect(metric('cost_total_load_aware', '6 streams @ 2500k')).toBeGreaterThan(0);
    });

    it('money of a millionth of a cent as it is', async () => {
      const page = await visit();
      const text = await page.locator('#runs tbody tr', { hasText: 'nightly' }).locator('td').nth(7).textContent();
      expect(metric('cost_energy_load_aware', 'nightly 8 streams')).toBeLessThan(1e-8);
      expect(text).toMatch(/^6\.7 × 10⁻⁹$/);
    });

    it('every panel, drawn', async () => {
      const page = await visit();
      const headings = await page.locator('#overview h3').allTextContents();
      expect(headings.map((text) => text.split('\n')[0]?.trim())).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^Total cost$/),
          ...['Total CO₂', 'Status', 'Runs'].map((text) => expect.stringMatching(text)),
          ...['Total cost by scenario', 'Cost distribution', 'Cost breakdown', 'CO₂ emissions'].map((text) =>
            expect.stringMatching(`^${text}`),
          ),
        ]),
      );
      await expect.poll(() => page.locator('#overview .chart canvas').count()).toBe(6);
      const painted = await page.evaluate(`[...document.querySelectorAll('#overview canvas')].map((canvas) =>
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value !== 0))`);
      expect(painted).toEqual(Array(6).fill(true));
      for (const chart of await page.locator('.chart').all())
        expect(await chart.getAttribute('aria-label')).toBeTruthy();
    });
  });

  describe('filters', () => {
    it('apply to all panels, stand in the address and outlive a reload', async () => {
      const page = await visit();
      await filter(page, 'Region').selectOption('eu-north-1');
      await expect.poll(() => names(page)).toEqual(['nightly 8 streams']);
      // What the page has asked for must have come before it is loaded again.
      const answered = ['summary', 'streams', 'runs'].map(async (name) => {
        const response = await page.waitForResponse((one) => one.url().includes(`/api/${name}?scenario=&search=NIGHT`));
        await response.finished();
      });
      await filter(page, 'Scenario').fill('NIGHT');
      await filter(page, 'Scenario').press('Enter');
      await expect.poll(() => new URL(page.url()).search).toBe('?search=NIGHT&region=eu-north-1');
      await Promise.all(answered);
      await page.reload();
      await ready(page);
      expect(await names(page)).toEqual(['nightly 8 streams']);
      expect(await filter(page, 'Scenario').inputValue()).toBe('NIGHT');
      expect(await filter(page, 'Region').inputValue()).toBe('eu-north-1');
      expect(await exact(page, '#cost-total')).toBe(metric('cost_total_load_aware', 'nightly 8 streams'));
      await page.getByRole('button', { name: 'Clear' }).click();
      await expect.poll(async () => (await names(page)).length).toBe(4);
      expect(new URL(page.url()).search).toBe('');
      await page.goBack();
      await expect.poll(() => names(page)).toEqual(['nightly 8 streams']);
    });

    it('take a scenario by its whole name, an encoder, and a stretch of time', async () => {
      const page = await visit();
      await filter(page, 'Scenario').fill('2 streams @ 2500k');
      await filter(page, 'Scenario').press('Enter');
      await expect.poll(() => names(page)).toEqual(['2 streams @ 2500k']);
      expect(new URL(page.url()).search).toBe('?scenario=2+streams+%40+2500k');
      await page.getByRole('button', { name: 'Clear' }).click();
      await filter(page, 'Encoder').selectOption('libx264');
      await expect.poll(async () => (await names(page)).length).toBe(3);
      await filter(page, 'Ended').selectOption('custom');
      await filter(page, 'To').fill('2024-01-15T23:00:00');
      await expect.poll(() => names(page)).toEqual(['4 streams @ 5000k', '2 streams @ 2500k']);
      await filter(page, 'Ended').selectOption('1h');
      await expect.poll(() => page.locator('#runs tbody').textContent()).toBe('No run matches the filters.');
    });
  });

  it('sorts by a column and back, and says so', async () => {
    const page = await visit();
    const header = (name: string) => page.getByRole('columnheader', { name });
    expect(await header('Ended').getAttribute('aria-sort')).toBe('descending');
    await header('Energy cost').getByRole('button').click();
    await expect.poll(async () => (await names(page)).at(-1)).toBe('nightly 8 streams');
    expect(await header('Energy cost').getAttribute('aria-sort')).toBe('descending');
    expect(await header('Ended').getAttribute('aria-sort')).toBeNull();
    await header('Energy cost').getByRole('button').click();
    await expect.poll(async () => (await names(page))[0]).toBe('nightly 8 streams');
    expect(new URL(page.url()).search).toBe('?sort=cost_energy_usd&order=asc');
    await page.reload();
    await ready(page);
    expect((await names(page))[0]).toBe('nightly 8 streams');
  });

  it('shows the arithmetic and the curves of a run', async () => {
    const page = await visit();
    await page.getByRole('link', { name: '2 streams @ 2500k' }).click();
    await page.getByRole('heading', { name: '2 streams @ 2500k' }).waitFor();
    const steps = ((await page.locator('.steps').textContent()) ?? '').replaceAll('\u00a0', ' ');
    expect(steps).toContain(
      '9 trapezoids, 5 s wide, under 10 samples of power = 2,077.5 J ÷ 3,600,000 J/kWh = 0.000577083 kWh',
    );
    expect(steps).toContain('0.000577083 kWh × 0.13 USD/kWh = 0.0000750208 USD');
    expect(steps).toContain('= 101.75 core-s ÷ 3,600 s/h = 0.0282639 core-h');
    expect(steps).toContain('0.0282639 core-h × 0.5 USD/core-h = 0.0141319 USD');
    expect(steps).toContain('energy 0.0000750208 USD + compute 0.0141319 USD = 0.014207 USD');
    expect(steps).toContain('0.000577083 kWh × 0.45 kg/kWh = 0.000259688 kg');
    const values = await page
      .locator('.steps strong data')
      .evaluateAll((all) => all.map((data) => data.getAttribute('value')));
    expect(values.slice(2).map(Number)).toEqual(
      ['cost_energy_load_aware', 'cost_compute_load_aware', 'cost_total_load_aware', 'co2_emissions_kg'].map((name) =>
        metric(name, '2 streams @ 2500k'),
      ),
    );
    await expect.poll(() => page.locator('#run .chart canvas').count()).toBe(2);
    await page.getByRole('link', { name: 'All runs' }).click();
    await expect.poll(() => page.locator('#overview').isVisible()).toBe(true);
    expect(new URL(page.url()).search).toBe('');
  });

  it('says of a run that is not there that it is not', async () => {
    const { page, close } = await openPage(browser);
    onTestFinished(close);
    await page.goto(`${url}/?run=0123456789abcdef`);
    await page.getByRole('heading', { name: 'No such run' }).waitFor();
  });

  it('can be used by keyboard alone', async () => {
    const page = await visit();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    const order: string[] = [];
    for (let i = 0; i < 60 && order.at(-1) !== 'nightly 8 streams'; i++) {
      await page.keyboard.press('Tab');
      order.push(await focused(page));
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      expect(outline, `focus on ${order.at(-1)}`).not.toBe('none');
    }
    expect(order.at(-1)).toBe('nightly 8 streams');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'nightly 8 streams' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('run-title');
    await page.keyboard.press('Alt+ArrowLeft');
    await expect.poll(() => focused(page)).toBe('nightly 8 streams');
  });

  it.each(['', 'detail'])('fits a phone without scrolling sideways %s', async (detail) => {
    const page = await visit('', { viewport: { width: 360, height: 740 } });
    if (detail) await page.getByRole('link', { name: '2 streams @ 2500k' }).click();
    await page
      .locator(detail ? '#run canvas' : '#overview canvas')
      .first()
      .waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const spilling = await page.evaluate(`[...document.querySelectorAll('body *:not(.unseen, option, datalist)')]
      .filter((node) => !node.closest('.scroll, .unseen') && node.getBoundingClientRect().right > 361)
      .map((node) => node.tagName + ' ' + node.className)`);
    expect(spilling).toEqual([]);
  });

  describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
    it('has no serious accessibility findings, on the overview and on a run', async () => {
      const page = await visit('', { colorScheme });
      const audit = async () => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      };
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await audit()).toEqual([]);
      await page.getByRole('link', { name: '2 streams @ 2500k' }).click();
      await page.locator('#run canvas').first().waitFor();
      expect(await audit()).toEqual([]);
    });

    it('has its own background', async () => {
      const page = await visit('', { colorScheme });
      const [red] = /\d+/.exec(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')) ?? [];
      expect(Number(red) > 128).toBe(colorScheme === 'light');
    });
  });

  it('shows new runs by itself, and that Wattline is down when it is', async () => {
    const other = await start([twoRuns.scenarios[0]]);
    const { page, close } = await openPage(browser);
    onTestFinished(close);
    await page.goto(other.url);
    await ready(page);
    await other.wattline.write({
      'results/test_results_2.json': JSON.stringify({ scenarios: [twoRuns.scenarios[1]] }),
    });
    await expect.poll(() => names(page), { timeout: 15_000 }).toEqual(['4 streams @ 5000k', '2 streams @ 2500k']);
    expect(await other.wattline.stop()).toBe(0);
    await expect.poll(() => page.locator('#state').textContent(), { timeout: 15_000 }).toBe('DOWN');
    expect(await page.locator('#pill').textContent()).toBe('DOWN');
    expect(await names(page)).toEqual(['4 streams @ 5000k', '2 streams @ 2500k']);
  });

  it('still has its runs after a restart, where the history has a path', async () => {
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    const history = `path: ${folder.path}/history.db`;
    const first = await start(scenarios, history);
    expect(await first.wattline.stop()).toBe(0);
    const port = await freePort();
    const second = await startWattline({ config: config(port, history) });
    onTestFinished(async () => void (await second.stop()));
    await second.waitFor(`http://127.0.0.1:${port}/health`);
    const { page, close } = await openPage(browser);
    onTestFinished(close);
    await page.goto(`http://127.0.0.1:${port}/`);
    await ready(page);
    expect((await names(page)).length).toBe(4);
    expect((await rowOf(page, '2 streams @ 2500k'))['Total cost']).toBe(
      metric('cost_total_load_aware', '2 streams @ 2500k'),
    );
    await page.getByRole('link', { name: '2 streams @ 2500k' }).click();
    await expect.poll(() => page.locator('#run .chart canvas').count()).toBe(2);
    expect(second.logs()).not.toContain('ExperimentalWarning');
  });

  it('shows 10,000 runs a page at a time', { timeout: 180_000 }, async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({
      ...twoRuns.scenarios[0],
      ...{ name: `scenario ${i % 2000}`, start_time: 1_705_000_000 + i * 60, end_time: 1_705_000_050 + i * 60 },
    }));
    const large = await start(many);
    onTestFinished(async () => void (await large.wattline.stop()));
    const { page, problems, close } = await openPage(browser);
    onTestFinished(close);
    await page.goto(large.url);
    await ready(page);
    expect((await names(page)).length).toBe(50);
    expect(await page.locator('#pages').textContent()).toContain('1–50 of 10,000');
    expect(
      (await exact(page, '#cost-total')) / (10_000 * (metric('cost_total_load_aware', '2 streams @ 2500k') ?? 0)),
    ).toBeCloseTo(1, 12);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => page.locator('#pages').textContent()).toContain('51–100 of 10,000');
    expect(await page.locator('#shares-data tbody tr').last().textContent()).toContain('1,992 other scenarios');
    expect(problems).toEqual([]);
  });
});
