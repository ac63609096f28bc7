import { readFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../test/kit/free-port.ts';
import { describeWithPeers, startVictoriaMetrics } from '../test/kit/peers.ts';
import { postRuns, runConfiguration, validateConfiguration } from '../test/kit/ready-configuration.ts';
import { twoRuns, twoRunsFigures } from '../test/kit/results.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('is valid as it is', async () => {
  const env = { VICTORIAMETRICS_URL: undefined };
  expect(await validateConfiguration('staging.yaml', env)).toMatchObject({ code: 0, stderr: '' });
});

it('is development.yaml but for one line', async () => {
  const [development, staging] = await Promise.all(
    ['development.yaml', 'staging.yaml'].map(async (name) => {
      return (await readFile(new URL(name, import.meta.url), 'utf8')).split('\n');
    }),
  );
  expect(staging).toHaveLength(development?.length ?? 0);
  expect(staging?.filter((line, index) => line !== development?.[index])).toEqual([
    '      exporters: [victoriametrics]',
  ]);
});

describeWithPeers('with VictoriaMetrics', ['victoria-metrics'], () => {
  it('pushes every figure with the time of its run, and shows the page', async () => {
    const server = await startVictoriaMetrics(['-retentionPeriod=100y', '-search.latencyOffset=0s']);
    closing.push(server.stop);
    const [endpoint, receiver] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const wattline = runConfiguration('staging.yaml', {
      WATTLINE_RESULTS: '/nowhere/*.json',
      WATTLINE_ENDPOINT: endpoint,
      WATTLINE_RECEIVER: receiver,
      VICTORIAMETRICS_URL: server.url,
    });
    closing.push(() => wattline.stop('SIGKILL'));
    await expect.poll(() => wattline.stderr(), { timeout: 45_000 }).toContain(`http://${receiver}/v1/results`);
    expect(await postRuns(`http://${receiver}`, twoRuns.scenarios)).toBe(200);
    await fetch(`${server.url}/internal/force_flush`);
    for (const [name, figures] of Object.entries(twoRunsFigures)) {
      for (const { name: scenario, end_time } of twoRuns.scenarios) {
        const query = new URLSearchParams({ 'match[]': `${name}{scenario="${scenario}"}` });
        const { values, timestamps } = JSON.parse(await (await fetch(`${server.url}/api/v1/export?${query}`)).text());
        expect(timestamps).toEqual([(end_time as number) * 1000]);
        expect(values[0]).toBeCloseTo(figures[scenario] as number, 12);
      }
    }
    expect((await fetch(`http://${endpoint}/`)).status).toBe(200);
    expect((await fetch(`http://${endpoint}/metrics`)).status).toBe(404);
    expect(await wattline.stop('SIGINT')).toBe(0);
  });
});
