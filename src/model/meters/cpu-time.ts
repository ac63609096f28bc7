import type { LabelReader, Meaning } from '../meaning.ts';

const modeOf = (labels: LabelReader) => labels('cpu.mode') ?? labels('state') ?? labels('mode') ?? '';
/** The time of guests is part of `user` and `nice` already, and what is stolen was used by others (proc(5), /proc/stat). */
const idle = ['idle', 'iowait', 'wait', 'steal', 'guest', 'guest_nice'];
const used = (...unused: string[]) => {
  return (labels: LabelReader) => (unused.includes(modeOf(labels)) ? 'no_use' : 'counts');
};
/** cAdvisor counts every control group, and again all those that hold it: pods, slices, the whole machine. */
const onlyContainers = (labels: LabelReader) => {
  const container = labels('container') ?? labels('name') ?? '';
  return container === '' || container === 'POD' ? 'a_sum' : 'counts';
};
const cpuAndMode = ['cpu.logical_number', 'cpu', 'cpu.mode', 'state', 'mode'];
const ofResource = { origin: 'process', isOfResource: true } as const;

/** Meters of CPU time, and of cores in use. */
export const cpuTime: readonly Meaning[] = [
  { name: 'system.cpu.time', unit: 's', boundary: 'system', role: used(...idle), source: cpuAndMode, origin: 'boot' },
  { name: 'node_cpu_seconds', unit: 's', boundary: 'system', role: used(...idle), source: cpuAndMode, origin: 'boot' },
  // The Collector's kubeletstats receiver.
  { name: 'k8s.node.cpu.time', unit: 's', boundary: 'system', origin: 'boot' },
  { name: 'k8s.pod.cpu.time', unit: 's', boundary: 'pod', ...ofResource },
  { name: 'container.cpu.time', unit: 's', boundary: 'container', ...ofResource },
  // The Collector's docker_stats receiver: nanoseconds, which its exporter for Prometheus writes into the name.
  {
    name: 'container.cpu.usage.total',
    aliases: ['container_cpu_usage_nanoseconds', 'container_cpu_usage_total_nanoseconds'],
    unit: 's',
    undeclared: 'ns',
    boundary: 'container',
    ...ofResource,
  },
  // Who scrapes its page knows no start, and a Collector states that of its own first scrape.
  {
    name: 'container_cpu_usage_seconds',
    unit: 's',
    boundary: 'containers',
    role: onlyContainers,
    source: ['id', 'cpu'],
    origin: 'device',
  },
  { name: 'container.cpu.usage', unit: '{cpu}', boundary: 'container', ...ofResource },
  { name: 'cpu_usage_cores', unit: '{cpu}', boundary: 'container', ...ofResource },
  { name: 'process.cpu.time', unit: 's', boundary: 'process', role: used('wait'), ...ofResource },
  { name: 'process_cpu_seconds', unit: 's', boundary: 'process', ...ofResource },
  { name: 'jvm.cpu.time', unit: 's', boundary: 'process', ...ofResource },
];
