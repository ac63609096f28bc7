import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** All sets that leave out what one in them beats, and nothing else. */
function setsByForce(all: readonly Shown[]): Shown[][] {
  const subsets = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_, i) => bits & (1 << i)));
  return subsets.filter((set) => all.every((one) => set.includes(one) !== set.some((other) => beats(other, one))));
}

describeWithPeers('advice on settings of real encodes', ['ffmpeg', 'ffmpeg-libvmaf'], () => {
  const presets = ['ultrafast', 'veryfast', 'medium'];
  const bitrates = ['100k', '300k', '900k'];
  let file: string;

  beforeAll(async () => {
    file = join(folder.path, 'test_results_encodes.json');
    const [reference, encoded] = ['reference.mkv', 'out.mp4'].map((name) => join(folder.path, name)) as [
      string,
      string,
    ];
    const source = ['-f', 'lavfi', '-i', 'mandelbrot=size=320x180:rate=25', '-t', '3', '-pix_fmt', 'yuv420p'];
    spawnSync('ffmpeg', [...source, '-c:v', 'ffv1', reference]);
    const video = ['--encoded', encoded, '--vmaf', reference, '--vmaf-ffmpeg', 'ffmpeg-libvmaf', '--content', 'zoom'];
    for (const preset of presets) {
      for (const bitrate of bitrates) {
        const labels = ['--encoder', 'libx264', '--preset', preset, '--bitrate', bitrate, '--interval', '0.1'];
        const x264 = ['-c:v', 'libx264', '-preset', preset, '-b:v', bitrate];
        const command = ['ffmpeg', '-loglevel', 'error', '-y', '-i', reference, ...x264, encoded];
        const { code, stderr } = await runWattline([
          'measure',
          ...labels,
          ...video,
          '--output',
          file,
          '--',
          ...command,
        ]);
        expect(code, stderr).toBe(0);
      }
    }
  });

  it('names the set that trying all sets finds, and the cheapest that holds the wanted quality', async () => {
    const { scenarios } = JSON.parse(await readFile(file, 'utf8'));
    const scores = scenarios
      .map(({ vmaf_score: score }: { vmaf_score: number }) => score)
      .sort((a: number, b: number) => a - b);
    const wanted = Math.floor(scores[5]);
    const [{ settings }] = JSON.parse(await advise(file, '--json', '--vmaf', String(wanted))).settings;
    expect(settings).toHaveLength(9);
    for (const { bitrate, preset, energy_joules: energy, vmaf } of settings as Shown[]) {
      const run = scenarios.find((one: Shown) => one.bitrate === bitrate && one.preset === preset);
      const { power_watts: watts, step_seconds: step } = run as { power_watts: number[]; step_seconds: number };
      const joules = watts.slice(1).reduce((sum, power, i) => sum + (step * (power + (watts[i] as number))) / 2, 0);
      expect(energy.mean / joules).toBeCloseTo(1, 9);
      expect(vmaf.mean).toBe(run.vmaf_score);
    }
    expect(setsByForce(settings)).toEqual([settings.filter((one: Shown) => one.non_dominated)]);
    const good = settings.filter(({ vmaf }: Shown) => vmaf.mean >= wanted);
    const least = Math.min(...good.map(({ usd }: Shown) => usd.mean));
    expect(settings.filter((one: Shown) => one.cheapest).map(({ usd }: Shown) => usd.mean)).toEqual([least]);
  });

  it('compares presets at equal quality, and gives no advice on one run of each', async () => {
    const text = await advise(file, '--verbose', '--joules-per-bit', '1e-7');
    expect(text).toMatch(/^zoom, vmaf_v0.6.1, modelled: a run with each setting/m);
    expect(text).toMatch(/^encoder .*energy \[J\] at VMAF .*BD-rate \[%\] +BD-energy \[%\] +least energy/m);
    for (const preset of presets) expect(text).toMatch(new RegExp(`^libx264 ${preset} +[\\d.]+ +[\\d.]+ `, 'm'));
    expect(text).toContain(
      'settings, too_few_runs: zoom, vmaf_v0.6.1, modelled: fewer than two settings have 3 runs or more',
    );
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

  it('is silent where noise hides the best', async () => {
    const scenarios = results({ slow: 30.1, medium: 30, fast: 29.9 });
    await folder.write({ 'noise.json': JSON.stringify({ scenarios }) });
    const text = await advise(join(folder.path, 'noise.json'), '--verbose');
    expect(text).toContain('No advice on 15 runs');
    expect(text).toContain('settings, within_noise: bbb: what differs between its settings may be noise');
  });
});
