import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { freePort, runWattline, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

describeWithPeers('advice on the page, in Chromium', ['chromium'], () => {
  let browser: Browser;
  let wattline: WattlineProcess;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const [first, second] = twoRuns.scenarios;
    const scenarios = [
      { ...first, region: 'eu-west-3' },
      { ...second, exit_status: 1 },
    ];
    const config = `
receivers: { file: { include: [./results.json], poll_interval: 50ms } }
processors: { cost: { region: us-east-1 } }
exporters: { prometheus: { endpoint: "127.0.0.1:${port}" } }
extensions: { dashboard: { endpoint: "127.0.0.1:${port}", advice: ./advice.json } }
service:
  extensions: [dashboard]
  pipelines: { metrics: { receivers: [file], processors: [cost], exporters: [prometheus] } }
`;
    const files = { 'results.json': JSON.stringify({ scenarios }) };
    [browser, wattline] = await Promise.all([startChromium(), startWattline({ config, files })]);
    const answers = () =>
      fetch(`${url}/api/advice`).then(
        ({ ok }) => ok,
        () => false,
      );
    await vi.waitUntil(answers, { timeout: 60_000, interval: 100 });
  });

  afterAll(async () => {
    await browser?.close();
    expect(await wattline?.stop()).toBe(0);
  });

  it('is what `wattline advise --json` has written, once it has', { timeout: 120_000 }, async () => {
    const { page, problems, close } = await openPage(browser);
    onTestFinished(async () => {
      await close();
      expect(problems).toEqual([]);
    });
    await page.goto(url);
    const panel = page.locator('#advice');
    await panel.getByText('is not there yet; `wattline advise --json` writes it').waitFor();
    const { stdout } = await runWattline(['advise', 'results.json', '--json', '--kind', 'waste'], {
      cwd: wattline.directory,
    });
    await wattline.write({ 'advice.json': stdout });
    const row = panel.locator('tbody tr');
    await row.waitFor({ timeout: 60_000 });
    const [saving] = JSON.parse(stdout).advice;
    expect(await row.locator('th').textContent()).toBe(saving.title);
    const values = await row.locator('data').evaluateAll((all) => all.map((one) => Number(one.getAttribute('value'))));
    const { usd, energy_joules, co2_kg } = saving.saves;
    expect(values).toEqual([usd.value, energy_joules.value / 3.6e6, co2_kg.value]);
    expect(await row.locator('td').last().textContent()).toBe('1');
    await panel.locator('summary').click();
    expect(await panel.locator('li').allTextContents()).toContain('Power: measured in 1 run');
    expect((await new AxeBuilder({ page }).include('#advice').analyze()).violations).toEqual([]);
  });
});
