import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';

/** The folder of Intel's and AMD's energy counters on Linux. */
export const POWERCAP = '/sys/class/powercap';

const MICROJOULES = 1e6;
/** Matches packages, but not their parts (`intel-rapl:0:0`) nor a second interface to them (`intel-rapl-mmio:0`). */
const PACKAGE_ZONE = /^intel-rapl:\d+$/;
const PACKAGE_NAME = /^package-\d+(-die-\d+)?$/;

/** Counts the energy of the host's CPU packages. */
export interface EnergyMeter {
  /** The names of the packages, such as `package-0`. */
  readonly zones: readonly string[];
  /** Returns the joules since the meter was opened; never decreases. */
  read(): number;
}

/** A meter, or the reason why there is none. */
export type Rapl = EnergyMeter | { readonly missing: string };

/** Opens RAPL, the energy counters of the host's CPU packages, which do not count memory, disks and fans. */
export function openRapl(directory = POWERCAP): Rapl {
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => PACKAGE_ZONE.test(name));
  } catch {
    return { missing: `this machine has no ${directory}` };
  }
  try {
    const zones = names.map((name) => openZone(join(directory, name))).filter((zone) => PACKAGE_NAME.test(zone.name));
    if (zones.length === 0) return { missing: `${directory} has no RAPL package` };
    return {
      zones: zones.map(({ name }) => name).sort(),
      read: () => zones.reduce((sum, zone) => sum + zone.read(), 0),
    };
  } catch (error) {
    return {
      missing: `RAPL cannot be read; run as root, or allow reading ${directory}/*/energy_uj: ${messageOf(error)}`,
    };
  }
}

function openZone(path: string): { readonly name: string; read(): number } {
  const text = (file: string) => readFileSync(join(path, file), 'utf8').trim();
  const counter = () => Number(text('energy_uj'));
  const range = Number(text('max_energy_range_uj'));
  let last = counter();
  let joules = 0;
  return {
    name: text('name'),
    read() {
      const now = counter();
      // The counter wraps to 0 at the end of its range.
      joules += (now >= last ? now - last : now - last + range) / MICROJOULES;
      last = now;
      return joules;
    },
  };
}
