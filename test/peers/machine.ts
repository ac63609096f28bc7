import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../kit/temporary-folder.ts';

/** What a machine has used since it was booted. */
export interface Used {
  /** Core-seconds, over both of its CPUs; 0.02 are the least that it can tell. */
  readonly cpu?: number;
  /** Joules by the names of the zones of RAPL. */
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
/** What `max_energy_range_uj` says on most of Intel's machines. */
const RANGE = 262_143_328_850;

/** Makes the files of a machine, until the end of the test. */
export async function startMachine(used: Used): Promise<Machine> {
  const folder = await temporaryFolder(
    Object.fromEntries(numbers.map((number) => [`sys/devices/system/cpu/cpu${number}/online`, '1\n'])),
  );
  onTestFinished(folder.remove);
  const bootTime = Math.floor(Date.now() / 1000) - 86_400;
  const show: Machine['show'] = async ({ cpu = 0, joules = {} }) => {
    const files: Record<string, string> = { 'proc/stat': stat(cpu, bootTime) };
    for (const [index, [zone, value]] of Object.entries(joules).entries()) {
      const path = `sys/class/powercap/intel-rapl:${index}`;
      files[`${path}/name`] = `${zone}\n`;
      files[`${path}/max_energy_range_uj`] = `${RANGE}\n`;
      files[`${path}/energy_uj`] = `${Math.round(value * 1e6)}\n`;
    }
    // Nobody reads a file by half.
    await folder.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`${path}.new`, text])));
    for (const path of Object.keys(files)) await rename(join(folder.path, `${path}.new`), join(folder.path, path));
  };
  await show(used);
  return { root: folder.path, show };
}

/** The kernel's `/proc/stat` (proc(5)) of a machine whose CPUs have all worked for as long. */
function stat(seconds: number, bootTime: number): string {
  const user = Math.round((seconds / CPUS) * TICKS_PER_SECOND);
  const line = (name: string, times: number) => `${name} ${times * user} 0 0 ${times * 8_000_000} 0 0 0 0 0 0`;
  const each = numbers.map((number) => line(`cpu${number}`, 1));
  return [line('cpu ', CPUS), ...each, 'intr 0', 'ctxt 0', `btime ${bootTime}`, 'processes 1', ''].join('\n');
}
