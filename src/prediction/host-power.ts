import type { Attributes } from '@opentelemetry/api';
import { findInstanceType } from './instance-types.ts';
import { cpuSource, findServerCpu, type ServerCpu } from './server-cpus.ts';
import { wattsAt } from './utilisation-curve.ts';

/** The power of a host in watts, and between which values it is at `level` of its model, where that is known. */
export interface ModelledWatts {
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
  /** Whether it is outside of what its model was learnt from. */
  readonly extrapolated?: boolean;
}

/** What a host without a meter is taken to draw. */
export interface HostPower {
  /** Returns the power with so many cores in use, or why its model says none. */
  readonly at: (cores: number) => ModelledWatts | UnknownPower;
  /** The level of its intervals, from 0 to 1; undefined where it has none. */
  readonly level?: number;
  /** The source, for people. */
  readonly basis: string;
}

/** Why it is not known what a host draws. */
export interface UnknownPower {
  readonly reason: string;
  readonly problem: string;
}

/** The part of servers that lies within the ranges of the table. */
const LEVEL = 0.9;

/**
 * Returns what a host draws by published means over servers with its CPU, as a line from idle to all CPUs busy. Its interval
 * lies between the lines through what nine of ten such servers draw at both ends. The CPU is known by the instance type, else by `host.cpu.…`; the number of its CPUs is
 * `logicalCpus`, else that of the instance type.
 */
export function citedPower(attributes: Attributes, logicalCpus?: number): HostPower | UnknownPower {
  const type = instanceTypeIn(attributes);
  const instance = type === undefined ? undefined : findInstanceType(type);
  const cpu = instance?.cpu ?? cpuIn(attributes);
  if (!cpu) {
    const said = type === undefined ? 'it has no `host.type`' : `the CPU of \`host.type\` ${type} is not in the table`;
    return { reason: 'unknown_cpu', problem: `${said}, and \`host.cpu.…\` names none of it` };
  }
  const cpus = logicalCpus ?? instance?.cpus;
  if (cpus === undefined) {
    const problem = 'neither `system.cpu.logical.count`, the numbers of its CPUs nor `host.type` says how many it has';
    return { reason: 'unknown_cpu_count', problem };
  }
  return powerOf(cpu, cpus, instance?.threads ?? 1);
}

function powerOf(cpu: ServerCpu, cpus: number, threads: number): HostPower {
  const line = (idle: number, max: number) => {
    return { idle_watts: idle * threads * cpus, max_watts: max * threads * cpus, logical_cpus: cpus };
  };
  const [mean, lower, upper] = [
    line(cpu.idle, cpu.max),
    line(cpu.idleRange[0], cpu.maxRange[0]),
    line(cpu.idleRange[1], cpu.maxRange[1]),
  ];
  return {
    at: (cores) => ({ value: wattsAt(mean, cores), lower: wattsAt(lower, cores), upper: wattsAt(upper, cores) }),
    level: LEVEL,
    basis: `${cpuSource}, ${cpu.name}, ${cpus} CPUs`,
  };
}

/** The type as the detectors of a Collector say it: that for GCP has a path before it, and that for Azure a name of its own. */
function instanceTypeIn(attributes: Attributes): string | undefined {
  return (textOf(attributes['host.type']) ?? textOf(attributes['azure.vm.size']))?.replace(/^.*\//, '');
}

/** The CPU that OpenTelemetry's attributes name, whose numbers may be texts. */
function cpuIn(attributes: Attributes): ServerCpu | undefined {
  const vendor = textOf(attributes['host.cpu.vendor.id']);
  const [family, model, stepping] = ['family', 'model.id', 'stepping'].map((name) => {
    const text = textOf(attributes[`host.cpu.${name}`]);
    return text === undefined ? Number.NaN : Number(text);
  }) as [number, number, number];
  return vendor === undefined ? undefined : findServerCpu({ vendor, family, model, stepping: stepping || 0 });
}

function textOf(value: Attributes[string]): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
