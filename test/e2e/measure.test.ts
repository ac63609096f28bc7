import { spawnSync } from 'node:child_process';
import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { integrate } from '../../src/figures/index.ts';
import { Series } from '../../src/model/series.ts';
import { projectRoot } from '../kit/checkout.ts';
import { startProcess } from '../kit/child-process.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runOnce, runWattline } from '../kit/wattline-process.ts';

const CLI = join(projectRoot, 'src/cli.ts');

let folder: TemporaryFolder;
let output: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  output = join(folder.path, 'test_results_measured.json');
});
afterEach(() => folder.remove());

const measure = (...args: string[]) => runWattline(['measure', ...args]);
const results = async () => JSON.parse(await readFile(output, 'utf8'));

/** The cells of the printed line that starts with a label. */
function line(text: string, label: string): string[] {
  const found = text.split('\n').find((candidate) => candidate.startsWith(`│ ${label}`));
  return (found ?? '').split('│').flatMap((cell) => cell.trim() || []);
}

describe('wattline measure', () => {
  it('prints what a command came to, and writes what the pipeline comes to the same with', async () => {
    const options = ['--name', 'test1', '--streams', '2', '--region', 'eu-west-1', '--encoder', 'none', '--interval'];
    const command = ['sh', '-c', 'echo from the command; exec timeout 0.7 sh -c "while :; do :; done"'];
    const { stdout, stderr } = await measure(...options, '100ms', '--output', output, '--', ...command);
    expect(stderr).toBe('from the command\n');
    expect(stdout).not.toContain('from the command');
    expect(stdout).toMatch(/^CPU: measured, by /m);
    expect(stdout).toMatch(/^Power: (modelled, not measured \(.*\): a line from|measured, by RAPL\.)/m);
    const { scenarios, test_date } = await results();
    expect(Date.parse(test_date)).toBeGreaterThan(1.7e12);
    expect(scenarios).toMatchObject([
      { name: 'test1', streams: 2, region: 'eu-west-1', encoder_type: 'none', program: 'sh', exit_status: 124 },
    ]);
    const [{ power, power_source: source }] = scenarios;
    expect({ rapl: 'measured', model: 'modelled' }).toHaveProperty(source, power);
    expect(line(stdout, 'power')).toEqual(['power', power]);
    expect(stdout).toContain(`\nPower: ${power}, `);
    expect(scenarios[0]).not.toHaveProperty('command');
    const { code, stdout: piped } = await runOnce({
      config: `
receivers: { file: { include: [${JSON.stringify(output)}] } }
processors: { cost: {}, co2: {} }
exporters: { debug: { summary: true } }
service: { pipelines: { metrics: { receivers: [file], processors: [cost, co2], exporters: [debug] } } }
`,
    });
    expect(code).toBe(0);
    for (const [ours, theirs] of [
      ['energy [kWh]', 'energy \\[kWh\\]'],
      ['CPU [core-h]', 'CPU \\[core-h\\]'],
      ['total cost [USD]', 'cost_total_load_aware'],
      ['emissions [kg CO2e]', 'co2_emissions_kg'],
    ] as const) {
      const value = Number(new RegExp(`${theirs}\\D+([\\d.e-]+)`).exec(piped)?.[1]);
      expect(value, theirs).toBeGreaterThan(0);
      expect(Number(line(stdout, ours)[1]) / value, ours).toBeCloseTo(1, 2);
    }
  });

  it("ends with the command's exit status, having written what it measured", async () => {
    const { code, stdout } = await measure('--output', output, '--repeat', '3', '--', 'sh', '-c', 'exit 3');
    expect(code).toBe(3);
    expect(stdout).toContain('sh #1 failed with exit status 3; 2 more runs were not made.');
    expect((await results()).scenarios).toMatchObject([{ name: 'sh #1', exit_status: 3 }]);
    expect((await measure('--', 'sh', '-c', 'kill -9 $$')).code).toBe(137);
  });

  it('stops the command when its time is up, which is no failure', async () => {
    const { code } = await measure('--duration', '0.5', '--interval', '0.1', '--output', output, '--', 'sleep', '60');
    expect(code).toBe(0);
    const [{ stopped_by, duration, step_seconds, cpu_usage_cores, start_time, end_time }] = (await results()).scenarios;
    expect(stopped_by).toBe('duration');
    expect(duration).toBeGreaterThanOrEqual(0.5);
    expect(step_seconds * (cpu_usage_cores.length - 1)).toBeCloseTo(duration, 5);
    expect(end_time - start_time).toBeCloseTo(duration, 5);
  });

  it('hands Ctrl-C on, and writes what it has measured until then', async () => {
    const script = `process.on('SIGINT', () => { console.log('asked to stop'); process.exit(0); });
      setInterval(() => {}, 1000); console.log('ready ' + process.pid);`;
    const args = [
      'measure',
      '--interval',
      '0.1',
      '--repeat',
      '3',
      '--output',
      output,
      '--',
      process.execPath,
      '-e',
      script,
    ];
    const child = startProcess(process.execPath, [CLI, ...args]);
    await expect.poll(child.stderr, { timeout: 20_000 }).toMatch(/ready \d+/);
    expect(await child.stop('SIGINT')).toBe(130);
    expect(child.stderr()).toContain('asked to stop');
    expect(child.stdout()).toMatch(/Stopped by SIGINT: node #1 was cut off after .* s; 2 more runs were not made\./);
    expect((await results()).scenarios).toMatchObject([{ name: 'node #1', stopped_by: 'SIGINT', exit_status: 0 }]);
    const pid = Number(/ready (\d+)/.exec(child.stderr())?.[1]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('kills a command that goes on after Ctrl-C, where it is typed again', async () => {
    const script = `trap '' INT; echo ready; while :; do sleep 0.1; done`;
    const child = startProcess(process.execPath, [CLI, 'measure', '--output', output, '--', 'sh', '-c', script]);
    await expect.poll(child.stderr, { timeout: 20_000 }).toContain('ready');
    const ended = child.stop('SIGINT');
    // One keystroke may reach it twice, by the terminal and by npm: only what comes later is a second one.
    await sleep(1000);
    await child.stop('SIGINT');
    expect(await ended).toBe(130);
    expect((await results()).scenarios).toMatchObject([{ name: 'sh', stopped_by: 'SIGINT', exit_status: 137 }]);
  });

  it('lets the command read standard input where it is not a terminal', () => {
    const args = [CLI, 'measure', '--', 'cat'];
    const { stderr, status } = spawnSync(process.execPath, args, { input: 'from outside', encoding: 'utf8' });
    expect([stderr, status]).toEqual(['from outside', 0]);
  });

  it('repeats, with mean and standard deviation, and adds to the file that is there', async () => {
    await folder.write({ 'test_results_measured.json': '{"note": "kept", "scenarios": [{"name": "older"}]}' });
    const { stdout, stderr, code } = await measure(
      '--repeat',
      '3',
      '--name',
      'x',
      '--output',
      output,
      '--',
      'sleep',
      '0.2',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('wattline: run 3 of 3: x #3\n');
    const cells = line(stdout, 'duration [s]').slice(1).map(Number);
    expect(cells).toHaveLength(5);
    const [first = 0, second = 0, third = 0, mean = 0, deviation = 0] = cells;
    expect(mean).toBeCloseTo((first + second + third) / 3, 3);
    const squares = [first, second, third].reduce((sum, value) => sum + (value - mean) ** 2, 0);
    expect(deviation).toBeCloseTo(Math.sqrt(squares / 2), 3);
    const { note, scenarios } = await results();
    expect([note, scenarios.map(({ name }: { name: string }) => name)]).toEqual([
      'kept',
      ['older', 'x #1', 'x #2', 'x #3'],
    ]);
  });

  it('compares two commands, in turn', async () => {
    const names = ['--name', 'short', '--name', 'long', '--streams', '1', '--streams', '2'];
    const args = [
      '--compare',
      '--repeat',
      '2',
      ...names,
      '--output',
      output,
      '--',
      'sleep',
      '0.1',
      '--',
      'sleep',
      '0.4',
    ];
    const { stdout, code } = await measure(...args);
    expect(code).toBe(0);
    expect((await results()).scenarios).toMatchObject([
      { name: 'short #1', streams: 1 },
      { name: 'long #1', streams: 2 },
      { name: 'short #2', streams: 1 },
      { name: 'long #2', streams: 2 },
    ]);
    const difference = stdout.slice(stdout.indexOf('long − short'));
    expect(line(difference, 'duration [s]')[3]).toMatch(/^\+0\.[23]\d* ± /);
  });

  it('starts nothing where it could not end well', async () => {
    const missing = await measure('--output', output, '--', 'no-such-program');
    expect([missing.code, missing.stdout, missing.stderr]).toEqual([
      1,
      '',
      'cannot measure `no-such-program`: there is no such program on the PATH [START_FAILED]\n',
    ]);
    await expect(readFile(output)).rejects.toThrow('ENOENT');
    await folder.write({ 'test_results_measured.json': 'not results' });
    const ran = join(folder.path, 'ran');
    const refused = await measure('--output', output, '--', 'touch', ran);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(
      /^results cannot be written to .*: it must be a JSON document .* \[START_FAILED\]\n$/,
    );
    await expect(readFile(ran)).rejects.toThrow('ENOENT');
    const wrong = await measure('--repeat', 'x', '--region', 'mars', '--', 'touch', ran);
    expect(wrong.stderr).toContain('2 problems found');
    expect((await measure()).stderr).toContain("missing required argument 'command'");
  });
});

describeWithPeers('wattline measure with ffmpeg', ['ffmpeg'], () => {
  it("counts the CPU time of an encode as ffmpeg's own benchmark does", async () => {
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=6'];
    const ffmpeg = ['ffmpeg', '-hide_banner', '-benchmark', ...source, '-c:v', 'libx264', '-f', 'null', '-'];
    const options = ['--encoder', 'libx264', '--interval', '0.2', '--record-command', '--output', output];
    const { code, stderr } = await measure(...options, '--', ...ffmpeg);
    expect(code, stderr).toBe(0);
    const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
    const own = Number(user) + Number(system);
    const [{ cpu_usage_cores, step_seconds, command, encoder_type }] = (await results()).scenarios;
    expect([command, encoder_type]).toEqual([ffmpeg, 'libx264']);
    const series = Series.regular([0, 0], step_seconds, Float64Array.from(cpu_usage_cores));
    // The benchmark leaves out the start of the program and its end, which a busy machine makes longer.
    expect(own).toBeGreaterThan(1);
    expect(Math.abs((integrate(series)?.value as number) - own)).toBeLessThan(0.4);
  });
});

describeWithPeers('wattline measure of a video', ['ffmpeg', 'ffmpeg-libvmaf'], () => {
  let reference: string;
  let encoded: string;
  beforeEach(async () => {
    reference = join(folder.path, 'source.mkv');
    encoded = join(folder.path, 'out.mp4');
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1', '-c:v', 'ffv1', reference];
    spawnSync('ffmpeg', source);
  });

  const encode = (...options: string[]) => ['ffmpeg', '-y', '-i', reference, ...options, encoded];
  const measureVideo = (ffmpeg: string, ...args: string[]) =>
    measure('--output', output, '--encoded', encoded, '--vmaf', reference, '--vmaf-ffmpeg', ffmpeg, ...args);

  /** Writes a program of its own in place of ffmpeg. */
  const program = async (script: string) => {
    await folder.write({ ffmpeg: `#!/bin/sh\n${script}\n` });
    const path = join(folder.path, 'ffmpeg');
    await chmod(path, 0o755);
    return path;
  };

  it('writes what was encoded, its size and its VMAF, which is computed after the run', async () => {
    const labels = ['--encoder', 'libx264', '--preset', 'veryfast', '--crf', '30'];
    const x264 = encode('-c:v', 'libx264', '-preset', 'veryfast', '-crf', '30');
    const calls = join(folder.path, 'calls');
    const noting = await program(`date +%s.%N >>${calls}; exec ffmpeg-libvmaf "$@"`);
    const { code, stdout } = await measureVideo(noting, ...labels, '--', ...x264);
    expect(code).toBe(0);
    const [run] = (await results()).scenarios;
    expect(stdout).toMatch(/^Video of ffmpeg: [\d.]+ kbit\/s, VMAF [\d.]+ \(vmaf_v0\.6\.1\)\.$/m);
    // The first call asks for its filters, before the run.
    const [asked, ...after] = (await readFile(calls, 'utf8')).trim().split('\n').map(Number);
    expect(asked).toBeLessThan(run.start_time + 0.001);
    for (const time of after) expect(time).toBeGreaterThan(run.end_time - 0.001);
    expect(after).toHaveLength(3);
    expect(run).toMatchObject({ content: 'source.mkv', preset: 'veryfast', crf: 30, vmaf_model: 'vmaf_v0.6.1' });
    // One second: its bits are its rate.
    expect(run.output_bits_per_second).toBe(8 * run.output_bytes);
    expect(run.output_bytes).toBeLessThan((await stat(encoded)).size);
    const inputs = ['-i', encoded, '-i', reference];
    const { stderr } = spawnSync('ffmpeg-libvmaf', [...inputs, '-lavfi', 'libvmaf', '-f', 'null', '-'], {
      encoding: 'utf8',
    });
    expect(run.vmaf_score).toBeCloseTo(Number(/VMAF score: ([\d.]+)/.exec(stderr)?.[1]), 3);
    expect(run.vmaf_score).toBeGreaterThan(20);
  });

  it('writes the run without what cannot be known, and says why', async () => {
    const lacking = await program('exec ffmpeg "$@" | grep -v libvmaf');
    const without = await measureVideo(lacking, '--', ...encode('-r', '25'));
    expect(without.stdout).toContain(`VMAF: not computed, since ${lacking} was built without libvmaf; PyPI`);
    const absent = await measureVideo(join(folder.path, 'no-ffmpeg'), '--', ...encode('-r', '25'));
    expect(absent.stdout).toContain(
      `no-ffmpeg; install ffmpeg, or name one by --vmaf-ffmpeg; PyPI's imageio-ffmpeg has`,
    );
    expect(absent.stdout).toMatch(
      /ffmpeg was written without the size of its video: there is no program .*no-ffmpeg; /,
    );
    const half = await measureVideo('ffmpeg-libvmaf', '--', ...encode('-t', '0.4'));
    expect(half.stdout).toMatch(/ffmpeg was written without its VMAF: .*out\.mp4 has 10 frames and .*source\.mkv 25; /);
    const none = await measureVideo('ffmpeg-libvmaf', '--', 'true');
    expect(none.stdout).toContain('true was written without the size of its video and its VMAF: the run did not write');
    expect([without.code, absent.code, half.code, none.code]).toEqual([0, 0, 0, 0]);
    const { scenarios } = await results();
    expect(scenarios.map((run: object) => ['output_bytes' in run, 'vmaf_score' in run])).toEqual([
      [true, false],
      [false, false],
      [true, false],
      [false, false],
    ]);
  });

  it('compares a smaller picture at the size of the reference', async () => {
    await measureVideo('ffmpeg-libvmaf', '--', ...encode('-vf', 'scale=160:90'));
    const [{ vmaf_score: score }] = (await results()).scenarios;
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThan(95);
  });

  it('starts nothing where the reference is missing', async () => {
    const missing = await measure('--encoded', encoded, '--vmaf', `${reference}.no`, '--', ...encode());
    expect(missing.stderr).toMatch(/^the video of --vmaf cannot be read: ENOENT.* \[START_FAILED\]\n$/);
    await expect(stat(encoded)).rejects.toThrow('ENOENT');
  });
});

it('the bundled results say what was measured and what was modelled, and are what they say', async () => {
  const file = join(projectRoot, 'config/quickstart/test_results_quickstart.json');
  const { scenarios, ...header } = JSON.parse(await readFile(file, 'utf8'));
  expect(Object.keys(header)).toEqual(['test_date', 'measured', 'modelled', 'labels', 'made_by']);
  expect(header.made_by).toContain('config/quickstart/measure-encodes.sh, with wattline measure and ffmpeg');
  const measured = scenarios.slice(0, -1);
  expect(measured).toHaveLength(6);
  for (const {
    name,
    power,
    power_model: curve,
    power_watts,
    cpu_usage_cores,
    step_seconds,
    duration,
    exit_status,
  } of measured) {
    expect([exit_status, power], name).toEqual([0, 'modelled']);
    expect(step_seconds * (cpu_usage_cores.length - 1)).toBeCloseTo(duration, 5);
    const slope = (curve.max_watts - curve.idle_watts) / curve.logical_cpus;
    const modelled = cpu_usage_cores.map((cores: number) => curve.idle_watts + slope * cores);
    power_watts.forEach((watts: number, index: number) => {
      expect(watts, name).toBeCloseTo(modelled[index], 5);
    });
  }
  expect(scenarios.at(-1)).not.toHaveProperty('power_watts');
});
