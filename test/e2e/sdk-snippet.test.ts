import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { runConfiguration } from '../kit/ready-configuration.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it("counts the CPU time of an application with the README's lines, each interval after the first", async () => {
  const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
  const [, snippet = ''] = /^```js\n(.*?)^```$/ms.exec(readme) ?? [];
  const [receiver, endpoint] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const moved = snippet.replace('127.0.0.1:4318', receiver).replace('10_000', '500');
  const busy = 'setInterval(() => { for (const end = Date.now() + 50; Date.now() < end; ); }, 100);';
  const folder = await temporaryFolder({ 'app.mjs': `${moved}\n${busy}\n` });
  closing.push(folder.remove);
  await symlink(join(projectRoot, 'node_modules'), join(folder.path, 'node_modules'));
  const wattline = runConfiguration('development.yaml', {
    WATTLINE_RESULTS: '/nowhere/*.json',
    WATTLINE_RECEIVER: receiver,
    WATTLINE_ENDPOINT: endpoint,
  });
  closing.push(() => wattline.stop('SIGKILL'));
  await wattline.waitFor(`http://${endpoint}/health`);
  const app = startProcess(process.execPath, [join(folder.path, 'app.mjs')]);
  closing.push(() => app.stop('SIGKILL'));
  const value = async (name: string) => {
    const samples = parseExposition(await (await fetch(`http://${endpoint}/metrics`)).text());
    return seriesValue(samples, name, { scenario: 'my-service', region: 'us-east-1' });
  };
  await expect.poll(() => value('cpu_core_seconds_total'), { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await value('cost_compute_load_aware_usd_total')).toBeGreaterThan(0);
});
