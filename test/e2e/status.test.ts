import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
let wattline: WattlineProcess;

/** One run through a pipeline that works, and one that waits for a server that is away. */
beforeAll(async () => {
  wattline = await startWattline({
    config: `
receivers: { http: { endpoint: "127.0.0.1:${port}" }, file: { include: [./test_results_*.json], poll_interval: 50ms } }
processors: { energy: , cost: { usd_per_kwh: 0.1, usd_per_core_hour: 0.5 } }
exporters: { prometheus: { endpoint: "127.0.0.1:${port}" }, victoriametrics: { endpoint: "http://127.0.0.1:9" } }
extensions: { status: { endpoint: "127.0.0.1:${port}" } }
service:
  extensions: [status]
  pipelines:
    metrics: { receivers: [http], processors: [energy, cost], exporters: [prometheus] }
    metrics/push: { receivers: [file], processors: [cost], exporters: [victoriametrics] }
`,
    files: {
      'test_results_1.json': JSON.stringify({ name: 'b', duration: 10, step_seconds: 5, power_watts: [1, 2, 3] }),
    },
  });
  await wattline.waitFor(`${url}/status`);
  const run = { name: 'a', region: 'x', duration: 10, step_seconds: 5, power_watts: [1, 2, 3] };
  const posted = await fetch(`${url}/v1/results`, { method: 'POST', body: JSON.stringify(run) });
  expect(posted.status).toBe(200);
});
afterAll(() => wattline.stop());

interface Stage {
  readonly id: string;
  readonly points?: { readonly in?: number; readonly out?: number };
}

const report = async () => {
  const { pipelines, state, skipped } = (await (await fetch(`${url}/status`)).json()) as {
    readonly pipelines: readonly { readonly id: string; readonly state: string; readonly stages: readonly Stage[] }[];
    readonly state: string;
    readonly skipped: readonly object[];
  };
  const stages = pipelines.map(({ id, stages: own }) => [
    id,
    Object.fromEntries(own.map((stage) => [stage.id, stage])),
  ]);
  return { state, skipped, pipelines: Object.fromEntries(stages) as Record<string, Record<string, Stage>> };
};

describe('the status', () => {
  it('counts what passes each stage', async () => {
    const { pipelines, state, skipped } = await report();
    expect(state).toBe('running');
    const { http, energy, cost, prometheus } = pipelines.metrics ?? {};
    const made = cost?.points?.out;
    expect(energy?.points?.in).toBe(3);
    expect(made).toBeGreaterThan(3);
    expect(http?.points).toEqual({ out: 3, refused: 0, failed: 0 });
    expect(prometheus?.points).toEqual({ out: made, failed: 0 });
    expect(skipped).toContainEqual({
      ...{ component: 'processor cost', item: 'cost_compute_load_aware', reason: 'no_cpu_usage_cores' },
      count: expect.any(Number),
    });
  });

  it('says what is the matter with a server that is away', async () => {
    const pushing = async () => (await report()).pipelines['metrics/push']?.victoriametrics;
    await expect.poll(pushing, { timeout: 10_000 }).toMatchObject({
      queue: { capacity: 1000 },
      last_error: { message: expect.stringContaining('127.0.0.1:9'), time: expect.stringMatching(/^\d{4}-/) },
    });
  });

  describeWithPeers('in a browser', ['chromium'], () => {
    it.each(['light', 'dark'] as const)('is accessible and complete, %s', { timeout: 60_000 }, async (colorScheme) => {
      const browser = await startChromium();
      try {
        const { page, problems } = await openPage(browser, { colorScheme });
        await page.goto(`${url}/status`);
        const rows = page.getByRole('region', { name: 'Stages of pipeline metrics/push' }).getByRole('row');
        expect(await rows.filter({ hasText: 'victoriametrics' }).textContent()).toContain('127.0.0.1:9');
        expect(await page.locator('.flow').first().getByRole('listitem').locator('b').allTextContents()).toEqual(
          expect.arrayContaining(['http', 'energy', 'cost', 'prometheus']),
        );
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    });

    it('keeps up by itself, and says when nobody answers', { timeout: 60_000 }, async () => {
      const browser = await startChromium();
      try {
        const { page } = await openPage(browser);
        await page.goto(`${url}/status`);
        await page.getByRole('region', { name: 'Stages of pipeline metrics', exact: true }).focus();
        const accepted = page.getByRole('row', { name: 'receiver http' }).getByRole('cell').nth(2);
        const before = Number.parseInt((await accepted.textContent()) ?? '', 10);
        const run = { name: 'c', duration: 10, step_seconds: 5, power_watts: [1, 2, 3, 4] };
        await fetch(`${url}/v1/results`, { method: 'POST', body: JSON.stringify(run) });
        await expect
          .poll(async () => (await accepted.textContent())?.split(' ')[0], { timeout: 10_000 })
          .toBe(`${before + 4}`);
        expect(await page.evaluate('document.activeElement.id')).toBe('Stages-of-pipeline-metrics');
        await page.route('**/status', (route) => route.abort());
        await expect
          .poll(() => page.getByRole('status').textContent(), { timeout: 10_000 })
          .toMatch(/^No answer since/);
        await page.unroute('**/status');
        await expect.poll(() => page.getByRole('status').textContent(), { timeout: 10_000 }).toBe('');
      } finally {
        await browser.close();
      }
    });
  });
});
