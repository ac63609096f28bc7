import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { startGridService } from '../kit/grid-service.ts';
import { describeWithPeers, startPrometheus, startVictoriaMetrics } from '../kit/peers.ts';
import { twoRuns } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';
import { describeWithPrograms, runProgram } from './programs.ts';
import { metricNames } from './promql-names.ts';

const folder = join(projectRoot, 'deploy/prometheus');
const read = async (name: string) => readFile(join(folder, name), 'utf8');

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface RuleTest {
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
}

async function rulesOf(name: string): Promise<Rule[]> {
  return parse(await read(name)).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);
}
const testsOf = async (name: string) => parse(await read(name)).tests as RuleTest[];

describe('the rules', () => {
  it('use no metric but those that Wattline exposes, that they record, and `up`', async () => {
    const rules = [...(await rulesOf('recording.yaml')), ...(await rulesOf('alerts.yaml'))];
    const used = new Set(rules.flatMap(({ expr }) => metricNames(expr)));
    const known = new Set([...(await exposedNames()), ...rules.map(({ record }) => record), 'up']);
    expect(used.size).toBeGreaterThan(15);
    expect([...used].filter((name) => !known.has(name))).toEqual([]);
  });

  it('say how bad an alert is, what happened and what it means', async () => {
    for (const { alert, labels, annotations } of await rulesOf('alerts.yaml')) {
      expect(labels?.severity, alert).toMatch(/^(critical|warning|info)$/);
      expect(annotations, alert).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });

  it('are told of in the README, with their severity', async () => {
    const rows = (await readFile(join(projectRoot, 'deploy/README.md'), 'utf8')).match(/^\| `Wattline.*$/gm) ?? [];
    const told = rows.flatMap((row) => {
      const [, names = '', severity = ''] = row.split('|');
      return (names.match(/\w+/g) ?? []).map((alert) => ({ alert, severity: severity.trim() }));
    });
    const rules = await rulesOf('alerts.yaml');
    expect(told).toHaveLength(rules.length);
    for (const { alert, labels } of rules) expect(told).toContainEqual({ alert, severity: labels?.severity });
  });

  it('have for each alert a test in which it fires, and one in which it does not', async () => {
    const tests = (await testsOf('alerts.test.yaml')).flatMap((test) => test.alert_rule_test ?? []);
    const outcomes = (alert: string | undefined) =>
      new Set(tests.filter(({ alertname }) => alertname === alert).map(({ exp_alerts }) => exp_alerts.length > 0));
    for (const { alert } of await rulesOf('alerts.yaml'))
      expect(outcomes(alert), alert).toEqual(new Set([true, false]));
  });

  it('have a test for each recorded series', async () => {
    const tests = (await testsOf('recording.test.yaml')).flatMap((test) => test.promql_expr_test ?? []);
    const tested = new Set(tests.filter(({ exp_samples }) => exp_samples.length).map(({ expr }) => expr));
    const derived = /:budget$|co2_kg:sum$/; // seen in the ratios that are made of them
    for (const { record } of await rulesOf('recording.yaml')) {
      if (!derived.test(record as string)) expect(tested).toContain(record);
    }
  });
});

describeWithPeers('promtool', ['promtool'], () => {
  it.each([
    ['check', 'rules', 'recording.yaml', 'alerts.yaml'],
    ['check', 'config', 'prometheus.yaml'],
    ['test', 'rules', 'recording.test.yaml', 'alerts.test.yaml'],
  ])('%s %s', { timeout: 240_000 }, async (...args) => {
    const { code, stdout, stderr } = await runProgram('promtool', args, { cwd: folder });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain('SUCCESS');
  });
});

describeWithPeers('VictoriaMetrics', ['victoria-metrics'], () => {
  it('takes the scrape configuration', async () => {
    const args = ['-dryRun', `-promscrape.config=${join(folder, 'promscrape.yaml')}`];
    const { code, stderr } = await runProgram('victoria-metrics', args, { env: { WATTLINE_TARGET: '127.0.0.1:9514' } });
    expect(code, stderr).toBe(0);
  });
});

describeWithPeers('the rules with real figures', ['prometheus', 'promtool'], () => {
  it('are evaluated by Prometheus without an error', { timeout: 90_000 }, async () => {
    const { wattline, port } = await startPulled();
    const text = (await read('prometheus.yaml'))
      .replace('127.0.0.1:9514', `127.0.0.1:${port}`)
      .replace('evaluation_interval: 10s', 'evaluation_interval: 1s')
      .replace(/^ {2}- (\w+\.yaml)$/gm, (_, name) => `  - ${join(folder, name)}`);
    const prometheus = await startPrometheus(text);
    try {
      const total = () => sumOf(`${prometheus.url}/api/v1/query?query=wattline:cost_usd:sum`);
      await expect.poll(total, { timeout: 60_000, interval: 200 }).toBeCloseTo(0.0509433958, 9);
      await expectAllHealthy(prometheus.url);
    } finally {
      await prometheus.stop();
      await wattline.stop();
    }
  });
});

describeWithPeers('the rules with real figures in VictoriaMetrics', ['victoria-metrics'], () => {
  describeWithPrograms('and vmalert', ['vmalert'], () => {
    it('are evaluated by vmalert, which records what they yield', { timeout: 90_000 }, async () => {
      const { wattline, port } = await startPulled();
      vi.stubEnv('WATTLINE_TARGET', `127.0.0.1:${port}`);
      const flags = [`-promscrape.config=${join(folder, 'promscrape.yaml')}`, '-search.latencyOffset=1ms'];
      const store = await startVictoriaMetrics(flags);
      vi.unstubAllEnvs();
      const alertPort = await freePort();
      const vmalert = startProcess('vmalert', [
        `-rule=${join(folder, 'recording.yaml')}`,
        `-rule=${join(folder, 'alerts.yaml')}`,
        `-datasource.url=${store.url}`,
        `-remoteWrite.url=${store.url}`,
        `-remoteRead.url=${store.url}`,
        '-notifier.url=http://127.0.0.1:1',
        '-evaluationInterval=1s',
        '-remoteWrite.flushInterval=1s',
        `-httpListenAddr=127.0.0.1:${alertPort}`,
      ]);
      try {
        const total = () =>
          sumOf(`${store.url}/api/v1/query?query=${encodeURIComponent('{__name__="wattline:cost_usd:sum"}')}`);
        await expect.poll(total, { timeout: 60_000, interval: 200 }).toBeCloseTo(0.0509433958, 9);
        await expectAllHealthy(`http://127.0.0.1:${alertPort}`);
      } finally {
        await vmalert.stop('SIGTERM');
        await store.stop();
        await wattline.stop();
      }
    });
  });
});

