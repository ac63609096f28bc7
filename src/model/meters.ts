import type { Attributes } from '@opentelemetry/api';
import { attributesKey } from './attributes.ts';
import { type Boundary, powerBoundary } from './boundaries.ts';
import { type BaseUnit, type Scale, scaleTo } from './units.ts';

/** What a metric of that name measures, and how its points are read. */
export interface Meaning {
  /** The name as its source has it, without the ends that Prometheus adds. */
  readonly name: string;
  /** Energy and CPU time are counters; power and cores in use are gauges. */
  readonly unit: BaseUnit;
  /** The unit of its values where it declares none; `unit` where this is undefined. */
  readonly undeclared?: string;
  /** What has to restart for a counter to begin at 0: the machine, the device or its driver, or a process or container. */
  readonly origin: Origin;
  /** The amounts, ascending, by which its counter may fall when its register overflows; none where that never happens. */
  readonly ranges?: readonly number[];
  /** Where it is measured; undefined where a point's labels name a boundary that is not known. */
  readonly boundary: Boundary | ((labels: LabelReader) => Boundary | undefined);
  /** The labels that tell one meter from another; all of them where it is undefined, or a point has none of these. */
  readonly source?: readonly string[];
  /** Its meters are those of the resource that sends them, such as a process; all others are the host's, whoever sends them. */
  readonly isOfResource?: true;
  /** Says what of a point: it counts, it is no use (idle time), or it is a sum of others that are there too. */
  readonly role?: (labels: LabelReader) => 'counts' | 'no_use' | 'a_sum';
}

/** What a counter's start depends on. */
export type Origin = 'boot' | 'device' | 'process';

/** The labels of a point by OpenTelemetry's name for them, or by Prometheus's. */
export type LabelReader = (name: string) => string | undefined;

const hardware: Readonly<Record<string, Boundary>> = { cpu: 'package', memory: 'dram', gpu: 'gpu' };
const byHardware = (labels: LabelReader) => hardware[labels('hw.type') ?? ''];
const byZone = (labels: LabelReader) => powerBoundary(labels('zone') ?? 'package');
/** The label of node_exporter's `--collector.rapl.enable-zone-label` (collector/rapl_linux.go, v1.11.1). */
const byRaplZone = (labels: LabelReader) => powerBoundary(labels('rapl_zone') ?? '');
const byDomain = (labels: LabelReader) => powerBoundary(labels('domain_name') ?? '');
const modeOf = (labels: LabelReader) => labels('cpu.mode') ?? labels('state') ?? labels('mode') ?? '';
/** The time of guests is part of `user` and `nice` already, and what is stolen was used by others (proc(5), /proc/stat). */
const idle = ['idle', 'iowait', 'wait', 'steal', 'guest', 'guest_nice'];
const used = (...unused: string[]) => {
  return (labels: LabelReader) => (unused.includes(modeOf(labels)) ? 'no_use' : 'counts');
};
/** The kernel shows the packages a second time, by way of memory-mapped registers. */
const notMapped = (labels: LabelReader) => (labels('path')?.includes('intel-rapl-mmio') ? 'a_sum' : 'counts');
/** cAdvisor counts every control group, and again all those that hold it: pods, slices, the whole machine. */
const onlyContainers = (labels: LabelReader) => {
  const container = labels('container') ?? labels('name') ?? '';
  return container === '' || container === 'POD' ? 'a_sum' : 'counts';
};
const card = ['UUID', 'gpu'];
const zone = ['zone', 'path'];
const cpuAndMode = ['cpu.logical_number', 'cpu', 'cpu.mode', 'state', 'mode'];
/**
 * The registers of RAPL have 32 bits and no unit of their own: `max_energy_range_uj` is 2³² − 1 times the unit of the CPU.
 * A metric's name does not tell which, but few units exist (Linux, drivers/powercap/intel_rapl_common.c): 15.258 µJ on AMD,
 * 15.3 µJ for the memory of Intel's servers, 61.035 µJ elsewhere. node_exporter and Scaphandre pass the register on, Kepler
 * adds it up itself. Scaphandre's host is a sum, which falls by the range of the part that overflows.
 */
const rapl = [65_532.610_987, 65_712.999_613, 262_143.328_85];
/** AMD has no register of the memory, whose range is near that of Intel's servers. */
const ofMemory = rapl.slice(1);
const powercapZone = (boundary: Boundary): Meaning => {
  const name = `node_rapl_${boundary}_joules`;
  const ranges = boundary === 'dram' ? ofMemory : rapl;
  return { name, unit: 'J', boundary, role: notMapped, source: ['index', 'path'], origin: 'device', ranges };
};

/**
 * Every live metric that is known. Of two with the same boundary the one that stands first here is used: counters before
 * gauges, since they miss nothing between two points.
 */
