import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, type Peer, startPrometheus } from '../kit/peers.ts';
import { pullConfiguration, twoRuns, twoRunsFigures } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const prometheusConfig = (port: number) => `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: wattline
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]
`;

interface Answer {
  readonly status: string;
  readonly data: { readonly result: { readonly metric: Record<string, string>; readonly value: [number, string] }[] };
}

describeWithPeers('Prometheus', ['prometheus', 'promtool'], () => {
  let wattline: WattlineProcess;
  let prometheus: Peer;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    wattline = await startWattline({
      config: pullConfiguration(port),
      files: { 'results/test_results_1.json': JSON.stringify({ scenarios: [...twoRuns.scenarios, 'not a run'] }) },
    });
    await wattline.waitFor(`http://127.0.0.1:${port}/health`);
    prometheus = await startPrometheus(prometheusConfig(port));
  });

  afterAll(async () => {
    await prometheus?.stop();
    expect(await wattline?.stop()).toBe(0);
  });

  /** The series that PromQL answers, without the labels that Prometheus adds. */
  async function query(promql: string) {
    const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query: promql })}`);
    const { status, data } = (await response.json()) as Answer;
    expect(status).toBe('success');
    return data.result.map(({ metric: { __name__, job, instance, ...labels }, value }) => ({
      labels,
      value: Number(value[1]),
    }));
  }

  it.each(Object.entries(twoRunsFigures))(
    'answers %s with its value and the four labels',
    async (metric, byScenario) => {
      await expect.poll(async () => (await query(metric)).length, { timeout: 15_000 }).toBe(2);
      for (const { name: scenario, bitrate, encoder_type: encoder } of twoRuns.scenarios) {
        const series = await query(`${metric}{scenario="${scenario}",region="us-east-1"}`);
        expect(series.map(({ labels }) => labels)).toEqual([{ scenario, region: 'us-east-1', bitrate, encoder }]);
        const expected = byScenario[scenario] as number;
        expect(Math.abs((series[0]?.value as number) / expected - 1), scenario).toBeLessThan(1e-12);
      }
    },
  );

  it('answers cost_exporter_alive', async () => {
    await expect.poll(() => query('cost_exporter_alive'), { timeout: 15_000 }).toEqual([{ labels: {}, value: 1 }]);
  });

  it('has scraped without an error', async () => {
    await expect.poll(() => query('up{job="wattline"}'), { timeout: 15_000 }).toEqual([{ labels: {}, value: 1 }]);
    const { data } = (await (await fetch(`${prometheus.url}/api/v1/targets`)).json()) as {
      data: { activeTargets: { lastError: string }[] };
    };
    expect(data.activeTargets.map(({ lastError }) => lastError)).toEqual(['']);
  });

  it('finds nothing to blame in the text, fixed names and own metrics included', async () => {
    const names = [...Object.keys(twoRunsFigures), 'cost_exporter_alive', 'wattline_skipped_total'];
    const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const name of names) await expect.poll(scrape, { timeout: 15_000 }).toContain(`# TYPE ${name} `);
    expect(lint(await scrape())).toEqual({ status: 0, lines: [] });
    expect(lint('cost 1\n')).toEqual({ status: 3, lines: ['cost no help text'] });
  });
});

/** What promtool says about a scrape, line by line. */
function lint(text: string): { status: number | null; lines: string[] } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return { status, lines: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') };
}
