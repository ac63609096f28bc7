import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFactor } from '../../src/figures/formula.ts';
import { projectRoot } from '../kit/checkout.ts';
import { openPage, startChromium } from '../kit/chromium.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const quickstart = join(projectRoot, 'config/quickstart/test_results_quickstart.json');

/** A run of so many streams, with constant power and cores. */
function runOf(encoder: string, streams: number, watts: number, more: object = {}) {
  const samples = { step_seconds: 5, power_watts: [watts, watts], cpu_usage_cores: [streams / 2, streams / 2] };
  const start = 1_700_000_000 + 10 * streams;
  return { name: `${encoder} ${streams}`, start_time: start, duration: 5, encoder, streams, ...samples, ...more };
}

const line = [1, 2, 3, 4, 5].map((streams) => runOf('x264', streams, 25 + 25 * streams));
const two = [
  ...line,
  ...[1, 2, 3, 4].map((streams) => runOf('x265', streams, 40 + 40 * streams)),
  runOf('av1', 2, 200),
];

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({
    'line.json': JSON.stringify({ scenarios: line }),
    'two.json': JSON.stringify({ scenarios: two }),
    'other.json': JSON.stringify({ scenarios: [runOf('x264', 2, 80), runOf('x264', 4, 130), runOf('x264', 9, 251)] }),
    'nothing.json': JSON.stringify({ scenarios: [{ name: 'a' }] }),
    'damaged.json': '{"schema_version": 1, "feature": "stre',
  });
});
afterAll(() => folder.remove());

const wattline = (...args: string[]) => runWattline(args, { cwd: folder.path });
const trained = async (results: string, output: string, ...args: string[]) => {
  const finished = await wattline('train', results, '-o', output, ...args);
  expect(finished.stderr).toBe('');
  expect(finished.code).toBe(0);
  return finished.stdout;
};
const json = async (...args: string[]) => JSON.parse((await wattline('predict', ...args, '--json')).stdout);

describe('wattline train', () => {
  it('prints what it tried and what it took, and writes a model with a card', async () => {
    const stdout = await trained('two.json', 'two.model', '--group-by', 'encoder', '--model', 'linear');
    expect(stdout).toContain('power [W] by streams [stream]: 10 runs of 3 groups, 10 measured');
    expect(stdout).toMatch(/^linear +\S+ \(.*%.*\) +\S+ \(.*%.*\) +\d+ of \d+, \S+ % claimed +yes$/m);
    expect(stdout).toMatch(/^encoder=x265 +4 +1 to 4 +line +1\.000$/m);
    expect(stdout).toMatch(/^encoder=av1 +1 +1 to 5 +line of 3 groups times [\d.]+ /m);
    expect(stdout).toContain('Written to two.model.');
    const file = JSON.parse(await readFile(join(folder.path, 'two.model'), 'utf8'));
    expect(file).toMatchObject({ schema_version: 1, files: 1, feature: 'streams', group_by: ['encoder'] });
    expect(file.targets.power).toMatchObject({ unit: 'W', card: { kinds: { measured: 10 }, left_out: { runs: 10 } } });
    expect(Date.parse(file.trained_at)).toBeGreaterThan(1.7e12);
  });

  it('says what it does not learn from, and fails where nothing is left', async () => {
    const { code, stdout, stderr } = await wattline('train', quickstart, '-o', 'none.model', '--power', 'measured');
    expect(stdout).toContain('6 runs not learnt from: modelled power');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const nothing = await wattline('train', 'nothing.json', '-o', 'none.model');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toMatch(/too few of 1 run can be learnt from; give results files .* \[NOT_TRAINED\]/);
    const absent = await wattline('train', 'line.json', 'absent.json', '-o', 'none.model');
    expect(absent.stderr).toMatch(/no results file matches absent\.json \[NOTHING_TO_READ\]/);
    const unwritten = await wattline('train', 'line.json', '-o', 'no/such/folder.model');
    expect(unwritten.stderr).toMatch(/no\/such\/folder\.model cannot be written: .*\[CANNOT_WRITE\]/);
  });

  it('names every option that is wrong', async () => {
    const wrong = ['--feature', 'shoe_size', '--interval-level', '2', '--target', 'heat'];
    const { code, stderr } = await wattline('train', 'line.json', '-o', 'x.model', ...wrong);
    expect(code).toBe(1);
    for (const option of ['--feature', '--interval-level', '--target']) expect(stderr).toContain(`${option}: expected`);
  });
});

