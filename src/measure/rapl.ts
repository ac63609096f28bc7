import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';

/** Where Linux shows Intel's and AMD's energy counters. */
export const POWERCAP = '/sys/class/powercap';

const MICROJOULES = 1e6;
/** A package; its parts (`intel-rapl:0:0`), the same counters by another way (`intel-rapl-mmio:0`) and others are not added to it. */
const PACKAGE_ZONE = /^intel-rapl:\d+$/;
const PACKAGE_NAME = /^package-\d+(-die-\d+)?$/;

/** Counts the energy of the host's CPU packages. */
export interface EnergyMeter {
  /** The names of the packages, such as `package-0`. */
  readonly zones: readonly string[];
  /** Joules since the meter was made; never falls. */
  read(): number;
}

/** A meter, or why there is none. */
export type Rapl = EnergyMeter | { readonly missing: string };

/** Opens RAPL, the energy counters of the host's CPU packages: all of the host's load, but not its memory, disks and fans. */
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
      // The counter starts again from 0 when it has reached its range.
      joules += (now >= last ? now - last : now - last + range) / MICROJOULES;
      last = now;
      return joules;
    },
  };
}
