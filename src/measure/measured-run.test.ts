import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { integrate } from '../figures/integrate.ts';
import { Series } from '../model/series.ts';
import { cgroupMeter } from './cgroup-meter.ts';
import type { CpuMeter } from './cpu-meter.ts';
import { evenRates } from './even-rates.ts';
import type { Interruption } from './interruption.ts';
import { measureRun } from './measured-run.ts';
import { procMeter } from './proc-meter.ts';
import { type EnergyMeter, openRapl } from './rapl.ts';

const INTERVAL = 0.2;
const never = new AbortController().signal;
const undisturbed: Interruption = { stop: never, kill: never };

/** Uses so many seconds of CPU, and says in a file what getrusage gives for itself. */
const busy = (seconds: number, file = '/dev/null') => [
  process.execPath,
  '-e',
  `const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
   while (used() < ${seconds}); fs.writeFileSync(${JSON.stringify(file)}, String(used()));`,
];
const quoted = (words: readonly string[]) => words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

// Where this machine lets no group be made, all of it is measured by /proc alone.
const probe = cgroupMeter();
const groupsFolder = probe && dirname(dirname(probe.wrap([])[3] as string));
await probe?.close();
const meters: (readonly [string, () => CpuMeter])[] = [['/proc', procMeter]];
if (probe) meters.push(['a cgroup', () => cgroupMeter() as CpuMeter]);

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await folder.remove();
  const left = groupsFolder ? await readdir(groupsFolder) : [];
  expect(left.filter((name) => name.startsWith(`wattline-${process.pid}-`))).toEqual([]);
});

describe.each(meters)('measured by %s', (_, open) => {
  async function run(commandLine: readonly string[], more: { limit?: number; energy?: EnergyMeter } = {}) {
    const cpu = open();
    try {
      const measured = await measureRun({
        commandLine,
        stdin: 'ignore',
        interval: INTERVAL,
        limit: more.limit,
        cpu,
        energy: more.energy,
        interruption: undisturbed,
      });
      const { step, rates } = evenRates({ times: measured.times, totals: measured.cpuSeconds }, INTERVAL);
      return { ...measured, integral: integrate(Series.regular([0, 0], step, rates))?.value as number, rates };
    } finally {
      await cpu.close();
    }
  }

  it('a busy loop integrates to what getrusage gives', async () => {
    const file = join(folder.path, 'used');
    const { integral, exitStatus, times, cpuSeconds, duration } = await run(busy(1, file));
    expect(exitStatus).toBe(0);
    const used = Number(await readFile(file, 'utf8'));
    expect(used).toBeGreaterThanOrEqual(1);
    // The process goes on for a moment after it has looked; the ticks of /proc are hundredths of a second.
    expect(Math.abs(integral - used)).toBeLessThan(0.1);
    expect(integral).toBeCloseTo(cpuSeconds.at(-1) as number, 9);
    expect(times.at(-1)).toBe(duration);
    expect(times.length).toBeGreaterThan(2);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect([...cpuSeconds].sort((a, b) => a - b)).toEqual(cpuSeconds);
  });

  it('a tree of processes that come and go integrates to what the shell counts for itself and its children', async () => {
    const file = join(folder.path, 'times');
    const script = `
      ${quoted(busy(0.4))} &
      sh -c "$1; :" &
      i=0; while [ $i -lt 150 ]; do /bin/true; i=$((i+1)); done
      wait
      times > '${file}'`;
    const { integral } = await run(['sh', '-c', script, 'sh', quoted(busy(0.3))]);
    const used = [...(await readFile(file, 'utf8')).matchAll(/(\d+)m([\d.]+)s/g)].reduce(
      (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
      0,
    );
    expect(used).toBeGreaterThan(0.7);
    expect(Math.abs(integral - used)).toBeLessThan(INTERVAL);
  });

  it('a process whose parent has gone is counted still', async () => {
    const file = join(folder.path, 'used');
    const orphan = quoted(busy(0.6, file));
    // The inner shell ends at once, so that nobody of the tree waits for the busy process.
    const script = `sh -c "$1 &"; while [ ! -s '${file}' ]; do sleep 0.05; done`;
    const { integral } = await run(['sh', '-c', script, 'sh', orphan]);
    expect(Math.abs(integral - Number(await readFile(file, 'utf8')))).toBeLessThan(INTERVAL + 0.1);
  });

  it('what its parent did not wait for, since both were stopped together, is counted up to the last sample', async () => {
    const script = `${quoted(busy(60))} & wait`;
    const { integral, exitStatus, stoppedBy, duration, leftBehind } = await run(['sh', '-c', script], { limit: 1.5 });
    expect([stoppedBy, exitStatus, leftBehind]).toEqual(['duration', 143, 0]);
    expect(integral).toBeGreaterThan(0.1);
    expect(integral).toBeLessThan(duration + 0.1);
  });

  it('a command that ends at once has its time, in two samples', async () => {
    const { rates, duration, exitStatus } = await run(['sh', '-c', 'exit 7']);
    expect(exitStatus).toBe(7);
    expect(rates.length).toBe(Math.max(1, Math.round(duration / INTERVAL)) + 1);
    expect(rates.every((rate) => rate >= 0 && Number.isFinite(rate))).toBe(true);
  });

  it('says that processes were left behind, and leaves them', async () => {
    const file = join(folder.path, 'pid');
    const { leftBehind, exitStatus } = await run(['sh', '-c', `sleep 30 & echo $! > '${file}'`]);
    const pid = Number(await readFile(file, 'utf8'));
    expect([leftBehind, exitStatus]).toEqual([1, 0]);
    expect(process.kill(pid, 'SIGKILL')).toBe(true);
  });

  it('energy is what the counter counted meanwhile, wrapped or not', async () => {
    await folder.write({
      'intel-rapl:0/name': 'package-0\n',
      'intel-rapl:0/max_energy_range_uj': '20000000\n',
      'intel-rapl:0/energy_uj': '15000000\n',
    });
    const meter = openRapl(folder.path) as EnergyMeter;
    // 15 J, 17 J, 19 J, then 1 J after the wrap, and so on: 2 J every 0.1 s.
    const script = `let joules = 15; const next = () => {
      joules = (joules + 2) % 20; fs.writeFileSync('energy.new', joules * 1e6 + '\\n'); fs.renameSync('energy.new', 'intel-rapl:0/energy_uj');
    }; for (let i = 1; i <= 8; i++) setTimeout(next, i * 100);`;
    const shell = ['sh', '-c', `cd '${folder.path}' && exec "$@"`, 'sh', process.execPath, '-e', script];
    const { joules, times } = await run(shell, { energy: meter });
    expect(joules?.length).toBe(times.length);
    expect(joules?.at(-1)).toBeCloseTo(16, 9);
  });
});

it('kills a command that does not end when it is asked to', { timeout: 20_000 }, async () => {
  const script = `trap '' TERM; while :; do sleep 0.1; done`;
  const cpu = procMeter();
  const { exitStatus, stoppedBy, leftBehind } = await measureRun({
    commandLine: ['sh', '-c', script],
    stdin: 'ignore',
    interval: INTERVAL,
    limit: 0.3,
    cpu,
    energy: undefined,
    interruption: undisturbed,
  });
  expect([exitStatus, stoppedBy, leftBehind]).toEqual([137, 'duration', 0]);
});
