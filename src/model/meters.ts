import type { Attributes } from '@opentelemetry/api';
import { attributesKey } from './attributes.ts';
import { type Boundary, powerBoundary } from './boundaries.ts';

/** What a metric of that name measures, and how its points are read. */
export interface Meaning {
  /** The name as its source has it, without the ends that Prometheus adds. */
  readonly name: string;
  /** Energy and CPU time are counters; power and cores in use are gauges. */
  readonly unit: 'J' | 'W' | 's' | '{cpu}';
  /** How many of the metric's own units make one of `unit`; its declared unit is then not looked at. */
  readonly per?: number;
  /** Where it is measured; undefined where a point's labels name a boundary that is not known. */
  readonly boundary: Boundary | ((labels: LabelReader) => Boundary | undefined);
  /** The labels that tell one meter from another; all of them where it is undefined. */
  readonly source?: readonly string[];
  /** Says what of a point: it counts, it is no use (idle time), or it is a sum of others that are there too. */
  readonly role?: (labels: LabelReader) => 'counts' | 'no_use' | 'a_sum';
}

/** The labels of a point by OpenTelemetry's name for them, or by Prometheus's. */
export type LabelReader = (name: string) => string | undefined;

const hardware: Readonly<Record<string, Boundary>> = { cpu: 'package', memory: 'dram', gpu: 'gpu' };
const byHardware = (labels: LabelReader) => hardware[labels('hw.type') ?? ''];
const byZone = (labels: LabelReader) => powerBoundary(labels('zone') ?? 'package');
const byDomain = (labels: LabelReader) => powerBoundary(labels('domain_name') ?? '');
const modeOf = (labels: LabelReader) => labels('cpu.mode') ?? labels('state') ?? labels('mode') ?? '';
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

/**
 * Every live metric that is known. Of two with the same boundary the one that stands first here is used: counters before
 * gauges, since they miss nothing between two points.
 */
export const meanings: readonly Meaning[] = [
  // OpenTelemetry semantic conventions, hardware metrics.
  { name: 'hw.host.energy', unit: 'J', boundary: 'host' },
  { name: 'hw.energy', unit: 'J', boundary: byHardware, source: ['hw.id'] },
  // Kepler.
  { name: 'kepler_node_cpu_joules', unit: 'J', boundary: byZone },
  { name: 'kepler_node_gpu_joules', unit: 'J', boundary: 'gpu' },
  // node_exporter.
  { name: 'node_rapl_psys_joules', unit: 'J', boundary: 'psys', role: notMapped },
  { name: 'node_rapl_package_joules', unit: 'J', boundary: 'package', role: notMapped },
  { name: 'node_rapl_dram_joules', unit: 'J', boundary: 'dram', role: notMapped },
  { name: 'node_rapl_core_joules', unit: 'J', boundary: 'core', role: notMapped },
  { name: 'node_rapl_uncore_joules', unit: 'J', boundary: 'uncore', role: notMapped },
  // Scaphandre, whose host is the sum of its sockets and their memory.
  { name: 'scaph_host_energy_microjoules', unit: 'J', per: 1e6, boundary: 'package+dram' },
  { name: 'scaph_socket_energy_microjoules', unit: 'J', per: 1e6, boundary: 'package' },
  { name: 'scaph_domain_energy_microjoules', unit: 'J', per: 1e6, boundary: byDomain },
  // NVIDIA's DCGM exporter: millijoules.
  { name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', unit: 'J', per: 1e3, boundary: 'gpu', source: card },

  { name: 'hw.host.power', unit: 'W', boundary: 'host' },
  { name: 'hw.power', unit: 'W', boundary: byHardware, source: ['hw.id'] },
  { name: 'kepler_node_cpu_watts', unit: 'W', boundary: byZone },
  { name: 'kepler_node_gpu_watts', unit: 'W', boundary: 'gpu' },
  { name: 'scaph_host_power_microwatts', unit: 'W', per: 1e6, boundary: 'package+dram' },
  { name: 'scaph_socket_power_microwatts', unit: 'W', per: 1e6, boundary: 'package' },
  { name: 'scaph_domain_power_microwatts', unit: 'W', per: 1e6, boundary: byDomain },
  { name: 'DCGM_FI_DEV_POWER_USAGE', unit: 'W', boundary: 'gpu', source: card },
  { name: 'rapl_power_watts', unit: 'W', boundary: byZone },
  { name: 'gpu_power_draw_watts', unit: 'W', boundary: 'gpu' },

  { name: 'system.cpu.time', unit: 's', boundary: 'system', role: used('idle', 'iowait', 'wait') },
  { name: 'node_cpu_seconds', unit: 's', boundary: 'system', role: used('idle', 'iowait') },
  { name: 'container.cpu.time', unit: 's', boundary: 'container' },
  { name: 'container_cpu_usage_seconds', unit: 's', boundary: 'container', role: onlyContainers },
  { name: 'container.cpu.usage', unit: '{cpu}', boundary: 'container' },
  { name: 'process.cpu.time', unit: 's', boundary: 'process', role: used('wait') },
  { name: 'process_cpu_seconds', unit: 's', boundary: 'process' },
];

/** The words for a unit: that of UCUM, which OTLP has, then the end that Prometheus gives names. */
const words = {
  J: ['J', 'joules'],
  W: ['W', 'watts'],
  s: ['s', 'seconds'],
  '{cpu}': ['{cpu}', 'cores', '1'],
} as const;

const byName = new Map(
  meanings.flatMap((meaning): [string, Meaning][] => {
    const plain = underscored(meaning.name);
    const own: [string, Meaning][] = [[plain, meaning]];
    return meaning.name.includes('.') ? [...own, [`${plain}_${words[meaning.unit][1]}`, meaning]] : own;
  }),
);

/** What the metric of that name measures, be it written with dots or as Prometheus has it; undefined where it is no live one. */
export function meaningOf(name: string): Meaning | undefined {
  return byName.get(underscored(name).replace(/_total$/, ''));
}

/** Whether a metric that declares this unit is in the one that its name stands for; an empty one is. */
export function isExpectedUnit({ unit, per }: Meaning, declared: string): boolean {
  return declared === '' || per !== undefined || words[unit].some((word) => word === declared);
}

/** Returns whether a meaning is about CPU time rather than power. */
export function isCpu({ unit }: Meaning): boolean {
  return unit === 's' || unit === '{cpu}';
}

/** Reads the labels of a point under either spelling. */
export function labelsIn(attributes: Attributes): LabelReader {
  return (name) => {
    const value = attributes[name] ?? attributes[underscored(name)];
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