/** Starts Wattline with two runs, to be scraped. */
async function startPulled(): Promise<{ wattline: WattlineProcess; port: number }> {
  const port = await freePort();
  const config = `
receivers: { file: { include: [./test_results_*.json] } }
processors: { cost: { region: us-east-1, usd_per_core_hour: 0.5 }, co2: { region: us-east-1 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
service: { pipelines: { metrics: { receivers: [file], processors: [cost, co2], exporters: [prometheus] } } }
`;
  const wattline = await startWattline({ config, files: { 'test_results_1.json': JSON.stringify(twoRuns) } });
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  return { wattline, port };
}

async function expectAllHealthy(url: string): Promise<void> {
  const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
    data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
  };
  const rules = data.groups.flatMap((group) => group.rules);
  expect(rules).toHaveLength((await rulesOf('recording.yaml')).length + (await rulesOf('alerts.yaml')).length);
  expect(rules.filter(({ lastError }) => lastError)).toEqual([]);
}

async function sumOf(url: string): Promise<number> {
  const { data } = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1]);
}

/**
 * The names on the page of a Wattline that has met everything: runs that are taken, one without a figure, a model that
 * is fitted, a provider that has answered, a server that rejects and one that cannot be reached.
 */
async function exposedNames(): Promise<Set<string>> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(400).end('no'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const grid = await startGridService(0.2);
  const [port, closedPort] = [await freePort(), await freePort()];
  const config = `
receivers: { file: { include: [./test_results_*.json] }, file/rejected: { include: [./test_results_*.json] }, file/refused: { include: [./test_results_*.json] } }
providers: { uk_carbon_intensity: { endpoint: "${grid.url}" } }
extensions: { dashboard: { endpoint: 127.0.0.1:${port} } }
processors:
  live:
  predictor:
  energy:
  cost: { region: eu-west-1, usd_per_core_hour: 0.5 }
  co2: { region: eu-west-2, provider: uk_carbon_intensity }
  totals:
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  victoriametrics/rejects: { endpoint: http://127.0.0.1:${(server.address() as AddressInfo).port} }
  victoriametrics/unreachable: { endpoint: http://127.0.0.1:${closedPort}, retry_on_failure: { enabled: false } }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [live, predictor, energy, cost, co2, totals], exporters: [prometheus] }
    metrics/rejected: { receivers: [file/rejected], exporters: [victoriametrics/rejects] }
    metrics/refused: { receivers: [file/refused], exporters: [victoriametrics/unreachable] }
`;
  const runs = [
    ...twoRuns.scenarios,
    { ...twoRuns.scenarios[1], name: '8 streams @ 5000k', cpu_usage_cores: undefined },
    // One of the latest runs, of a kind that was known before: without it nothing could drift.
    { ...twoRuns.scenarios[1], start_time: 1_705_317_100, end_time: 1_705_317_280.3 },
  ];
  const files = { 'test_results_1.json': JSON.stringify({ scenarios: runs }) };
  const wattline = await startWattline({ config, files });
  const names = async () => {
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return new Set(page.match(/^[a-zA-Z_:][\w:]*(?=[{ ])/gm));
  };
  try {
    await wattline.waitFor(`http://127.0.0.1:${port}/health`);
    const last = ['co2_emissions_kg', 'wattline_skipped_total', 'wattline_predictor_drift_watts'];
    const complete = (seen: Set<string>) => last.every((name) => seen.has(name));
    await expect.poll(names, { timeout: 15_000 }).toSatisfy(complete);
    return await names();
  } finally {
    await wattline.stop();
    await grid.stop();
    server.closeAllConnections();
    server.close();
  }
}
