import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../src/commands/explain.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { Loader } from '../../src/loader.ts';
import type { Consumer } from '../../src/plugin/contract.ts';
import { allTaken, isSignal } from '../../src/plugin/index.ts';
import { createLogger } from '../../src/service/logger.ts';
import { Service } from '../../src/service/service.ts';
import { blocksOf, recompute } from '../kit/arithmetic.ts';
import { twoRuns, twoRunsFigures } from '../kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const quickstart = fileURLToPath(new URL('../../config/quickstart/test_results_quickstart.json', import.meta.url));

/** Everything that changes how a figure comes about. */
const intricate = `
receivers:
  file: { include: [results.json] }
processors:
  energy: { fill: mean, pue: 1.3 }
  cost:
    region: us-east-1
    price:
      - usd_per_kwh: 0.11
      - effective_from: 2026-03-29
        time_zone: Europe/Berlin
        tariff: { default: 0.31, bands: [{ rate: 0.22, from: "22:00", to: "06:00" }] }
    core_price:
      - usd_per_core_hour: 0.5
      - { effective_from: 2026-03-29T01:30:00Z, usd_per_core_hour: 0.7 }
  co2:
    region: us-east-1
    intensity: [{ kg_per_kwh: 0.4 }, { effective_from: 2026-03-29T02:00:00Z, kg_per_kwh: 0.2 }]
    market: { kg_per_kwh: 0.05, source: a contract }
exporters: { debug: {} }
service:
  pipelines:
    metrics: { receivers: [file], processors: [energy, cost, co2], exporters: [debug] }
`;

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({ 'results.json': JSON.stringify(twoRuns), 'intricate.yaml': intricate });
});
afterAll(() => folder.remove());

/** What `explain` prints of a results file in the folder. */
async function explained(results: string, config?: string): Promise<string> {
  let text = '';
  const stdout = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  const paths = config === undefined ? {} : { config: [`${folder.path}/${config}`] };
  const stopped = new AbortController().signal;
  await explain({ results: `${folder.path}/${results}`, ...paths, environment: {}, stdout, stopped });
  return text;
}

/** The values of all figures that leave the pipeline of a configuration, by scenario. */
async function exportedBy(config: string): Promise<Map<string, number[]>> {
  const exported = new Map<string, number[]>();
  const sink: Consumer = {
    async consume(runs) {
      for (const { scenario, scopeMetrics } of runs) {
        const metrics = scopeMetrics.flatMap((scope) => scope.metrics).filter((metric) => !isSignal(metric));
        const values = metrics.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value as number));
        exported.set(String(scenario), values);
      }
      return allTaken;
    },
  };
  const configuration = await loadConfiguration([`${folder.path}/${config}`], {
    loader: new Loader(),
    environment: {},
  });
  const service = new Service(configuration, {
    logger: await createLogger('error'),
    stdout: process.stdout,
    once: true,
    sink: () => sink,
  });
  const { signal } = new AbortController();
  await service.start(signal);
  await service.readOnce(signal);
  await service.stop();
  return exported;
}

function expectRecomputed(block: string): void {
  for (const { name, printed, recomputed } of recompute(block)) {
    // Numbers of less than 2.2e-308 have fewer digits than others.
    const tolerance = 1e-12 * Math.abs(printed) + 1e-300;
    expect(Math.abs(recomputed - printed), `${name} in\n${block}`).toBeLessThanOrEqual(tolerance);
  }
}

