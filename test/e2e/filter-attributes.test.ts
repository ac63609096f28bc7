import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseExposition, type Sample, seriesValue } from '../kit/exposition.ts';
import { twoRuns, twoRunsFigures } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const [first, second] = twoRuns.scenarios;
const two = first.name;
const four = second.name;
const scenarios = [first, second].map(({ bitrate: _, ...run }) => run);
const results = { scenarios: [...scenarios, { ...first, name: 'Baseline' }] };

const configuration = (port: number) => `
receivers:
  http: { endpoint: 127.0.0.1:${port} }
processors:
  filter/work:
    drop:
      - { attribute: scenario, matches: (?i)^baseline }
      - all: [{ attribute: host.name, exists: true }, { not: { attribute: host.name, matches: '^node-[135]$' } }]
  attributes:
    actions:
      - { action: extract, key: scenario, pattern: '^(?P<streams>\\d+) streams? @ (?P<bitrate>\\d+k)$' }
      - { action: convert, key: streams, converted_type: int }
      - { action: rename, key: streams, new_key: run.streams }
      - { action: insert, key: region, value: "\${env:REGION}" }
      - { action: hash, key: scenario }
  live: { ceiling_watts: { package: 100000, dram: 100000 } }
  cost: { usd_per_core_hour: 0.50 }
  unit_cost:
  filter/boundary:
    drop:
      - all: [{ attribute: host.name, equals: node-3 }, { attribute: boundary, equals: dram }]
      - all: [{ attribute: host.name, equals: node-5 }, { attribute: boundary, equals: package }]
  filter/cheap:
    keep:
      - { attribute: stream.id, exists: true }
      - { figure: cost_total_load_aware, above: 0.02 }
  totals:
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
service:
  pipelines:
    metrics:
      receivers: [http]
      processors: [filter/work, attributes, live, cost, unit_cost, filter/boundary, filter/cheap, totals]
      exporters: [prometheus]
`;

/** An OTLP request with two counts of joules, a minute apart, of the processor and of the memory of a host. */
function joulesOf(host: string) {
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const point = (type: string, time: number, asDouble: number) => ({
    timeUnixNano: `${time}000000000`,
    startTimeUnixNano: '1705315800000000000',
    attributes: [attribute('hw.type', type), attribute('hw.id', type)],
    asDouble,
  });
  const points = (type: string, joules: number) => [
    point(type, 1_705_315_860, 100),
    point(type, 1_705_315_920, 100 + joules),
  ];
  const dataPoints = [...points('cpu', 3_600_000), ...points('memory', 1_800_000)];
  const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints };
  const metrics = [{ name: 'hw.energy', unit: 'J', sum }];
  const resource = { attributes: [attribute('host.name', host), attribute('scenario', `live on ${host}`)] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'test' }, metrics }] }] };
}

describe('filters and attributes in a process', () => {
  let wattline: WattlineProcess;
  let samples: Sample[];
  const answers: unknown[] = [];

  beforeAll(async () => {
    const port = await freePort();
    wattline = await startWattline({ config: configuration(port), env: { ...process.env, REGION: 'us-east-1' } });
    const url = `http://127.0.0.1:${port}`;
    await wattline.waitFor(`${url}/health`);
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      answers.push([answer.status, await answer.json()]);
    };
    await post('/v1/results', results);
    for (const host of ['node-1', 'node-2', 'node-3', 'node-5']) await post('/v1/metrics', joulesOf(host));
    samples = parseExposition(await (await fetch(`${url}/metrics`)).text());
  });
  afterAll(async () => {
    expect(await wattline.stop()).toBe(0);
  });

  const pseudonym = (name: string) => hash('sha256', name);
  const value = (metric: string, labels: Record<string, string>) => seriesValue(samples, metric, labels);

  it('what is dropped is accepted, counted, and no warning', () => {
    expect(answers).toEqual([[200, { accepted: 3, refused: [], refused_total: 0 }], ...Array(4).fill([200, {}])]);
    expect(value('wattline_filter_dropped_total', { processor: 'filter/work' })).toBe(2);
    expect(value('wattline_filter_dropped_total', { processor: 'filter/cheap' })).toBe(1);
    expect(wattline.logs()).not.toContain('processor filter');
  });

  it('figures have the labels that actions before them have made', () => {
    const labels = { scenario: pseudonym(four), bitrate: '5000k', region: 'us-east-1' };
    const total = value('cost_total_load_aware', labels);
    expect(total).toBeCloseTo(twoRunsFigures.cost_total_load_aware?.[four] as number, 15);
    expect(value('cost_per_watch_hour', labels)).toBeCloseTo((total as number) / ((4 * 180.3) / 3600), 12);
  });

  it('a figure decides where it is asked for, and nobody reads a name', () => {
    expect(samples.filter(({ labels }) => labels.scenario === pseudonym(two))).toEqual([]);
    const names = samples.flatMap(({ labels }) => labels.scenario ?? []);
    expect(names.length).toBeGreaterThan(0);
    expect(names.every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
  });

  const ofLive = (host: string) =>
    ['package', 'dram'].map((boundary) => {
      const labels = { scenario: pseudonym(`live on ${host}`), boundary };
      return value('cost_energy_load_aware_usd_total', labels);
    });

  it('live metrics are filtered and renamed by their resource', () => {
    expect(ofLive('node-1').map((usd) => usd?.toFixed(12))).toEqual(['0.130000000000', '0.065000000000']);
    expect(ofLive('node-2')).toEqual([undefined, undefined]);
  });

  it('totals lack what is dropped of a stream, be it the first or the last, and nothing else', () => {
    expect(ofLive('node-3').map((usd) => usd?.toFixed(12))).toEqual(['0.130000000000', undefined]);
    expect(ofLive('node-5').map((usd) => usd?.toFixed(12))).toEqual([undefined, '0.065000000000']);
  });
});
