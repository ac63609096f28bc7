import { type CpuIdentity, cpuSource, findServerCpu, serverCpus } from '../prediction/server-cpus.ts';
import type { UtilisationCurve } from '../prediction/utilisation-curve.ts';

const TABLE = Object.values(serverCpus);

/** Returns the curve of a host by its number of logical CPUs and the table's row for its CPU, or the mean of all rows. */
export function curveFor(cpu: CpuIdentity | undefined, logicalCpus: number): UtilisationCurve {
  const row = cpu && findServerCpu(cpu);
  const mean = (key: 'idle' | 'max') => TABLE.reduce((sum, each) => sum + each[key], 0) / TABLE.length;
  const idle = row?.idle ?? mean('idle');
  const max = row?.max ?? mean('max');
  const used = row ? row.name : `the mean of its ${TABLE.length} server CPUs, since this CPU is not among them`;
  return {
    idle_watts: round(idle * logicalCpus),
    max_watts: round(max * logicalCpus),
    logical_cpus: logicalCpus,
    basis: `${cpuSource}, ${used}: ${round(idle)} W idle and ${round(max)} W busy a logical CPU`,
  };
}

/** Returns the curve between two given powers of the whole host. */
export function givenCurve(idleWatts: number, maxWatts: number, logicalCpus: number): UtilisationCurve {
  const basis = '--idle-watts and --max-watts';
  return { idle_watts: idleWatts, max_watts: maxWatts, logical_cpus: logicalCpus, basis };
}

/** Returns the CPU's name in the text of /proc/cpuinfo; undefined where it has none, as on ARM. */
export function identifyCpu(cpuinfo: string): CpuIdentity | undefined {
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(cpuinfo)?.[1];
  const vendor = field('vendor_id');
  const [family, model, stepping] = ['cpu family', 'model', 'stepping'].map((name) =>
    Number(field(name) ?? Number.NaN),
  );
  if (vendor === undefined || !Number.isInteger(family) || !Number.isInteger(model)) return undefined;
  return { vendor, family: family as number, model: model as number, stepping: stepping || 0 };
}

function round(watts: number): number {
  return Number(watts.toFixed(4));
}