describe('wattline explain', () => {
  it('leaves out a hole, be there a missing sample in it or none, and says how long it is', async () => {
    const start = 1_795_900_000;
    const run = (name: string, offsets: number[], watts: (number | null)[]) => {
      const timestamps = offsets.map((offset) => start + offset);
      return { name, region: 'us-east-1', power_watts: watts, timestamps, start_time: start, duration: 7204 };
    };
    const asleep = run('asleep', [0, 1, 2, 3, 4, 7204], Array(6).fill(100));
    const withNull = run('with null', [0, 1, 2, 3, 4, 5, 7204], [...Array(5).fill(100), null, 100]);
    await folder.write({ 'asleep.json': JSON.stringify({ scenarios: [asleep, withNull] }) });
    const text = await explained('asleep.json');
    expect(text.match(/energy_joules = .* = 400 J$/gm)).toHaveLength(2);
    expect(text.match(/samples over 4 s, without 7200 s of holes, where samples are more than/g)).toHaveLength(2);
    expect(text.match(/coverage_ratio_power = 4 \/ 7204 /g)).toHaveLength(2);
  });

  it('prices a run that does not say when it was by what holds at all times, and by nothing else', async () => {
    const run = { name: 'a run', region: 'us-east-1', power_watts: [100, 100, 100], cpu_usage_cores: [1, 1, 1] };
    await folder.write({ 'undated.json': JSON.stringify({ scenarios: [{ ...run, step_seconds: 5, duration: 10 }] }) });
    const plain = await explained('undated.json');
    expect(plain).toContain('energy_joules = (100 / 2 + 100 + 100 / 2) * 5 = 1000 J');
    expect(plain).toContain('coverage_ratio_power = 10 / 10 = 1');
    expect(plain).toMatch(/cost_total_load_aware = .* USD/);
    const overTime = await explained('undated.json', 'intricate.yaml');
    const reason = 'a run does not say when it was; give it `start_time`, `end_time` or `timestamps`, or its file a';
    expect(overTime).toContain(`no cost_energy_load_aware: ${reason} \`test_date\``);
    expect(overTime).toContain(`no cost_compute_load_aware: ${reason}`);
    expect(overTime).toContain(`no co2_emissions_kg: ${reason}`);
    expect(overTime).toMatch(/co2_emissions_kg_market = .* kg CO2e/);
  });

  it('reads times without an offset by the `time_zone` of the receiver', async () => {
    const run = { name: 'a run', power_watts: [100, 100], step_seconds: 5, start_time: '2026-07-01 12:00:00' };
    await folder.write({
      'local.json': JSON.stringify({ scenarios: [run] }),
      'berlin.yaml': intricate.replace('[results.json]', '[results.json], time_zone: Europe/Berlin'),
    });
    expect(await explained('local.json', 'intricate.yaml')).toContain('does not say when it was');
    expect(await explained('local.json', 'berlin.yaml')).toContain('cost_energy_load_aware =');
  });

  it('prints the arithmetic of every figure with its factors', async () => {
    const { code, stdout, stderr } = await runWattline(['explain', 'results.json', '--scenario', '2 streams @ 2500k'], {
      cwd: folder.path,
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatchInlineSnapshot(`
      "2 streams @ 2500k
        energy_joules = (46 / 2 + 46 + 46 + 47.5 + 46 + 46 + 46 + 46 + 46 + 46 / 2) * 5 = 2077.5 J
            # measured, trapezoidal rule, 10 samples over 45 s
        coverage_ratio_power = 45 / 120.5 = 0.37344398340248963
            # measured for 45 s of 120.5 s
        cpu_core_seconds = (2.25 / 2 + 2.25 + 2.35 + 2.25 + 2.25 + 2.25 + 2.25 + 2.25 + 2.25 + 2.25 / 2) * 5 = 101.75 cpu·s
            # measured, trapezoidal rule, 10 samples over 45 s
        coverage_ratio_cpu = 45 / 120.5 = 0.37344398340248963
            # measured for 45 s of 120.5 s
        price = 0.13 USD/kWh
            # price/us-east-1/builtin: Wattline default, no source given, unverified, 2025, static
            # a table says 0.0899 USD/kWh: EIA, average price to industry, Virginia, 2024
        cost_energy_load_aware = energy_joules / 3600000 * price = 0.00007502083333333334 USD
        core_price = 0.5 USD/core-hour
            # core_price/default: Wattline default, no source given, unverified, 2025, static
        cost_compute_load_aware = cpu_core_seconds / 3600 * core_price = 0.014131944444444445 USD
        cost_total_load_aware = cost_energy_load_aware + cost_compute_load_aware = 0.014206965277777778 USD
        intensity = 0.45 kg/kWh
            # intensity/us-east-1/builtin: Wattline default, no source given, unverified, 2025, location, static
            # a table says 0.418 kg/kWh: Electricity Maps, zone US-MIDA-PJM, yearly average, by way of CO2.js 0.19.0, 2025; \`dataset: electricity_maps\` takes it
        co2_emissions_kg = energy_joules / 3600000 * intensity = 0.0002596875 kg CO2e
        – \`power_watts\` of 2 streams @ 2500k was measured for 45 s of 120.5 s
        – \`cpu_usage_cores\` of 2 streams @ 2500k was measured for 45 s of 120.5 s
      "
    `);
  });

  it('comes to the figures that are exported, and to them again when it is worked out anew', async () => {
    const blocks = blocksOf(await explained('results.json'));
    expect([...blocks.keys()]).toEqual(twoRuns.scenarios.map(({ name }) => name));
    for (const [scenario, block] of blocks) {
      const lines = new Map(recompute(block).map((line) => [line.name, line]));
      for (const [figure, values] of Object.entries(twoRunsFigures)) {
        const expected = values[scenario] as number;
        expect(Math.abs((lines.get(figure)?.recomputed ?? 0) - expected)).toBeLessThanOrEqual(1e-12 * expected);
      }
    }
  });

  it('explains the results that come along', async () => {
    const { code, stdout } = await runWattline(['explain', quickstart]);
    expect(code).toBe(0);
    const blocks = blocksOf(stdout);
    expect(blocks.size).toBeGreaterThan(5);
    for (const block of blocks.values()) {
      expect(block).toContain('co2_emissions_kg = energy_joules / 3600000 * intensity = ');
      expect(block).not.toContain('does not say how');
      expectRecomputed(block);
    }
  });

  it('can be recomputed whatever the run and the configuration', async () => {
    const sample = fc.oneof({ weight: 9, arbitrary: fc.double({ min: 0, max: 900, noNaN: true }) }, fc.constant(null));
    const run = fc.record({
      step_seconds: fc.double({ min: 0.5, max: 400, noNaN: true }),
      // About the night of 29 March 2026, when prices, intensities and the clocks change.
      start_time: fc.double({ min: 1_774_720_000, max: 1_774_760_000, noNaN: true }),
      duration: fc.double({ min: 1, max: 30_000, noNaN: true }),
      power_watts: fc.array(sample, { minLength: 1, maxLength: 60 }),
      cpu_usage_cores: fc.array(sample, { maxLength: 30 }),
      sampling: fc.constantFrom('instant', 'interval'),
    });
    const runs = fc.sample(run, 300).map((fields, index) => ({ name: `run ${index}`, ...fields }));
    await folder.write({ 'random.json': JSON.stringify({ scenarios: runs }) });
    for (const config of [undefined, 'intricate.yaml']) {
      const blocks = blocksOf(await explained('random.json', config));
      expect(blocks.size).toBe(runs.length);
      for (const block of blocks.values()) {
        expect(block).not.toContain('does not say how');
        expectRecomputed(block);
      }
    }
  });

  it('says of what is exported how it came about, to the last digit', async () => {
    const exported = await exportedBy('intricate.yaml');
    const blocks = blocksOf(await explained('results.json', 'intricate.yaml'));
    expect(exported.size).toBe(blocks.size);
    for (const [scenario, values] of exported) {
      const printed = recompute(blocks.get(scenario) ?? '').map(({ printed }) => printed);
      expect(values.length).toBeGreaterThan(8);
      expect(printed).toEqual(expect.arrayContaining(values));
    }
  });

  it('takes samples as the receiver of the pipeline is told to', async () => {
    const run = { start_time: 1_774_720_000, duration: 15, step_seconds: 5, power_watts: [100, 100, 100] };
    const scenarios = [
      { name: 'unsaid', ...run },
      { name: 'said', ...run, sampling: 'instant' },
    ];
    const config = intricate.replace('[results.json]', '[sampled.json], sampling: interval');
    await folder.write({ 'sampled.json': JSON.stringify({ scenarios }), 'interval.yaml': config });
    const blocks = blocksOf(await explained('sampled.json', 'interval.yaml'));
    expect(blocks.get('unsaid')).toContain('energy_joules = (100 + 100 + 100) * 5 = 1500 J\n');
    expect(blocks.get('said')).toContain('energy_joules = (100 / 2 + 100 + 100 / 2) * 5 = 1000 J\n');
    const exported = await exportedBy('interval.yaml');
    expect([exported.get('unsaid'), exported.get('said')]).toEqual([
      expect.arrayContaining([1500]),
      expect.arrayContaining([1000]),
    ]);
  });

  it('keeps apart what a run has several of', async () => {
    const config = `
receivers: { file: { include: [results.json] } }
processors:
  cost: { region: us-east-1, partial_total: true }
  co2: { region: us-east-1, market: { kg_per_kwh: 0.05, source: a contract } }
  savings: { baseline: a }
  savings/hourly: { baseline: a, per: hour }
  currency: { rates: [{ date: 2020-01-01, EUR: 0.9 }] }
exporters: { debug: {} }
service:
  pipelines:
    metrics: { receivers: [file], processors: [cost, co2, savings, savings/hourly, currency], exporters: [debug] }
`;
    const run = { start_time: 1_774_720_000, step_seconds: 5 };
    const scenarios = [
      { name: 'a', ...run, duration: 10, power_watts: [100, 100, 100] },
      { name: 'b', ...run, duration: 20, power_watts: [90, 100, 110] },
    ];
    await folder.write({ 'two.json': JSON.stringify({ scenarios }), 'several.yaml': config });
    const block = blocksOf(await explained('two.json', 'several.yaml')).get('b') as string;
    expectRecomputed(block);
    const values = new Map(recompute(block).map(({ name, recomputed }) => [name, recomputed]));
    expect((values.get('co2_emissions_kg_market') as number) / (values.get('co2_emissions_kg') as number)).toBeCloseTo(
      0.05 / 0.45,
      12,
    );
    expect(recompute(block).filter(({ name }) => name === 'cost_savings_eur')).toHaveLength(2);
  });

  it('says what a run has no figure for, and why', async () => {
    await folder.write({ 'bare.json': JSON.stringify({ scenarios: [{ name: 'bare', duration: 10 }] }) });
    expect(await explained('bare.json')).toContain('  – no cost_energy_load_aware: bare has no `power_watts`\n');
  });

  it('says so where there is nothing to explain', async () => {
    const missing = await runWattline(['explain', 'none.json'], { cwd: folder.path });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('[NOTHING_TO_READ]')]);
    const unknown = await runWattline(['explain', 'results.json', '--scenario', 'x'], { cwd: folder.path });
    expect(unknown.stderr).toBe('there is no run named `x` in results.json [NOTHING_TO_READ]\n');
  });
});