describe('wattline predict', () => {
  it('gives 175 W at 6 streams by the line of 25 + 25x, as a run without a date, extrapolated in words', async () => {
    await trained('line.json', 'line.model', '--model', 'linear');
    const predicted = await json(
      '--model',
      'line.model',
      '--streams',
      '6',
      '--duration',
      '30m',
      '--region',
      'us-east-1',
    );
    expect(predicted.power_watts).toMatchObject({ extrapolated: true, interval_level: 5 / 6, from: 1, to: 5 });
    expect(predicted.power_watts.value).toBeCloseTo(175, 9);
    expect(predicted.cpu_cores.value).toBeCloseTo(3, 9);
    const { energy_joules: energy, co2_emissions_kg: co2, cost_total_load_aware: cost } = predicted.figures;
    expect(energy.value).toBeCloseTo(175 * 1800, 6);
    expect(co2.value).toBeCloseTo(applyFactor(175 * 1800, 3.6e6, 1, 0.45), 12);
    expect(cost.value).toBeCloseTo(applyFactor(175 * 1800, 3.6e6, 1, 0.13) + 3 * 0.5 * 0.5, 9);
    // Each bound moves away by what the line moves from 5 to 6.
    expect(energy.lower).toBeCloseTo(150 * 1800, 6);
    expect(energy.upper).toBeCloseTo(200 * 1800, 6);
    const { stdout } = await wattline('predict', '--model', 'line.model', '--streams', '6');
    expect(stdout).toContain('extrapolated, since streams 6 is outside of 1 to 5');
    expect(stdout).not.toMatch(/\b(19|20)\d\d-\d\d-\d\d/);
  });

  it('tells groups apart, and takes one never seen for a typical one', async () => {
    await trained('two.json', 'groups.model', '--group-by', 'encoder', '--model', 'linear');
    const of = (encoder: string) => json('--model', 'groups.model', '--streams', '3', '--encoder', encoder);
    expect((await of('x265')).power_watts).toMatchObject({ extrapolated: false, is_new_group: false, runs: 4 });
    expect((await of('x265')).power_watts.value).toBeCloseTo(160, 6);
    expect((await of('vp9')).power_watts).toMatchObject({ extrapolated: true, is_new_group: true });
    const { code, stderr } = await wattline('predict', '--model', 'groups.model', '--streams', '3');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /give --encoder <name>; known are encoder=av1; encoder=x264; encoder=x265 \[NOT_PREDICTED\]/,
    );
  });

  it('learns from results files where no model is given', async () => {
    const predicted = await json('two.json', '--streams', '2.0', '--encoder', 'x264');
    expect(predicted.power_watts.value).toBeCloseTo(75, 6);
    expect(predicted.model).toMatchObject({ files: 1, group_by: ['encoder'] });
    const { power_watts: byCores, figures } = await json('line.json', '--with', 'cpu_cores=1.5');
    expect(byCores.value).toBeCloseTo(100, 6);
    expect(figures.cpu_core_seconds.value).toBeCloseTo(1.5 * 3600, 6);
  });

  it('refuses what the model cannot say', async () => {
    await trained('line.json', 'strict.model', '--outside-range', 'refuse', '--max-watts', '120');
    const outside = await wattline('predict', '--model', 'strict.model', '--streams', '9');
    expect(outside.stderr).toMatch(/9 is outside of what was learnt from, 1 to 5 \[NOT_PREDICTED\]/);
    const { power_watts: hot, figures } = await json('--model', 'strict.model', '--streams', '5');
    expect(hot).toMatchObject({ reason: 'impossible' });
    expect(figures).not.toHaveProperty('energy_joules');
    expect(figures).toHaveProperty('cpu_core_seconds');
    const damaged = await wattline('predict', '--model', 'damaged.json', '--streams', '1');
    expect(damaged.stderr).toMatch(/damaged\.json is no model that can be used: .*\[MODEL_REFUSED\]/);
    const absent = await wattline('predict', '--model', 'absent.json', '--streams', '1');
    expect(absent.stderr).toMatch(/absent\.json cannot be read: .*\[MODEL_REFUSED\]/);
    const featureless = await wattline('predict', '--model', 'strict.model', '--encoder', 'x264');
    expect(featureless.stderr).toMatch(/the model predicts by streams; give --streams/);
  });
});

