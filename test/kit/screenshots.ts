/**
 * Makes the pictures of the dashboard in dashboards/screenshots/ from the bundled quickstart results, in the system's
 * Chromium. The budgets are set so that the gauges have something to show.
 *
 *   npx node test/kit/screenshots.ts
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './checkout.ts';
import { openPage, startChromium } from './chromium.ts';
import { freePort, startWattline } from './wattline-process.ts';

const folder = join(projectRoot, 'dashboards/screenshots');
const desktop = { width: 1200, height: 1335 };
const pictures = [
  { name: 'light', options: { viewport: desktop, colorScheme: 'light' }, run: undefined, fullPage: false },
  {
    name: 'dark',
    options: { viewport: { ...desktop, height: 1000 }, colorScheme: 'dark' },
    run: undefined,
    fullPage: false,
  },
  {
    name: 'run',
    options: { viewport: { ...desktop, height: 900 }, colorScheme: 'light' },
    run: '4 streams @ 2500k',
    fullPage: true,
  },
  { name: 'phone', options: { viewport: { width: 390, height: 1480 } }, run: undefined, fullPage: false },
] as const;

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const wattline = await startWattline({
  config: `
receivers: { file: { include: ["${join(projectRoot, 'config/quickstart/test_results_*.json')}"] } }
processors: { predictor: , energy: , cost: { region: us-east-1 }, co2: { region: us-east-1 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
extensions: { dashboard: { endpoint: 127.0.0.1:${port}, budget: { cost_usd: 0.02, co2_kg: 0.0001 } } }
service:
  extensions: [dashboard]
  pipelines: { metrics: { receivers: [file], processors: [predictor, energy, cost, co2], exporters: [prometheus] } }
`,
});
await wattline.waitFor(`${url}/health`);
await mkdir(folder, { recursive: true });
const browser = await startChromium();
for (const { name, options, run, fullPage } of pictures) {
  const { page, problems, close } = await openPage(browser, options);
  await page.goto(url);
  const links = page.locator('#runs tbody a');
  // The file is read within a moment, and the page looks again every few seconds.
  await links.first().waitFor();
  if (run !== undefined) await links.getByText(run, { exact: true }).first().click();
  await page
    .locator(run === undefined ? '#overview canvas' : '#run canvas')
    .last()
    .waitFor();
  await page.waitForLoadState('networkidle');
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, fullPage });
  console.log(`${path} ${Math.round((await stat(path)).size / 1000)} kB`);
  if (problems.length) throw new Error(problems.join('\n'));
  await close();
}
await browser.close();
await wattline.stop();
