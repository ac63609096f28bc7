import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const START = 1_782_864_000;

/** Runs of 0, 1, 2, 4 and 8 streams on one host, twice each, that draw 50 W idle and 5 W a stream; the last one failed. */
function resultsFrom(start: number) {
  const scenarios = [0, 1, 2, 4, 8, 0, 1, 2, 4, 8, 8].map((streams, index) => ({
    name: streams === 0 ? 'Baseline (idle)' : `${streams} streams`,
    region: 'eu-west-3',
    encoder_type: 'libx264',
    streams,
    start_time: start + 1000 * index,
    end_time: start + 1000 * index + 600,
    exit_status: index === 10 ? 1 : 0,
    step_seconds: 600,
    power_watts: [50 + 5 * streams, 50 + 5 * streams],
    cpu_usage_cores: [streams, streams],
  }));
  return JSON.stringify({ scenarios });
}

describe('wattline advise', () => {
  let folder: TemporaryFolder;
  const advise = (...args: string[]) => runWattline(['advise', ...args], { cwd: folder.path });

  beforeAll(async () => {
    const unmeasured = { name: '2 streams', duration: 600, region: 'eu-west-3' };
    folder = await temporaryFolder({
      'test_results_1.json': resultsFrom(START),
      'later.json': resultsFrom(START + 1e6),
      'unmeasured.json': JSON.stringify({ scenarios: [unmeasured] }),
      'two.yaml': `receivers: { file: { include: [a.json] } }
processors: { energy: , cost: , cost/dear: { usd_per_kwh: 1 } }
exporters: { debug: }
service:
  pipelines:
    metrics: { receivers: [file], processors: [energy, cost], exporters: [debug] }
    metrics/dear: { receivers: [file], processors: [energy, cost/dear], exporters: [debug] }
`,
    });
  });
  afterAll(() => folder.remove());

  it('says in a table and in words what would have been saved', async () => {
    const { code, stdout, stderr } = await advise('--kind', 'packing', 'waste');
    expect([code, stderr]).toEqual([0, '']);
    const [table = '', failed = '', packing = '', together, assumed] = stdout.split('\n\n');
    const rows = table.split('\n').map((row) => row.trim().split(/ {2,}/));
    expect(rows[0]).toEqual(['advice', 'saves USD', 'of it', 'saves J', 'saves kg CO2e', 'runs']);
    // 90 W for 600 s; and 8 streams in 90 W against 1, 2 and 4 in 55, 60 and 70 W, twice.
    expect(rows.slice(1).map(([id, , , joules, , runs]) => [id, joules, runs])).toEqual([
      ['waste-failed', '54000', '1'],
      ['packing-libx264', '127500', '6'],
    ]);
    expect(failed).toContain(
      'on 1 run, 2026-07-01 02:46 to 2026-07-01 02:56 UTC\n  - power measured in 1 run\n  - assumes: ',
    );
    expect(packing).toMatch(/^Run 8 streams on a host where there were fewer: libx264 \(packing-libx264\)\n/);
    expect(together).toMatch(/^Each saving is of what those above it leave\. All together: .*, 181500 of \d+ J, /);
    expect(assumed).toMatch(
      /^Assumed in all figures:\n {2}- .*CPU time is priced at 0.5 USD a core-hour, Wattline’s default/s,
    );
    const priced = await advise('--set', 'processors.cost.usd_per_core_hour=0.05');
    expect(priced.stdout).not.toContain('CPU time is priced');
  });

  it('gives JSON in full precision, with all silences, and Markdown', async () => {
    const { stdout } = await advise('--json');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ runs: 11, from: '2026-07-01T00:00:00.000Z', unread: [] });
    const [first] = report.advice;
    expect(first.saves).toEqual({
      usd: { value: expect.closeTo((54_000 / 3.6e6) * 0.1024 + (8 * 600 * 0.5) / 3600, 12) },
      energy_joules: { value: 54_000 },
      co2_kg: { value: expect.closeTo((54_000 / 3.6e6) * 0.031, 12) },
    });
    expect(report.assumed).toContainEqual(expect.stringContaining('CPU time is priced at 0.5 USD a core-hour'));
    expect(report.silences).toContainEqual(expect.objectContaining({ kind: 'time', reason: 'no_deadline' }));
    const { stdout: markdown } = await advise('--markdown', '--kind', 'waste', '--verbose');
    expect(markdown).toMatch(/^\| advice \| saves USD \|.*\n\| --- \|.*\n\| waste-failed \| /);
  });

  it('gives metrics that Prometheus reads', async () => {
    const { code, stdout } = await advise('--prometheus', '--kind', 'packing', 'waste');
    expect(code).toBe(0);
    const samples = parseExposition(stdout);
    const waste = { kind: 'waste', id: 'waste-failed' };
    expect(seriesValue(samples, 'wattline_advice_saving_energy_joules', waste)).toBe(54_000);
    expect(seriesValue(samples, 'wattline_advice_saving_usd_lower', waste)).toBeUndefined();
    expect(seriesValue(samples, 'wattline_advice_runs', waste)).toBe(1);
    expect(seriesValue(samples, 'wattline_advice_last_run_timestamp_seconds', waste)).toBe(START + 10_600);
    const packing = { kind: 'packing', id: 'packing-libx264' };
    expect(seriesValue(samples, 'wattline_advice_saving_energy_joules_upper', packing)).toBeCloseTo(127_500, 6);
    expect((await advise('unmeasured.json', '--prometheus')).stdout).toBe('');
    expect((await advise('--prometheus', '--json')).code).toBe(1);
  });

  describeWithPeers('metrics', ['promtool'], () => {
    it('have nothing that promtool finds wrong', async () => {
      const { stdout: input } = await advise('--prometheus');
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    });
  });

  it('says why there is no advice where it is asked', async () => {
    const plain = await advise('unmeasured.json');
    expect([plain.code, plain.stdout]).toEqual([
      0,
      'No advice on 0 runs.\n\n--verbose says why there is no other advice.\n',
    ]);
    const { stdout } = await advise('unmeasured.json', '--verbose');
    expect(stdout).toContain('all, no_figures: no advice rests on 1 run without cost, energy and emissions');
  });

  it('rests on no predicted power', async () => {
    const predicting = join(folder.path, 'predicting.yaml');
    const packaged = await readFile(new URL('../../config/advise.yaml', import.meta.url), 'utf8');
    await writeFile(
      predicting,
      packaged.replace('  energy:\n', '  predictor:\n  energy:\n').replace('[energy,', '[predictor, energy,'),
    );
    const { stdout } = await advise('*.json', '--config', 'predicting.yaml', '--json');
    const report = JSON.parse(stdout);
    expect(report.runs).toBe(22);
    expect(report.silences[0]).toMatchObject({ reason: 'predicted' });
  });

  it('fails with exit status 1 where more would have been saved than a limit', async () => {
    expect((await advise('--kind', 'waste', '--fail-above-usd', '0.7')).code).toBe(0);
    const { code, stderr } = await advise('--kind', 'waste', '--fail-above-usd', '0.6');
    expect([code, stderr]).toEqual([
      1,
      'the advice would have saved 0.668203 USD, more than 0.6 USD [ADVICE_ABOVE_LIMIT]\n',
    ]);
  });

  it('keeps advice that was accepted, and compares later runs with it', async () => {
    const kept = await advise('--keep', 'advice.yaml', '--id', 'packing-libx264');
    expect([kept.code, kept.stderr]).toEqual([0, '']);
    const list = parse(await readFile(join(folder.path, 'advice.yaml'), 'utf8'));
    expect(list).toEqual([
      expect.objectContaining({
        id: 'packing-libx264',
        measured_on: { runs: 11, from: '2026-07-01T00:00:00.000Z', until: '2026-07-01T02:56:40.000Z' },
      }),
    ]);
    const { code, stdout } = await advise('--realised', 'advice.yaml', 'later.json', 'test_results_1.json');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^packing-libx264 {2}stream hour .* J +11 +cannot be told: the difference may be none$/m);
    expect(stdout).toContain('Nothing was held equal');
  });

  it.each([
    [['absent.json'], 'no file is named absent.json [NOTHING_TO_READ]'],
    [['--realised', 'absent.yaml'], 'absent.yaml has no accepted advice [NOTHING_TO_READ]'],
    [
      ['--config', 'two.yaml'],
      'there are several pipelines; name the one that values the runs by --pipeline: metrics, metrics/dear [START_FAILED]',
    ],
    [['--keep', 'b.yaml', '--id', 'x'], '1 id of no advice above, so that nothing is kept: x [CANNOT_WRITE]'],
    [
      ['--deadline', 'soon'],
      'error: --deadline must be a duration such as 6h or 15m\n(wattline advise --help lists the options)',
    ],
    [
      ['--fail-above-usd', 'Infinity'],
      "error: option '--fail-above-usd <usd>' argument 'Infinity' is invalid. It must be a number of 0 or more.\n(wattline advise --help lists the options)",
    ],
    [
      ['--idle-limit', '0s'],
      'error: --idle-limit must be a duration such as 6h or 15m\n(wattline advise --help lists the options)',
    ],
  ])('refuses %j with what to do', async (args, message) => {
    const { code, stderr } = await advise(...args);
    expect([code, stderr]).toEqual([1, `${message}\n`]);
  });

  it('values by the pipeline that is named', async () => {
    const { stdout } = await advise('--config', 'two.yaml', '--pipeline', 'metrics/dear', '--kind', 'waste', '--json');
    expect(JSON.parse(stdout).advice[0].saves.usd.value).toBeCloseTo(54_000 / 3.6e6 + (8 * 600 * 0.5) / 3600, 12);
  });
});