describe('wattline evaluate', () => {
  it('says how far the model is from other runs, and draws both', async () => {
    await trained('line.json', 'judged.model', '--model', 'linear', '--target', 'power');
    const { code, stdout } = await wattline('evaluate', 'judged.model', 'other.json', '--svg', 'judged.svg');
    expect(code).toBe(0);
    // 75, 125 and 250 W are predicted for 80, 130 and 251.
    expect(stdout).toMatch(/^\(all\) +3 +1 +3\.667 \(2\.39 %\) +3\.667 +\d of 3, 83\.3 % claimed$/m);
    expect(stdout.match(/●/g)?.length).toBe(4);
    expect(await readFile(join(folder.path, 'judged.svg'), 'utf8')).toMatch(/^<svg /);
    const nothing = await wattline('evaluate', 'judged.model', 'nothing.json');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toMatch(/no run in nothing\.json says what judged\.model predicts \[NOTHING_TO_READ\]/);
  });
});

describe('wattline measure', () => {
  it('takes the power of a trained model of the host where no meter can be read, and says which', async () => {
    await trained('line.json', 'host.model', '--feature', 'cpu_cores');
    const options = ['--model', 'host.model', '--output', 'measured.json', '--interval', '0.1', '--duration', '0.5'];
    const { code, stdout } = await wattline('measure', ...options, '--', 'sleep', '9');
    expect(code).toBe(0);
    const [run] = JSON.parse(await readFile(join(folder.path, 'measured.json'), 'utf8')).scenarios;
    // A machine with a meter that can be read has no need of a model.
    const isMeasured = run.power === 'measured';
    if (!isMeasured) {
      expect(run.power_model).toMatchObject({ file: 'host.model', feature: 'cpu_cores', runs: 5 });
      expect(run.predicted_watts_lower).toBeLessThanOrEqual(run.predicted_watts);
      expect(run.predicted_watts_upper).toBeGreaterThanOrEqual(run.predicted_watts);
    }
    expect(stdout).toMatch(
      isMeasured ? /^Power: measured/m : /^Power: modelled, .*: by host\.model, a monotone curve, /m,
    );
    await trained('line.json', 'streams.model');
    const refused = await wattline('measure', '--model', 'streams.model', '--', 'true');
    if (!isMeasured) expect(refused.stderr).toMatch(/predicts by streams; .* \[MODEL_REFUSED\]/);
    const twice = await wattline(
      'measure',
      '--model',
      'host.model',
      '--idle-watts',
      '1',
      '--max-watts',
      '2',
      '--',
      'true',
    );
    expect(twice.stderr).toMatch(/--model: it is expected without --idle-watts/);
  });
});

describeWithPeers('the drawing of wattline evaluate', ['chromium'], () => {
  it('is shown by a browser as it is meant', { timeout: 120_000 }, async () => {
    await trained('line.json', 'shown.model');
    await wattline('evaluate', 'shown.model', 'other.json', '--svg', 'shown.svg');
    const browser = await startChromium();
    try {
      const { page, problems } = await openPage(browser);
      await page.goto(`file://${join(folder.path, 'shown.svg')}`);
      expect(await page.locator('svg .title').allTextContents()).toEqual([
        'power [W] by streams',
        'cpu [cpu] by streams',
      ]);
      // The dot of the legend is one more.
      expect(await page.locator('svg .run').count()).toBe(8);
      expect(await page.locator('svg text').filter({ hasText: 'streams [stream]' }).first().isVisible()).toBe(true);
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
