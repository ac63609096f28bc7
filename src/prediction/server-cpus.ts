/** The CPU's name in /proc/cpuinfo, and in the attributes `host.cpu.…` of OpenTelemetry. */
export interface CpuIdentity {
  readonly family: number;
  readonly model: number;
  readonly stepping: number;
  readonly vendor: string;
}

/** What servers with CPUs of one family draw, in watts per logical CPU. */
export interface ServerCpu {
  readonly name: string;
  /** The means over servers, idle and with all CPUs busy. */
  readonly idle: number;
  readonly max: number;
  /** Between which values nine of ten servers lie. */
  readonly idleRange: readonly [lower: number, upper: number];
  readonly maxRange: readonly [lower: number, upper: number];
  readonly matches: (cpu: CpuIdentity) => boolean;
}

const intel =
  (model: number, stepping = 0) =>
  (cpu: CpuIdentity) =>
    cpu.vendor === 'GenuineIntel' && cpu.family === 6 && cpu.model === model && cpu.stepping >= stepping;
const amd = (family: number, from: number, to: number) => (cpu: CpuIdentity) =>
  cpu.vendor === 'AuthenticAMD' && cpu.family === family && cpu.model >= from && cpu.model <= to;

/** The source of the means. */
export const cpuSource = 'Cloud Carbon Footprint coefficients 2026';

/**
 * Means by SPECpower_ssj2008 results of 2026, published by Cloud Carbon Footprint (ccf-coefficients, Apache-2.0). Its row for
 * EPYC of the 5th generation is an outlier and left out. The ranges are the 5 % and 95 % quantiles over the same results, 28
 * to 76 servers a family, computed in November 2026; those of Ice Lake are over all its servers, of which the mean has a part.
 */
export const serverCpus = {
  cascadeLake: {
    name: 'Intel Cascade Lake',
    idle: 0.69,
    max: 4.063,
    idleRange: [0.43, 1.68],
    maxRange: [3.07, 5.53],
    matches: intel(85, 5),
  },
  iceLake: {
    name: 'Intel Ice Lake',
    idle: 0.767,
    max: 3.758,
    idleRange: [0.69, 1.76],
    maxRange: [3.45, 5.05],
    matches: intel(106),
  },
  sapphireRapids: {
    name: 'Intel Sapphire Rapids',
    idle: 1.036,
    max: 4.16,
    idleRange: [0.64, 1.75],
    maxRange: [2.79, 5.41],
    matches: intel(143),
  },
  epyc2: {
    name: 'AMD EPYC 2nd generation',
    idle: 0.474,
    max: 1.693,
    idleRange: [0.31, 0.71],
    maxRange: [1.52, 1.96],
    matches: amd(23, 48, 63),
  },
  epyc3: {
    name: 'AMD EPYC 3rd generation',
    idle: 0.456,
    max: 1.957,
    idleRange: [0.31, 0.68],
    maxRange: [1.66, 2.28],
    matches: amd(25, 0, 15),
  },
  epyc4: {
    name: 'AMD EPYC 4th generation',
    idle: 0.739,
    max: 2.282,
    idleRange: [0.31, 2.14],
    maxRange: [1.63, 4.22],
    matches: amd(25, 16, 31),
  },
} as const satisfies Record<string, ServerCpu>;

/** Returns what is known of a CPU; undefined where the table has no such family. */
export function findServerCpu(cpu: CpuIdentity): ServerCpu | undefined {
  return Object.values(serverCpus).find(({ matches }) => matches(cpu));
}
