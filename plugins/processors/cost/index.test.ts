import { describe, expect, it } from 'vitest';
import { cpuUsage, hostPower, Run, type Samples, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import plugin from './index.ts';

const START: [number, number] = [1766947958, 125121355];
const series = (values: readonly number[], step = 10) => Series.regular(START, step, Float64Array.from(values));
const power = (...values: number[]) => samplesOf(hostPower, series(values));
const cpu = (...values: number[]) => samplesOf(cpuUsage, series(values));
/** 2077.5 J and 101.75 core-seconds, 3855 J and 263.5 core-seconds. */
const two = [power(50, 52.5, 53, 51, 52.5), cpu(2, 2.5, 2.75, 2.675, 2.5)];
const four = [power(90, 95, 98, 100, 95), cpu(6, 6.5, 6.75, 6.85, 6.5)];
const runOf = (samples: Samples[], attributes = {}) =>
  Run.of({ scenario: 'a run', bitrate: '5k', encoder: 'x264', ...attributes }, { samples });

async function costsOf(run: Run, config: object = { region: 'us-east-1' }) {
  const { ctx, runs, skips } = createTestContext();
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  return {
    costs: figures(runs[0]),
    labels: figureLabels(runs[0], 'cost_energy_load_aware'),
    computeLabels: figureLabels(runs[0], 'cost_compute_load_aware'),
    skips: skips.map(({ item, reason }) => [item, reason]),
    messages: skips.map(({ message }) => message),
    run: runs[0],
  };
}

describe('the cost of a run', () => {
  it('is that of its energy and of its CPU time', async () => {
    const first = await costsOf(runOf(two));
    expect(first.costs.cost_total_load_aware).toBeCloseTo(0.014206965277777778, 16);
    expect(first.costs.cost_energy_load_aware).toBeCloseTo((2077.5 / 3.6e6) * 0.13, 18);
    expect(first.costs.cost_compute_load_aware).toBeCloseTo((101.75 / 3600) * 0.5, 17);
    const second = await costsOf(runOf(four));
    expect(second.costs.cost_total_load_aware).toBeCloseTo(0.03673643055555556, 16);
    expect([...first.skips, ...second.skips]).toEqual([]);
  });

  it('carries the labels of the run, the region it was priced in, and the end of the run', async () => {
    const { labels, run } = await costsOf(runOf(two, { 'run.end_time': 1766948000 }));
    expect(labels).toEqual({ scenario: 'a run', bitrate: '5k', encoder: 'x264', region: 'us-east-1' });
    expect(run?.scopeMetrics.at(-1)?.metrics.map(({ dataPoints }) => dataPoints[0]?.endTime)).toEqual(
      Array(3).fill([1766948000, 0]),
    );
    expect(run?.scopeMetrics.at(-1)?.metrics.map(({ descriptor }) => descriptor.unit)).toEqual(Array(3).fill('{USD}'));
  });

  it('knows the signals by either name, and points of any SDK', async () => {
    const gauge = (name: string, values: readonly number[]) =>
      liveMetric(
        name,
        'gauge',
        values.map((value, index) => ({ at: START[0] + index * 10, value })),
      );
    const plain = gauge('power_watts', [50, 52.5, 53, 51, 52.5]);
    plain.dataPoints.reverse();
    const named = liveRun({}, plain, gauge('cpu_usage_cores', [2, 2.5, 2.75, 2.675, 2.5]));
    expect((await costsOf(named)).costs.cost_total_load_aware).toBeCloseTo(0.014206965277777778, 16);
  });
});

describe('prices', () => {
  it('are those of the region that the run names, before the configured one', async () => {
    for (const attributes of [{ region: 'eu-west-1' }, { 'cloud.region': 'eu-west-1' }]) {
      const { costs, labels } = await costsOf(runOf(two, attributes));
      expect(costs.cost_energy_load_aware).toBeCloseTo((2077.5 / 3.6e6) * 0.2, 18);
      expect(labels?.region).toBe('eu-west-1');
    }
  });

  it('are those of the configuration where it gives them', async () => {
    const { costs } = await costsOf(runOf(two), { region: 'us-east-1', usd_per_kwh: 0.25, usd_per_core_hour: 0.04 });
    expect(costs.cost_energy_load_aware).toBeCloseTo((2077.5 / 3.6e6) * 0.25, 18);
    expect(costs.cost_compute_load_aware).toBeCloseTo((101.75 / 3600) * 0.04, 18);
    const free = await costsOf(runOf(two), { usd_per_kwh: 0, usd_per_core_hour: 0 });
    expect(free.costs).toEqual({ cost_total_load_aware: 0, cost_energy_load_aware: 0, cost_compute_load_aware: 0 });
    expect(free.labels).not.toHaveProperty('region');
  });

  it('are unknown for a region that the run names and nobody knows', async () => {
    const { costs, skips, messages, computeLabels } = await costsOf(runOf(two, { region: 'mars-1' }));
    expect(Object.keys(costs)).toEqual(['cost_compute_load_aware']);
    expect(computeLabels?.region).toBe('mars-1');
    expect(skips).toEqual([['cost_energy_load_aware', 'unknown_region']]);
    expect(messages[0]).toMatch(
      /^no cost_energy_load_aware: the region `mars-1` of a run is not known; `wattline regions` lists /,
    );
  });

  it('fall back where the configuration says so, and a label tells', async () => {
    const { costs, labels, skips } = await costsOf(runOf(two, { region: 'mars-1' }), { unknown_region: 'fallback' });
    expect(costs.cost_energy_load_aware).toBeCloseTo((2077.5 / 3.6e6) * 0.12, 18);
    expect(labels).toMatchObject({ region: 'mars-1', region_known: 'false' });
    expect(skips).toEqual([]);
  });

  it('are unknown for a region that has none, unless one is given for it', async () => {
    const run = runOf(two, { region: 'ca-west-1' });
    const { costs, skips, messages } = await costsOf(run);
    expect(costs).not.toHaveProperty('cost_energy_load_aware');
    expect(skips).toEqual([['cost_energy_load_aware', 'no_price']]);
    expect(messages[0]).toContain(
      'the price of electricity in the region of a run is not known; give `usd_per_kwh`, or',
    );
    const given = await costsOf(run, { regions: { 'ca-west-1': { usd_per_kwh: 0.13 } } });
    expect(given.costs.cost_energy_load_aware).toBe((await costsOf(runOf(two))).costs.cost_energy_load_aware);
    expect(given.labels?.region).toBe('ca-west-1');
  });

  it('are unknown without any region', async () => {
    const { costs, skips } = await costsOf(runOf(two), {});
    expect(Object.keys(costs)).toEqual(['cost_compute_load_aware']);
    expect(skips).toEqual([['cost_energy_load_aware', 'no_region']]);
  });
});

describe('a run of which only one signal is known', () => {
  it('has that cost alone', async () => {
    const energy = await costsOf(runOf([two[0] as Samples]));
    expect(Object.keys(energy.costs)).toEqual(['cost_energy_load_aware']);
    expect(energy.skips).toEqual([['cost_compute_load_aware', 'no_cpu_usage_cores']]);
    const compute = await costsOf(runOf([two[1] as Samples]));
    expect(Object.keys(compute.costs)).toEqual(['cost_compute_load_aware']);
    expect(compute.skips).toEqual([['cost_energy_load_aware', 'no_power_watts']]);
  });

  it('is no fault where a slice of a stream lacks the power or the CPU', async () => {
    const slice = (samples: Samples[]) => costsOf(runOf(samples, { 'stream.id': 'node-1' }));
    const [energy, compute] = await Promise.all([slice([power(50, 50)]), slice([cpu(2, 2)])]);
    expect(Object.keys({ ...energy.costs, ...compute.costs })).toEqual([
      'cost_energy_load_aware',
      'cost_compute_load_aware',
    ]);
    expect([...energy.skips, ...compute.skips]).toEqual([]);
  });

  it('has a total where partial totals are asked for', async () => {
    const config = { region: 'us-east-1', partial_total: true };
    const { costs } = await costsOf(runOf([two[1] as Samples]), config);
    expect(costs.cost_total_load_aware).toBe(costs.cost_compute_load_aware);
    expect((await costsOf(runOf([]), config)).costs).toEqual({});
  });

  it('does not lose it to broken samples of the other', async () => {
    const { costs, skips } = await costsOf(runOf([power(1, -2), two[1] as Samples]));
    expect(Object.keys(costs)).toEqual(['cost_compute_load_aware']);
    expect(skips).toEqual([['cost_energy_load_aware', 'invalid_power_watts']]);
  });
});

it('hands a run without any signal on as it is, and counts that; metrics of other programs are no run', async () => {
  const run = runOf([], { 'run.duration': 5 });
  const others = liveRun({ 'service.name': 'otelcol' }, liveMetric('queue.length', 'gauge', [{ at: 1, value: 7 }]));
  const results = await Promise.all([costsOf(run), costsOf(others)]);
  expect(results.map((result) => result.run)).toEqual([run, others]);
  expect(results.map(({ skips }) => skips.length)).toEqual([2, 0]);
});

it('refuses an unknown region and negative prices in the configuration', () => {
  expect(plugin.configSchema.safeParse({ region: 'mars-1' }).success).toBe(false);
  expect(plugin.configSchema.safeParse({ usd_per_kwh: -1 }).success).toBe(false);
  expect(plugin.configSchema.safeParse({ usd_per_core_hour: '0.5' }).success).toBe(false);
});
