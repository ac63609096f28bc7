import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { randomNumbers } from '../kit/random-numbers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const advise = async (file: string, ...options: string[]) => {
  const { stdout, stderr } = await runWattline(['advise', file, '--kind', 'settings', ...options]);
  expect(stderr).toBe('');
  return stdout;
};

/** A setting as JSON has it. */
interface Shown {
  readonly non_dominated: boolean;
  readonly cheapest: boolean;
  readonly preset: string;
  readonly bitrate: string;
  readonly vmaf: { readonly mean: number };
  readonly usd: { readonly mean: number };
  readonly energy_joules: { readonly mean: number };
  readonly co2_kg: { readonly mean: number };
}

const amountsOf = ({ usd, energy_joules: energy, co2_kg: co2 }: Shown) => [usd.mean, energy.mean, co2.mean];

/** Whether the first is as good as the second with a VMAF of up to 1 point less, and better in something. */
function beats(first: Shown, second: Shown): boolean {
  const pairs = amountsOf(first).map((amount, i) => [amount, amountsOf(second)[i] as number] as const);
  if (first.vmaf.mean < second.vmaf.mean - 1 || pairs.some(([a, b]) => a > b)) return false;
  return first.vmaf.mean > second.vmaf.mean + 1 || pairs.some(([a, b]) => a < b);
}

/** A run of a results file. */
interface Measured {
  readonly preset: string;
  readonly bitrate: string;
  readonly vmaf_score: number;
  readonly power_watts: readonly number[];
  readonly step_seconds: number;
}

function joulesOf({ power_watts: watts, step_seconds: step }: Measured): number {
  return watts.slice(1).reduce((sum, power, i) => sum + (step * (power + (watts[i] as number))) / 2, 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** All sets that leave out what one in them beats, and nothing else. */
function setsByForce(all: readonly Shown[]): Shown[][] {
  const subsets = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_, i) => bits & (1 << i)));
  return subsets.filter((set) => all.every((one) => set.includes(one) !== set.some((other) => beats(other, one))));
}

describeWithPeers('advice on settings of real encodes', ['ffmpeg', 'ffmpeg-libvmaf'], () => {
  const presets = ['ultrafast', 'veryfast', 'medium'];
  let file: string;
  /** What the last command of the README prints. */
  let printed: string;

  beforeAll(async () => {
    file = join(folder.path, 'test_results_zoom.json');
    const readme = await readFile(join(projectRoot, 'src/advice/settings/README.md'), 'utf8');
    const [, commands = ''] = /^```\n(.*?)^```$/ms.exec(readme) ?? [];
    const wattline = `wattline() { "${process.execPath}" "${join(projectRoot, 'src/cli.ts')}" "$@"; }`;
    const shell = startProcess('sh', ['-euc', `${wattline}\n${commands}`], { cwd: folder.path });
    expect(await shell.exited, shell.stderr()).toBe(0);
    printed = shell.stdout();
  }, 600_000);

  it('names the set that trying all sets finds, and the cheapest that holds the wanted quality', async () => {
    const { scenarios } = JSON.parse(await readFile(file, 'utf8'));
    expect(scenarios).toHaveLength(27);
    const scores = scenarios
      .map(({ vmaf_score: score }: { vmaf_score: number }) => score)
      .sort((a: number, b: number) => a - b);
    const wanted = Math.floor(scores[17]);
    const [{ settings }] = JSON.parse(await advise(file, '--json', '--vmaf', String(wanted))).settings;
    expect(settings).toHaveLength(9);
    for (const { bitrate, preset, energy_joules: energy, vmaf } of settings as Shown[]) {
      const runs = scenarios.filter((one: Measured) => one.bitrate === bitrate && one.preset === preset);
      expect(runs).toHaveLength(3);
      expect(energy.mean / meanOf(runs.map(joulesOf))).toBeCloseTo(1, 9);
      expect(vmaf.mean / meanOf(runs.map((one: Measured) => one.vmaf_score))).toBeCloseTo(1, 9);
    }
    expect(setsByForce(settings)).toEqual([settings.filter((one: Shown) => one.non_dominated)]);
    const good = settings.filter(({ vmaf }: Shown) => vmaf.mean >= wanted);
    const least = Math.min(...good.map(({ usd }: Shown) => usd.mean));
    expect(settings.filter((one: Shown) => one.cheapest).map(({ usd }: Shown) => usd.mean)).toEqual([least]);
  });

  it('compares presets at equal quality, and says from how many views on the dearer encode pays', async () => {
    expect(printed).toMatch(/^zoom, vmaf_v0.6.1, modelled: a run with each setting/m);
    expect(printed).toMatch(/^encoder .*energy \[J\] at VMAF 85 .*BD-rate \[%\] +BD-energy \[%\] +least energy/m);
    for (const preset of presets) expect(printed).toMatch(new RegExp(`^libx264 ${preset} +[\\d.]+ +[\\d.]+ `, 'm'));
  });

  it('gives no advice on one run of each setting', async () => {
    const { scenarios } = JSON.parse(await readFile(file, 'utf8'));
    const once = scenarios.filter((_: unknown, i: number) => i % 3 === 0);
    await folder.write({ 'once.json': JSON.stringify({ scenarios: once }) });
    const text = await advise(join(folder.path, 'once.json'), '--verbose');
    expect(text).toContain('No advice on 9 runs');
    expect(text).toContain('too_few_runs: zoom, vmaf_v0.6.1, modelled: fewer than two settings have 3 runs or more');
  });
});

