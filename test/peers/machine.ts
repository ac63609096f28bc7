import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../kit/temporary-folder.ts';

/** What a machine has used since it was booted. */
export interface Used {
  /** Core-seconds, over both of its CPUs; 0.02 are the least that it can tell. */
  readonly cpu?: number;
  /** Joules by the names of the zones of RAPL, such as `dram of package-1`, each package before its parts. Registers overflow. */
  readonly joules?: Readonly<Record<string, number>>;
}

/** A machine as the files of its kernel show it. */
export interface Machine {
  /** The folder that holds its `proc` and `sys`. */
  readonly root: string;
  /** Shows from now on that it has used so much. */
  show(used: Used): Promise<void>;
}

const CPUS = 2;
const numbers = Array.from({ length: CPUS }, (_, number) => number);
/** The kernel counts CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;
/** What `max_energy_range_uj` says on most of Intel's machines, beyond which their registers begin at 0 again. */
const RANGE = 262_143_328_850;

/** Makes the files of a machine, until the end of the test. */
export async function startMachine(used: Used): Promise<Machine> {
  const folder = await temporaryFolder({
    ...Object.fromEntries(numbers.map((number) => [`sys/devices/system/cpu/cpu${number}/online`, '1\n'])),
    'proc/cpuinfo': numbers.map((number) => `processor\t: ${number}\nphysical id\t: 0\n\n`).join(''),
    'proc/modules': 'intel_rapl_common 16384 0 - Live 0x0000000000000000\n',
  });
  onTestFinished(folder.remove);
  const bootTime = Math.floor(Date.now() / 1000) - 86_400;
  const show: Machine['show'] = async ({ cpu = 0, joules = {} }) => {
    const files: Record<string, string> = { 'proc/stat': stat(cpu, bootTime) };
    for (const [place, zone, value] of zonesOf(joules)) {
      const path = `sys/class/powercap/${place}`;
      files[`${path}/name`] = `${zone}\n`;
      files[`${path}/max_energy_range_uj`] = `${RANGE}\n`;
      files[`${path}/energy_uj`] = `${Math.round(value * 1e6) % RANGE}\n`;
    }
    // Nobody reads a file by half.
    await folder.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`${path}.new`, text])));
    for (const path of Object.keys(files)) await rename(join(folder.path, `${path}.new`), join(folder.path, path));
  };
  await show(used);
  return { root: folder.path, show };
}

/** The zones of RAPL, each in its folder: packages and platforms are of the machine, other zones of the package before. */
function zonesOf(joules: Readonly<Record<string, number>>): [folder: string, zone: string, joules: number][] {
  let [outer, inner] = [-1, 0];
  return Object.entries(joules).map(([zone, value]) => {
    const isOuter = /^(package|psys)/.test(zone);
    [outer, inner] = isOuter ? [outer + 1, 0] : [outer, inner + 1];
    const folder = isOuter ? `intel-rapl:${outer}` : `intel-rapl:${outer}:${inner - 1}`;
    return [folder, zone.replace(/ of .*/, ''), value];
  });
}

/** The kernel's `/proc/stat` (proc(5)) of a machine whose CPUs have all worked for as long. */
function stat(seconds: number, bootTime: number): string {
  const user = Math.round((seconds / CPUS) * TICKS_PER_SECOND);
  const line = (name: string, times: number) => `${name} ${times * user} 0 0 ${times * 8_000_000} 0 0 0 0 0 0`;
  const each = numbers.map((number) => line(`cpu${number}`, 1));
  return [line('cpu ', CPUS), ...each, 'intr 0', 'ctxt 0', `btime ${bootTime}`, 'processes 1', ''].join('\n');
}
