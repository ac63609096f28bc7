import { afterEach, expect, it } from 'vitest';
import { parseExposition, seriesValue } from '../test/kit/exposition.ts';
import { freePort } from '../test/kit/free-port.ts';
import { postRuns, runConfiguration, validateConfiguration } from '../test/kit/ready-configuration.ts';
import { twoRuns, twoRunsFigures } from '../test/kit/results.ts';
import { temporaryFolder } from '../test/kit/temporary-folder.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('is valid as it is, and needs nothing from the environment', async () => {
  const variables = Object.keys(process.env).filter((name) => /^(WATTLINE|VICTORIAMETRICS)_/.test(name));
  const without = Object.fromEntries(variables.map((name) => [name, undefined]));
  expect(await validateConfiguration('development.yaml', without)).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /config\/development\.yaml: valid, 1 pipeline\n {2}live: machines are told apart by k8s\.node\.uid, .*\n$/,
    ),
    stderr: '',
  });
});

it('takes runs from files and by HTTP, and serves metrics, health and the page on one endpoint', async () => {
  const [fromFile, fromSender] = twoRuns.scenarios;
  const folder = await temporaryFolder({ 'results/test_results_1.json': JSON.stringify({ scenarios: [fromFile] }) });
  closing.push(folder.remove);
  const [endpoint, receiver] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const wattline = runConfiguration('development.yaml', {
    WATTLINE_RESULTS: `${folder.path}/results/test_results_*.json`,
    WATTLINE_ENDPOINT: endpoint,
    WATTLINE_RECEIVER: receiver,
  });
  closing.push(() => wattline.stop('SIGKILL'));
  await wattline.waitFor(`http://${endpoint}/health`);
  await expect.poll(() => wattline.stderr()).toContain(`http://${receiver}/v1/results`);
  expect(await postRuns(`http://${receiver}`, [fromSender])).toBe(200);

  const scrape = async () => parseExposition(await (await fetch(`http://${endpoint}/metrics`)).text());
  await expect
    .poll(async () => (await scrape()).filter(({ name }) => name === 'co2_emissions_kg').length, { timeout: 10_000 })
    .toBe(2);
  const samples = await scrape();
  for (const [name, figures] of Object.entries(twoRunsFigures)) {
    for (const [scenario, value] of Object.entries(figures))
      expect(seriesValue(samples, name, { scenario })).toBeCloseTo(value, 15);
  }
  const page = await fetch(`http://${endpoint}/`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  const summary = async () => (await fetch(`http://${endpoint}/api/summary`)).json();
  await expect.poll(summary).toMatchObject({ history: { runs: 2, path: null } });
  expect(await wattline.stop('SIGINT')).toBe(0);
});