describe('advice on settings of self-made runs', () => {
  const draw = randomNumbers(16);

  /** Results of five runs of each of three presets, the last of which is best. */
  function results(presets: Readonly<Record<string, number>>): object[] {
    return Object.entries(presets).flatMap(([preset, watts]) =>
      Array.from({ length: 5 }, (_, i) => {
        const power = watts * (0.98 + 0.04 * draw());
        return {
          ...{
            name: `${preset} #${i}`,
            content: 'bbb',
            encoder_type: 'libx264',
            preset,
            bitrate: '2M',
            vmaf_score: 93,
          },
          ...{ start_time: 1_796_000_000 + 100 * i, step_seconds: 10, output_bits_per_second: 2e6 },
          ...{ power_watts: [power, power, power], cpu_usage_cores: [power / 10, power / 10, power / 10] },
        };
      }),
    );
  }

  it('finds the best in noise, and saves the difference of two full valuations', async () => {
    const scenarios = results({ slow: 90, medium: 60, fast: 30 });
    await folder.write({ 'known.json': JSON.stringify({ scenarios }) });
    const { advice, before, saved } = JSON.parse(await advise(join(folder.path, 'known.json'), '--json'));
    expect(advice.map(({ id }: { id: string }) => id)).toEqual([
      'settings-bbb-libx264-slow-2M-to-libx264-fast-2M',
      'settings-bbb-libx264-medium-2M-to-libx264-fast-2M',
    ]);
    const fast = scenarios.slice(10);
    await folder.write({ 'then.json': JSON.stringify({ scenarios: [...fast, ...fast, ...fast] }) });
    const then = JSON.parse(await advise(join(folder.path, 'then.json'), '--json'));
    for (const name of ['usd', 'energy_joules', 'co2_kg']) {
      const difference = before[name].value - then.before[name].value;
      expect(Math.abs(saved[name].value / difference - 1), name).toBeLessThan(1e-12);
      for (const { saves } of advice) {
        expect(saves[name].lower).toBeLessThan(saves[name].value);
        expect(saves[name].upper).toBeGreaterThan(saves[name].value);
        expect(saves[name].lower).toBeGreaterThan(0);
      }
    }
  });

  it.each([
    [['--vmaf', '101'], 'error: --vmaf must be a score from 0 to 100'],
    [['--views', '10'], 'error: --views needs --joules-per-bit, the energy that delivers a bit to a viewer'],
    [['--joules-per-bit', 'x'], 'It must be a number of 0 or more.'],
  ])('refuses %j', async (options, message) => {
    const { code, stdout, stderr } = await runWattline(['advise', 'x.json', ...options]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });

  it('is silent where noise hides the best', async () => {
    const scenarios = results({ slow: 30.1, medium: 30, fast: 29.9 });
    await folder.write({ 'noise.json': JSON.stringify({ scenarios }) });
    const text = await advise(join(folder.path, 'noise.json'), '--verbose');
    expect(text).toContain('No advice on 15 runs');
    expect(text).toContain('settings, within_noise: bbb: what differs between its settings may be noise');
  });
});
