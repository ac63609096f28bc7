import { afterEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../../kit/checkout.ts';
import { startProcess } from '../../kit/child-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../../kit/temporary-folder.ts';
import { splitsOf } from './errors.ts';
import { atMostHeld } from './intervals.ts';
import { readCurveSets } from './measured-curves.ts';
import { goalsOf, measureAll } from './report.ts';

let folder: TemporaryFolder | undefined;

afterEach(async () => {
  await folder?.remove();
  folder = undefined;
});

const LOADS = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
const cpuLoad = (watts: (load: number) => number, plug = (_: number) => 0) =>
  ['task_name,cpu_load,rapl_power,tapo_power', ...LOADS.map((x) => `Load,${x},${watts(x)},${plug(x)}`)].join('\n');
const bent = cpuLoad((load) => 5 + 4 * Math.sqrt(load));
const wild = cpuLoad((load) => (load % 20 === 0 ? 10 : 90));

describe('measured curves', () => {
  it('are read of each kind of file, in rising order of x, without what measured something else', async () => {
    folder = await temporaryFolder({
      'codecarbon-cpu-load/a.csv': cpuLoad(
        (load) => load,
        (load) => (load > 20 ? 50 + load : 0),
      ),
      'codecarbon-cpu-load/b.csv': bent,
      'ffmpeg-rtmp/run_analysis.csv': `name,mean_power_w
8 Streams @ 5000k,40
Multi-resolution ladder test 1080p+720p+480p @ 5000k,17
4 Streams @ 5000k,30
2 Streams @ 5000k,20
1 Streams @ 5000k,15
Baseline (Idle),10
`,
      'ffmpeg-rtmp/short_analysis.csv': 'name,mean_power_w\nBaseline (Idle),10\n',
      'greem/gpu5_nvenc_concurrency_summary.csv': `codec,num_videos,mean_cpu_power_w,mean_gpu_power_w
${['h264', 'h265'].flatMap((codec) => [2, 4, 6, 8, 10].map((n) => `${codec},${n},100,${n}`)).join('\n')}
`,
    });
    const sets = await readCurveSets(folder.path);
    expect(sets.map(({ name, curves }) => [name, ...curves.map((curve) => curve.name)])).toEqual([
      ['CPU package over CPU load', 'a', 'b'],
      ['wall plug over CPU load', 'a'],
      ['host over streams of ffmpeg', 'run_analysis'],
      [
        'CPU and GPUs over concurrent encodes',
        'gpu5_nvenc_concurrency_summary h264',
        'gpu5_nvenc_concurrency_summary h265',
      ],
    ]);
    expect(sets[1]?.curves[0]?.points[0]).toEqual({ x: 30, y: 80 });
    expect(sets[2]?.curves[0]?.points).toEqual([10, 15, 20, 30, 40].map((y, i) => ({ x: [0, 1, 2, 4, 8][i], y })));
    expect(sets[3]?.curves[0]?.points[1]).toEqual({ x: 4, y: 104 });
  });

  it('are refused where a row has no number', async () => {
    folder = await temporaryFolder({ 'codecarbon-cpu-load/a.csv': bent.replace('Load,50', 'Load,half') });
    await expect(readCurveSets(folder.path)).rejects.toThrow('codecarbon-cpu-load/a.csv has a row without numbers');
  });
});

describe('splits of a curve', () => {
  const curve = { name: 'a', points: LOADS.map((x) => ({ x, y: x })) };

  it('learn from as many points as they say, and from no point that they test', () => {
    for (const { known, others } of splitsOf(curve, { of: 'random', points: 5 })) {
      expect(known).toHaveLength(5);
      expect([...known, ...others].map(({ x }) => x).sort((a, b) => a - b)).toEqual(LOADS);
    }
    expect(splitsOf(curve, { of: 'random', points: 11 })).toEqual([]);
    expect(splitsOf(curve, { of: 'all but one' }).map(({ others }) => others[0]?.x)).toEqual(LOADS);
  });

  it('with both ends learn from them, and are the same each time', () => {
    const splits = splitsOf(curve, { of: 'both ends', points: 4 });
    expect(splits.every(({ known }) => known[0]?.x === 0 && known.at(-1)?.x === 100)).toBe(true);
    expect(splitsOf(curve, { of: 'both ends', points: 4 })).toEqual(splits);
  });
});

describe('goals', () => {
  it('are judged by what was measured, and not where there are no data for them', async () => {
    folder = await temporaryFolder({ 'codecarbon-cpu-load/a.csv': bent, 'codecarbon-cpu-load/b.csv': bent });
    const report = measureAll(await readCurveSets(folder.path));
    expect(goalsOf(report).map(({ holds }) => holds)).toEqual([true, true, true, true, true, true]);
    expect(report.coverage.get('auto')?.points).toBe(22);
    const missed = { ...report, flags: { outside: 9, flagged: 8, inside: 5, falselyFlagged: 1 } };
    expect(goalsOf(missed).map(({ holds }) => holds)).toEqual([true, true, true, true, false, false]);
    const few = { ...report, coverage: new Map([['auto', { held: 12, points: 22, width: 1 }]]) };
    expect(goalsOf(few)[3]).toMatchObject({ measured: '12 of 22 points, 0.0 %', holds: false });
  });

  it.each([
    // scipy 1.17.1, `binom.cdf`.
    [139, 149, 0.9, 0.9368926565536635],
    [124, 149, 0.9, 0.0070259891158915184],
    [5, 5, 0.9, 1],
    [80, 100, 0.9, 0.001978560865771225],
    [300, 320, 0.95, 0.1823213616373857],
  ])('take the chance that at most %i of %i hold as the binomial distribution has it', (held, n, level, chance) => {
    expect(atMostHeld(held, n, level)).toBeCloseTo(chance, 9);
  });
});

describe('the bench', () => {
  const run = async (path: string) => {
    const bench = startProcess(process.execPath, ['test/bench/prediction.ts', path], { cwd: projectRoot });
    return { status: await bench.exited, stdout: bench.stdout(), stderr: bench.stderr() };
  };

  it('prints tables, and ends with 0 where all goals hold', async () => {
    folder = await temporaryFolder({ 'codecarbon-cpu-load/a.csv': bent });
    const { status, stdout } = await run(folder.path);
    expect(stdout).toContain('| curves | learnt from | trials | linear, % | power, % | auto, % |');
    expect(stdout).toContain('| CPU package over CPU load | 5 points, both ends | 200 |');
    expect(stdout).not.toContain('**no**');
    expect(status).toBe(0);
  });

  it('ends with 1 where one does not', async () => {
    folder = await temporaryFolder({ 'codecarbon-cpu-load/a.csv': wild });
    const { status, stdout } = await run(folder.path);
    expect(stdout).toContain('**no**');
    expect(status).toBe(1);
  });

  it('ends with 2 where there is nothing to measure, and says what to do', async () => {
    folder = await temporaryFolder();
    const { status, stderr } = await run(folder.path);
    expect(stderr).toBe(
      `${folder.path} has no measured curves: put codecarbon-cpu-load/*.csv, ffmpeg-rtmp/*_analysis.csv, greem/gpu5_nvenc_concurrency_summary.csv there, or name the folder that has them\n`,
    );
    expect(status).toBe(2);
  });
});
