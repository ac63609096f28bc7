import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { twoRuns } from '../kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

/** What the runs rest on that nobody gave. */
const assumed = [
  '     assumed: Energy is priced at 0.13 USD/kWh, Wattline’s default for us-east-1, where a table says 0.0899; set `usd_per_kwh`',
  '     assumed: CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set `usd_per_core_hour` or `list_prices`',
  '     assumed: Energy is taken to emit 0.45 kg CO₂e/kWh, Wattline’s default for us-east-1, where a table says 0.418; set `dataset: electricity_maps` or `kg_per_kwh`',
];

describe('wattline check', () => {
  let folder: TemporaryFolder;
  const check = (...args: string[]) => runWattline(['check', ...args], { cwd: folder.path });

  beforeAll(async () => {
    const [first] = twoRuns.scenarios;
    folder = await temporaryFolder({
      'test_results_1.json': JSON.stringify(twoRuns),
      'broken.json': '{"scenarios":[{"name":"a","start_time":',
      'unmeasured.json': JSON.stringify({ scenarios: [first, { name: 'no samples', duration: 10 }] }),
    });
  });
  afterAll(() => folder.remove());

  it('passes where all runs together stay within the limits', async () => {
    // 0.014206965… + 0.036736430… USD, 0.0002596875 + 0.000481875 kg.
    const { code, stdout, stderr } = await check('--max-usd', '0.051', '--max-co2', '0.00075');
    expect(stderr).toBe('');
    expect(stdout).toBe(
      [
        'ok   cost_total_load_aware 0.0509434 USD, limit 0.051 USD',
        'ok   co2_emissions_kg 0.000741563 kg, limit 0.00075 kg',
        '     power measured in 2 runs',
        ...assumed,
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  it('names no assumption where all is configured', async () => {
    const given = ['processors.cost.usd_per_kwh=0.13', 'processors.cost.usd_per_core_hour=0.5'];
    const set = [...given, 'processors.co2.kg_per_kwh=0.45'].flatMap((one) => ['--set', one]);
    const { code, stdout } = await check('test_results_1.json', ...set, '--max-usd', '0.051');
    expect(stdout.split('\n')).toEqual([
      'ok   cost_total_load_aware 0.0509434 USD, limit 0.051 USD',
      '–    co2_emissions_kg 0.000741563 kg, no limit',
      '     power measured in 2 runs',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('fails with exit status 1 where a limit is exceeded', async () => {
    const { code, stdout, stderr } = await check('test_results_1.json', '--max-usd', '0.05', '--max-co2', '0.00075');
    expect(stdout).toMatch(/^FAIL cost_total_load_aware 0.0509433958333 USD, limit 0.05 USD\nok {3}co2/);
    expect(stderr).toBe('1 of 2 checks failed [OVER_BUDGET]\n');
    expect(code).toBe(1);
  });

  it('fails where a run has no figure to check', async () => {
    const { code, stdout } = await check('unmeasured.json', '--max-usd', '1');
    expect(stdout).toContain(
      'FAIL cost_total_load_aware 0.0142069652778 USD, limit 1 USD; 1 of 2 runs have no such figure',
    );
    expect(stdout).toContain('\n     power measured in 1 run, none in 1 run\n');
    expect(code).toBe(1);
  });

  it('says where the price of CPU time includes the energy, which then counts once', async () => {
    const { stdout } = await check('test_results_1.json', '--set', 'processors.cost.instance_type=m6i.xlarge');
    // 101.75 + 263.5 core-seconds at 0.048 USD a core-hour.
    expect(stdout).toMatch(/^– {4}cost_total_load_aware 0.00487 USD, no limit$/m);
    expect(stdout).toContain('     energy included in the price of CPU time in 2 runs\n');
  });

  it('says that a sum is not known where no run has the figure, and not that it is 0', async () => {
    const { code, stdout } = await check(
      'test_results_1.json',
      '--max-usd',
      '1',
      '--set',
      'processors.cost.list_prices=true',
    );
    expect(stdout).toContain('FAIL cost_total_load_aware is not known, limit 1 USD; 2 of 2 runs have no such figure');
    expect(code).toBe(1);
  });

  it('fails where a run or a file could not be read, whatever the rest costs', async () => {
    const { code, stderr } = await check('test_results_1.json', 'broken.json', '--max-usd', '1');
    expect(stderr).toContain('checked 2 runs; 1 run or file could not be checked [OVER_BUDGET]');
    expect(code).toBe(1);
  });

  it('fails where a stage of a configuration fails on a run', async () => {
    await folder.write({
      'fails.js': `import { definePlugin, transform, z } from 'wattline/plugin';
export default definePlugin({
  contract: 2, kind: 'processor', type: 'fails', stability: 'development', configSchema: z.strictObject({}),
  create: (ctx) => transform(ctx.next, (run) => {
    if (run.scenario.startsWith('4')) throw new Error('no fours');
    return run;
  }),
});
`,
      'package.json': '{"type":"module"}',
      'fails.yaml': `
plugins: [./fails.js]
receivers: { file: { include: [./test_results_1.json] } }
processors: { cost: { region: us-east-1 }, fails: }
exporters: { debug: }
service: { pipelines: { metrics: { receivers: [file], processors: [cost, fails], exporters: [debug] } } }
`,
    });
    const { code, stderr } = await check('--config', 'fails.yaml', '--max-usd', '1');
    expect(stderr).toContain('checked 1 run; 1 run or file could not be checked [OVER_BUDGET]');
    expect(stderr).toContain('processor fails failed: no fours');
    expect(code).toBe(1);
  });

  it('holds each pipeline against the limits by itself', async () => {
    await folder.write({
      'pipelines.yaml': `
receivers:
  file:
    include: \${env:WATTLINE_RESULTS}
processors: { cost: { region: us-east-1 }, cost/dear: { region: us-east-1, usd_per_core_hour: 1 }, co2: { region: us-east-1 } }
exporters: { debug: }
service:
  pipelines:
    metrics: { receivers: [file], processors: [cost, co2], exporters: [debug] }
    metrics/dear: { receivers: [file], processors: [cost/dear, co2], exporters: [debug] }
`,
    });
    const { code, stdout } = await check('--config', 'pipelines.yaml', '--max-usd', '0.051', '--max-co2', '0.00075');
    expect(stdout.split('\n')).toEqual([
      'ok   cost_total_load_aware 0.0509434 USD, limit 0.051 USD (metrics)',
      'ok   co2_emissions_kg 0.000741563 kg, limit 0.00075 kg (metrics)',
      '     power measured in 2 runs (metrics)',
      ...assumed.map((line) => `${line} (metrics)`),
      expect.stringMatching(/^FAIL cost_total_load_aware 0\.1016\d+ USD, limit 0\.051 USD \(metrics\/dear\)$/),
      'ok   co2_emissions_kg 0.000741563 kg, limit 0.00075 kg (metrics/dear)',
      '     power measured in 2 runs (metrics/dear)',
      ...assumed.filter((line) => !line.includes('CPU time')).map((line) => `${line} (metrics/dear)`),
      '',
    ]);
    expect(code).toBe(1);
  });

  it('fails where there is nothing to check, or a limit is no number', async () => {
    const nothing = await check('missing_*.json', '--max-usd', '1');
    expect(nothing.stderr).toMatch(/no file matches .*missing_\*\.json \[NOTHING_TO_READ\]/);
    expect(nothing.code).toBe(1);
    expect((await check('--max-co2', 'little')).code).toBe(1);
  });
});