export const meanings: readonly Meaning[] = [
  // OpenTelemetry semantic conventions, hardware metrics.
  { name: 'hw.host.energy', unit: 'J', boundary: 'host', source: ['hw.id'], origin: 'device' },
  { name: 'hw.energy', unit: 'J', boundary: byHardware, source: ['hw.id'], origin: 'device' },
  // Kepler.
  { name: 'kepler_node_cpu_joules', unit: 'J', boundary: byZone, source: zone, origin: 'device' },
  { name: 'kepler_node_gpu_joules', unit: 'J', boundary: 'gpu', origin: 'device' },
  // node_exporter.
  ...(['psys', 'package', 'dram', 'core', 'uncore'] as const).map(powercapZone),
  {
    name: 'node_rapl_joules',
    unit: 'J',
    boundary: byRaplZone,
    role: notMapped,
    source: ['index', 'path', 'rapl_zone'],
    origin: 'device',
    ranges: rapl,
  },
  // Scaphandre, whose host is the sum of its sockets and their memory.
  {
    name: 'scaph_host_energy_microjoules',
    unit: 'J',
    undeclared: 'uJ',
    boundary: 'package+dram',
    origin: 'device',
    ranges: rapl,
  },
  {
    name: 'scaph_socket_energy_microjoules',
    unit: 'J',
    undeclared: 'uJ',
    boundary: 'package',
    origin: 'device',
    ranges: rapl,
  },
  {
    name: 'scaph_domain_energy_microjoules',
    unit: 'J',
    undeclared: 'uJ',
    boundary: byDomain,
    origin: 'device',
    ranges: rapl,
  },
  // NVIDIA's DCGM exporter: millijoules.
  {
    name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    unit: 'J',
    undeclared: 'mJ',
    boundary: 'gpu',
    source: card,
    origin: 'device',
  },

  { name: 'hw.host.power', unit: 'W', boundary: 'host', source: ['hw.id'], origin: 'device' },
  { name: 'power_watts', unit: 'W', boundary: 'host', origin: 'device' },
  { name: 'hw.power', unit: 'W', boundary: byHardware, source: ['hw.id'], origin: 'device' },
  { name: 'kepler_node_cpu_watts', unit: 'W', boundary: byZone, source: zone, origin: 'device' },
  { name: 'kepler_node_gpu_watts', unit: 'W', boundary: 'gpu', origin: 'device' },
  { name: 'scaph_host_power_microwatts', unit: 'W', undeclared: 'uW', boundary: 'package+dram', origin: 'device' },
  { name: 'scaph_socket_power_microwatts', unit: 'W', undeclared: 'uW', boundary: 'package', origin: 'device' },
  { name: 'scaph_domain_power_microwatts', unit: 'W', undeclared: 'uW', boundary: byDomain, origin: 'device' },
  { name: 'DCGM_FI_DEV_POWER_USAGE', unit: 'W', boundary: 'gpu', source: card, origin: 'device' },
  { name: 'rapl_power_watts', unit: 'W', boundary: byZone, origin: 'device' },
  { name: 'gpu_power_draw_watts', unit: 'W', boundary: 'gpu', origin: 'device' },

  { name: 'system.cpu.time', unit: 's', boundary: 'system', role: used(...idle), source: cpuAndMode, origin: 'boot' },
  { name: 'node_cpu_seconds', unit: 's', boundary: 'system', role: used(...idle), source: cpuAndMode, origin: 'boot' },
  // The Collector's kubeletstats receiver.
  { name: 'k8s.node.cpu.time', unit: 's', boundary: 'system', origin: 'boot' },
  { name: 'k8s.pod.cpu.time', unit: 's', boundary: 'pod', origin: 'process', isOfResource: true },
  { name: 'container.cpu.time', unit: 's', boundary: 'container', origin: 'process', isOfResource: true },
  // Who scrapes its page knows no start, and a Collector states that of its own first scrape.
  {
    name: 'container_cpu_usage_seconds',
    unit: 's',
    boundary: 'containers',
    role: onlyContainers,
    source: ['id', 'cpu'],
    origin: 'device',
  },
  { name: 'container.cpu.usage', unit: '{cpu}', boundary: 'container', origin: 'process', isOfResource: true },
  { name: 'cpu_usage_cores', unit: '{cpu}', boundary: 'container', origin: 'process', isOfResource: true },
  {
    name: 'process.cpu.time',
    unit: 's',
    boundary: 'process',
    role: used('wait'),
    origin: 'process',
    isOfResource: true,
  },
  { name: 'process_cpu_seconds', unit: 's', boundary: 'process', origin: 'process', isOfResource: true },
];

/** The ends that Prometheus gives names. */
const ends = { J: 'joules', W: 'watts', s: 'seconds', '{cpu}': 'cores' } as const;

/** node_exporter takes the numbers of a package that has dies, `package-0-die-0`, into the name. */
const ofOnePackage = /^node_rapl_package_\d+(_die(_\d+)?)?(?=_joules$)/;

const byName = new Map(
  meanings.flatMap((meaning): [string, Meaning][] => {
    const plain = underscored(meaning.name);
    const own: [string, Meaning][] = [[plain, meaning]];
    return meaning.name.includes('.') ? [...own, [`${plain}_${ends[meaning.unit]}`, meaning]] : own;
  }),
);

/** What the metric of that name measures, be it written with dots or as Prometheus has it; undefined where it is no live one. */
export function meaningOf(name: string): Meaning | undefined {
  const plain = underscored(name).replace(/_total$/, '');
  return byName.get(plain) ?? byName.get(plain.replace(ofOnePackage, 'node_rapl_package'));
}

/** Returns how to convert the values of a metric that declares a unit; undefined where that cannot be done. */
export function scaleOf({ unit, undeclared = '' }: Meaning, declared: string): Scale | undefined {
  return scaleTo(unit, declared === '' ? undeclared : declared);
}

/** Returns whether a meaning is about CPU time rather than power. */
export function isCpu({ unit }: Meaning): boolean {
  return unit === 's' || unit === '{cpu}';
}

/** Reads the labels of a point under either spelling. */
export function labelsIn(attributes: Attributes): LabelReader {
  return (name) => {
    const value = attributes[name] ?? (name.includes('.') ? attributes[underscored(name)] : undefined);
    return value === undefined ? undefined : String(value);
  };
}

/** What tells the meter of a point from others of the same metric. */
export function sourceOf({ source }: Meaning, attributes: Attributes): string {
  const labels = labelsIn(attributes);
  const named = source?.map(labels);
  if (named?.some((value) => value !== undefined)) return JSON.stringify(named);
  return attributesKey(attributes);
}

function underscored(name: string): string {
  return name.replaceAll('.', '_');
}
