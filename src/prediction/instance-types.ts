import { type ServerCpu, serverCpus } from './server-cpus.ts';

/** What is known of a type of cloud instances, such as m6i.xlarge. */
export interface InstanceType {
  readonly cpu: ServerCpu;
  /** How many logical CPUs of a server each CPU of the instance is: 2 where it is a whole core. */
  readonly threads: 1 | 2;
  /** How many CPUs it has; undefined where its name does not say so. */
  readonly cpus: number | undefined;
}

/** Types of one cloud whose names have one form. */
interface Families {
  /** The groups `family` and `size`, as far as a name has one. */
  readonly form: RegExp;
  readonly cpusOf: (size: string) => number | undefined;
  readonly byCpu: readonly (readonly [cpu: ServerCpu, families: readonly string[], threads?: 2])[];
}

const { cascadeLake, iceLake, sapphireRapids, epyc2, epyc3, epyc4 } = serverCpus;

/**
 * Families whose instances all have one CPU, by Cloud Carbon Footprint's lists of 2026 (ccf-coefficients,
 * `data/aws-instances-latest-2026.csv` and `data/gcp-instances-latest-2026.csv`), and for Azure the pages of its series
 * (learn.microsoft.com/azure/virtual-machines/sizes, such as general-purpose/dasv5-series). Left out are families that run on
 * one of several CPUs (m5, c5, n2, n2d, Dsv5), those of which no power is published (Graviton), and those with cards. A CPU of
 * m7a, c7a and r7a is a whole core (docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-optimize-cpu.html).
 */
const clouds: readonly Families[] = [
  {
    form: /^(?<family>[a-z]\d[a-z]*(?:-flex)?)\.(?<size>\w+)(?:-\w+)?$/,
    cpusOf(size) {
      const large = /^(?<times>\d*)(?<x>x?)large$/.exec(size)?.groups;
      if (!large) return undefined;
      return large.x ? 4 * Number(large.times || 1) : 2;
    },
    byCpu: [
      [cascadeLake, ['m5n', 'm5dn', 'm5zn', 'r5n', 'r5dn', 'r5b']],
      [iceLake, ['m6i', 'm6id', 'm6in', 'm6idn', 'c6i', 'c6id', 'c6in', 'r6i', 'r6id', 'r6in', 'r6idn']],
      [sapphireRapids, ['m7i', 'm7i-flex', 'c7i', 'c7i-flex', 'r7i', 'r7iz']],
      [epyc2, ['c5a', 'c5ad']],
      [epyc3, ['m6a', 'c6a', 'r6a']],
      [epyc4, ['m7a', 'c7a', 'r7a'], 2],
    ],
  },
  {
    form: /^(?<family>[a-z]\d[a-z]*)-(?:standard|highcpu|highmem)-(?<size>\d+)(?:-lssd|-metal)?$/,
    cpusOf: Number,
    byCpu: [
      [cascadeLake, ['c2']],
      [sapphireRapids, ['c3']],
      [epyc3, ['c2d']],
      [epyc4, ['c3d']],
    ],
  },
  {
    // A hyphen is of a size with fewer CPUs than it draws power for.
    form: /^standard_(?<letter>[a-z])(?<size>\d+)(?<family>[a-z]*_v\d+)$/,
    cpusOf: Number,
    byCpu: [
      [epyc3, ['das_v5', 'dads_v5', 'eas_v5', 'eads_v5']],
      [epyc4, ['das_v6']],
    ],
  },
];

/** Returns what is known of the type that `host.type` names; undefined where its CPU is not known. */
export function findInstanceType(name: string): InstanceType | undefined {
  for (const { form, cpusOf, byCpu } of clouds) {
    const { letter = '', family, size = '' } = form.exec(name.toLowerCase())?.groups ?? {};
    if (family === undefined) continue;
    const row = byCpu.find(([, families]) => families.includes(letter + family));
    if (row) return { cpu: row[0], threads: row[2] ?? 1, cpus: cpusOf(size) };
  }
  return undefined;
}
