/** Models the power of a host as a straight line from idle to all CPUs busy. */
export interface UtilisationCurve {
  readonly idle_watts: number;
  readonly max_watts: number;
  readonly logical_cpus: number;
  /** The source of the two powers. */
  readonly basis: string;
}

/** The CPU's name in /proc/cpuinfo. */
export interface CpuIdentity {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
  readonly vendor: string;
}

interface Coefficients {
  readonly name: string;
  /** Watts per logical CPU, idle and busy. */
  readonly idle: number;
  readonly max: number;
  readonly matches: (cpu: CpuIdentity) => boolean;
}

const intel =
  (model: number, stepping = 0) =>
  (cpu: CpuIdentity) =>
    cpu.vendor === 'GenuineIntel' && cpu.family === 6 && cpu.model === model && cpu.stepping >= stepping;
const amd = (family: number, from: number, to: number) => (cpu: CpuIdentity) =>
  cpu.vendor === 'AuthenticAMD' && cpu.family === family && cpu.model >= from && cpu.model <= to;

const SOURCE = 'Cloud Carbon Footprint coefficients 2026';
/**
 * Watts per logical CPU by SPECpower results of 2026, published by Cloud Carbon Footprint (ccf-coefficients, Apache-2.0).
 * Its row for EPYC of the 5th generation is an outlier and left out.
 */
const TABLE: readonly Coefficients[] = [
  { name: 'Intel Cascade Lake', idle: 0.69, max: 4.063, matches: intel(85, 5) },
  { name: 'Intel Ice Lake', idle: 0.767, max: 3.758, matches: intel(106) },
  { name: 'Intel Sapphire Rapids', idle: 1.036, max: 4.16, matches: intel(143) },
  { name: 'AMD EPYC 2nd generation', idle: 0.474, max: 1.693, matches: amd(23, 48, 63) },
  { name: 'AMD EPYC 3rd generation', idle: 0.456, max: 1.957, matches: amd(25, 0, 15) },
  { name: 'AMD EPYC 4th generation', idle: 0.739, max: 2.282, matches: amd(25, 16, 31) },
];

/** Returns the curve of a host by its number of logical CPUs and the table's row for its CPU, or the mean of all rows. */
export function curveFor(cpu: CpuIdentity | undefined, logicalCpus: number): UtilisationCurve {
  const row = cpu && TABLE.find(({ matches }) => matches(cpu));
  const mean = (key: 'idle' | 'max') => TABLE.reduce((sum, each) => sum + each[key], 0) / TABLE.length;
  const idle = row?.idle ?? mean('idle');
  const max = row?.max ?? mean('max');
  const used = row ? row.name : `the mean of its ${TABLE.length} server CPUs, since this CPU is not among them`;
  return {
    idle_watts: round(idle * logicalCpus),
    max_watts: round(max * logicalCpus),
    logical_cpus: logicalCpus,
    basis: `${SOURCE}, ${used}: ${round(idle)} W idle and ${round(max)} W busy a logical CPU`,
  };
}

/** Returns the curve between two given powers of the whole host. */
export function givenCurve(idleWatts: number, maxWatts: number, logicalCpus: number): UtilisationCurve {
  const basis = '--idle-watts and --max-watts';
  return { idle_watts: idleWatts, max_watts: maxWatts, logical_cpus: logicalCpus, basis };
}

/** Returns the power in watts of the host at a number of busy cores. */
export function wattsAt({ idle_watts, max_watts, logical_cpus }: UtilisationCurve, cores: number): number {
  return idle_watts + Math.min(1, cores / logical_cpus) * (max_watts - idle_watts);
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
