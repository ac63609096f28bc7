import { type LabelledAttribute, type LabelReader, type Meaning, meaningOf, underscored } from 'wattline/figures';
import type { MeterRule } from './meters.ts';
import type { Level } from './workloads.ts';

/** What is read where energy is attributed to the workloads of a level, beside what is read anyway or in its place. */
interface WorkloadMeter extends Meaning {
  readonly levels: readonly Level[];
}

/** Kepler's zones overlap but for these two. */
const countedZone = (labels: LabelReader) => (/^(?:package|dram)/.test(labels('zone') ?? '') ? 'counts' : 'a_sum');
/** Kepler up to 0.7 shares idle energy by itself, and has what is in no container as one. */
const dynamic = (labels: LabelReader) =>
  labels('mode') === 'idle' || labels('container_name') === 'system_processes' ? 'no_use' : 'counts';
/** The id of a container, which cAdvisor has in the path of its control group. */
const containerId = /[0-9a-f]{64}/;

/** Returns how labels name a workload: each by the attribute that it says. */
function said(labels: Readonly<Record<string, string>>): LabelledAttribute[] {
  return Object.entries(labels).map(([label, attribute]) => ({ attribute, label }));
}

const share = { unit: 'J', boundary: 'share', origin: 'device', isOfResource: true } as const;
const kepler = { ...share, source: ['zone', 'pid'], role: countedZone } as const;
const keplerNode = { unit: 'J', origin: 'device', source: ['zone', 'path'], role: countedZone } as const;
const everywhere = ['namespace', 'pod', 'container', 'process', 'vm'] as const;

/**
 * cAdvisor: metrics/prometheus.go. Kepler since 0.10: internal/exporter/prometheus/collector/power_collector.go at 028ae61; up to
 * 0.7: pkg/metrics/consts/conts.go. Scaphandre: src/exporters/utils.rs.
 */
const all: readonly WorkloadMeter[] = [
  {
    ...(meaningOf('container_cpu_usage_seconds_total') as Meaning),
    ...{ boundary: 'container', isOfResource: true },
    workload: [
      ...said({ namespace: 'k8s.namespace.name', pod: 'k8s.pod.name', container: 'k8s.container.name' }),
      ...said({ name: 'container.name' }),
      { attribute: 'container.id', label: 'id', pattern: containerId },
    ],
    levels: ['namespace', 'pod', 'container'],
  },
  {
    ...{ name: 'kepler_pod_cpu_joules', ...kepler },
    workload: said({ pod_namespace: 'k8s.namespace.name', pod_name: 'k8s.pod.name', pod_id: 'k8s.pod.uid' }),
    levels: ['namespace', 'pod'],
  },
  {
    ...{ name: 'kepler_container_cpu_joules', ...kepler },
    workload: said({ container_id: 'container.id', container_name: 'container.name', pod_id: 'k8s.pod.uid' }),
    levels: ['container'],
  },
  {
    ...{ name: 'kepler_process_cpu_joules', ...kepler },
    workload: said({ comm: 'process.executable.name', container_id: 'container.id' }),
    levels: ['process'],
  },
  {
    ...{ name: 'kepler_vm_cpu_joules', ...kepler },
    workload: said({ vm_id: 'vm.id', vm_name: 'vm.name' }),
    levels: ['vm'],
  },
  { name: 'kepler_node_cpu_active_joules', ...keplerNode, boundary: 'active', levels: everywhere },
  { name: 'kepler_node_cpu_idle_joules', ...keplerNode, boundary: 'idle', levels: everywhere },
  ...['package', 'dram'].map(
    (zone): WorkloadMeter => ({
      ...{ name: `kepler_container_${zone}_joules`, ...share },
      role: dynamic,
      source: ['mode', 'source', 'command'],
      workload: said({
        container_namespace: 'k8s.namespace.name',
        pod_name: 'k8s.pod.name',
        container_name: 'k8s.container.name',
        container_id: 'container.id',
      }),
      levels: ['namespace', 'pod', 'container'],
    }),
  ),
  {
    ...{ name: 'scaph_process_power_consumption_microwatts', ...share },
    ...{ unit: 'W', undeclared: 'uW', source: ['pid'] },
    workload: said({
      kubernetes_pod_namespace: 'k8s.namespace.name',
      kubernetes_pod_name: 'k8s.pod.name',
      container_names: 'container.name',
      container_id: 'container.id',
      exe: 'process.executable.name',
    }),
    levels: ['namespace', 'pod', 'container', 'process'],
  },
];

/** Returns the meters of the workloads of a level, and of all workloads of a host together. */
export function workloadMeters(level: Level): readonly MeterRule[] {
  return all
    .filter(({ levels }) => levels.includes(level))
    .map(({ levels: _levels, ...meaning }) => ({
      matches: (name) => underscored(name).replace(/_total$/, '') === meaning.name,
      meaningOf: () => meaning,
    }));
}
