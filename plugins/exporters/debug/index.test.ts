import { setTimeout as sleep } from 'node:timers/promises';
import { type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { allTaken, cpuUsage, figure, hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const total = { name: 'cost_total_load_aware', unit: '{USD}', description: '' };
const emissions = { name: 'co2_emissions_kg', unit: 'kg{CO2e}', description: '' };

function run(scenario: string, end: number, attributes = {}): Run {
  const series = Series.regular([1766947958, 0], 3600, Float64Array.of(1000, 1000));
  const samples = [samplesOf(hostPower, series), samplesOf(cpuUsage, series)];
  const who = { scenario, region: 'us-east-1', 'run.end_time': end, ...attributes };
  return Run.of(who, { samples });
}
const costing = (one: Run, usd: number) => one.with({ figures: [figure(total, usd), figure(emissions, usd / 100)] });

async function print(config: object, given: readonly Run[]): Promise<string> {
  const { ctx, printed } = createTestContext();
  const stage = plugin.create(ctx, plugin.configSchema.parse(config));
  if (!('consume' in stage)) throw new Error('it must be a direct exporter');
  await stage.consume(given, never);
  await stage.shutdown?.(never);
  await stage.shutdown?.(never);
  return printed();
}

const runs = [
  costing(run('2 streams', 1766947958.25, { bitrate: '5k' }), 0.014206965277777778),
  costing(run('a\u001b[31mred', 1766948000, { power: 'predicted' }), 12.5),
  Run.of({ scenario: 'bare', region: 'us-east-1', 'run.end_time': 1766948999 }),
];

describe('the debug exporter', () => {
  it('prints a row a run and then the totals, which stand once', async () => {
    expect(await print({}, runs)).toBe(`3 runs, ended on 2025-12-28, region us-east-1
scenario   bitrate  power      ended     energy       CPU    cost_        co2_
                                          [kWh]  [core-h]   total_  emissions_
                                                             load_          kg
                                                             aware        [kg]
                                                             [USD]
2 streams  5k       measured   18:52:38       1      1000  0.01421    1.421e-4
a�[31mred  –        predicted  18:53:20       1      1000     12.5       0.125
bare       –        –          19:09:59       –         –        –           –

total of 3 runs
figure                          sum  runs
energy [kWh]                      2     2
CPU [core-h]                   2000     2
cost_total_load_aware [USD]   12.51     2
co2_emissions_kg [kg]        0.1251     2
`);
  });

  it('says above a table what its figures assume, each default once', async () => {
    const assumed = (source: string) => ({ 'factor.core_price.value': 0.5, 'factor.core_price.source': source });
    const byDefault = assumed('Wattline default, no source given, unverified');
    const some = [run('a', 1766947958, byDefault), run('b', 1766947958, byDefault), run('c', 1766947958, assumed('x'))];
    const text = await print({}, some);
    expect(text.match(/^assumed: .*$/gm)).toEqual([
      'assumed: CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set `usd_per_core_hour` or `list_prices`',
    ]);
    expect(await print({}, some.slice(2))).not.toContain('assumed');
  });

  it('prints totals alone where a summary is asked for', async () => {
    const text = await print({ summary: true }, runs);
    expect(text).toMatch(/^total of 3 runs\nfigure /);
    expect(text).not.toContain('2 streams');
  });

  it('gives each run its date where they differ', async () => {
    const text = await print({}, [run('a', 1766947958), run('b', 1767947958)]);
    expect(text).toContain('2025-12-28 18:52:38');
    expect(text).toContain('2026-01-09 08:39:18');
    expect(text).toMatch(/^2 runs, region us-east-1, power measured\n/);
  });

  it('fits five runs that differ in every label into 120 columns', async () => {
    const names = ['cost_total_load_aware', 'cost_energy_load_aware', 'cost_compute_load_aware', 'co2_emissions_kg'];
    const wide = [1, 2, 4, 8, 16].map((streams) => {
      const labels = { region: `eu-north-${streams}`, bitrate: `${streams}500k`, encoder: `libx26${streams}` };
      const one = run(`${streams} streams @ 2500k`, 1766947958 + streams, { ...labels, power: 'predicted' });
      const definitions = names.map((name) => ({ name, unit: '{USD}', description: '' }));
      return one.with({ figures: definitions.map((definition) => figure(definition, 1.23456e-5 * streams)) });
    });
    const widths = (await print({}, wide)).split('\n').map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(120);
  });

  it('adds up a run once that was valued again, and what slices are corrected by', async () => {
    const again = [costing(run('a', 1766947958), 2), costing(run('a', 1766947958, { 'run.restated': 1 }), 3)];
    const text = await print({ summary: true }, again);
    expect(text).toMatch(/^total of 1 run\n/);
    expect(text).toMatch(/cost_total_load_aware \[USD\] +2 +1\n/);
    expect(text).toContain('valued again since: 1 run; the sums are of the first figures\n');
    const corrections = [2, -1].map((usd) =>
      costing(run('a', 1766947958, { 'stream.id': 'x', 'run.restated': 1 }), usd),
    );
    expect(await print({ summary: true }, corrections)).toMatch(/cost_total_load_aware \[USD\] +1 +2\n/);
  });

  it('says that there was nothing', async () => {
    expect(await print({}, [])).toBe('total of 0 runs\n');
  });

  it('prints runs while the pipeline runs on, together', async () => {
    const { ctx, printed } = createTestContext();
    const stage = plugin.create(ctx, plugin.configSchema.parse({}));
    if (!('consume' in stage)) throw new Error('it must be a direct exporter');
    for (const one of runs) expect(await stage.consume([one], never)).toBe(allTaken);
    expect(printed()).toBe('');
    await expect.poll(printed).toMatch(/^3 runs, /);
    const before = printed();
    await sleep(300);
    expect(printed()).toBe(before);
    await stage.shutdown?.(never);
  });

  it('adds up amounts, and neither ratios nor rates', async () => {
    const units = { coverage_ratio: '1', cost_per_hour: '{USD}/h', embodied: 'kg{CO2e}' };
    const figures = Object.entries(units).map(([name, unit]) => figure({ name, unit, description: '' }, 2));
    const text = await print({ summary: true }, [(runs[2] as Run).with({ figures })]);
    expect(text).toContain('embodied [kg]');
    expect(text).not.toMatch(/ratio|per_hour/);
  });

  it('leaves out what is no single number', async () => {
    const dataPoints = [1, 2].map((value) => {
      return { startTime: [value, 0] as HrTime, endTime: [value, 0] as HrTime, attributes: {}, value };
    });
    const many: MetricData = {
      descriptor: { name: 'many', unit: '1', description: '', valueType: ValueType.DOUBLE },
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints,
    };
    const metrics = [{ scope: { name: 'test' }, metrics: [many] }];
    expect(await print({}, [Run.of({ scenario: 'a' }, { metrics })])).not.toContain('many');
  });
});
