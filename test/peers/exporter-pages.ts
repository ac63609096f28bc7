/**
 * Pages as exporters show them whose hardware few machines have. Names, help texts, labels and their order are theirs:
 *
 * - Kepler: sustainable-computing-io/kepler `internal/exporter/prometheus/collector/power_collector.go` at commit
 *   028ae6193bd3d68e40685ae7ab252f8f326bb708. A zone has the name of its folder in sysfs, as
 *   `internal/device/rapl_sysfs_power_meter.go` at 09c1dee8e690e77ee86b6fec892090256308050b takes it: `package-0-die-0`.
 * - DCGM exporter: NVIDIA/dcgm-exporter `internal/pkg/rendermetrics/render_metrics.go` at commit
 *   1f7abdb7dc0f86f3cf7853995b0d262fd3e80bc6, and `etc/default-counters.csv` at 00d6d344ea4a39112b211b9ff5af3d97e0bb51c2.
 * - cAdvisor in a kubelet: google/cadvisor `metrics/prometheus.go` at v0.53.0 (labels first at commit
 *   1dcd0cee2b05590a8b5515f5c41a80905d2fc1c2), and kubernetes/kubernetes `pkg/kubelet/server/server.go`
 *   (`containerPrometheusLabelsFunc`) at commit 008b3652959ca58af8be3fb5b6ecfe9ae7638282.
 */

type Labels = Readonly<Record<string, string>>;

/** What Kepler shows of a node whose zones have used so many joules. */
export function keplerPage(joules: Readonly<Record<string, number>>): string {
  const zones = Object.entries(joules);
  const ofZones = (value: (joules: number) => number) =>
    zones.map(([zone, used], index): Line => {
      return [{ node_name: 'node-a', path: `/sys/class/powercap/intel-rapl:${index}`, zone }, value(used)];
    });
  const process = { comm: 'stress', container_id: '', exe: '/usr/bin/stress', node_name: 'node-a', pid: '4711' };
  return [
    family('kepler_node_cpu_active_joules_total', 'Energy consumption of cpu in active state at node level in joules', {
      counter: ofZones((used) => used * 0.75),
    }),
    family('kepler_node_cpu_idle_joules_total', 'Energy consumption of cpu in idle state at node level in joules', {
      counter: ofZones((used) => used * 0.25),
    }),
    family('kepler_node_cpu_joules_total', 'Energy consumption of cpu at node level in joules', {
      counter: ofZones((used) => used),
    }),
    family('kepler_node_cpu_usage_ratio', 'CPU usage ratio of a node (value between 0.0 and 1.0)', {
      gauge: [[{ node_name: 'node-a' }, 0.25]],
    }),
    family('kepler_node_cpu_watts', 'Power consumption of cpu at node level in watts', { gauge: ofZones(() => 42.5) }),
    family('kepler_process_cpu_joules_total', 'Energy consumption of cpu at process level in joules', {
      counter: zones.map(([zone, used]): Line => {
        return [{ ...process, state: 'running', type: 'regular', vm_id: '', zone }, used * 0.5];
      }),
    }),
    family('kepler_process_cpu_seconds_total', 'Total user and system time of cpu at process level in seconds', {
      counter: [[{ ...process, type: 'regular', vm_id: '' }, 12.34]],
    }),
  ].join('');
}

/** A card as the DCGM exporter shows it: once for each of its instances and pods, with the same energy each time. */
export interface Card {
  readonly millijoules: number;
  readonly lines: readonly { readonly instance?: string; readonly pod?: string }[];
}

/** What the DCGM exporter shows of its node's cards. */
export function dcgmPage(cards: readonly Card[]): string {
  const lines = (value: (card: Card) => string) =>
    cards.flatMap((card, gpu) => card.lines.map((line) => [cardLabels(gpu, line), value(card)] as const));
  const family = (name: string, type: string, help: string, value: (card: Card) => string) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines(value)
      .map(([labels, text]) => `${name}${labels} ${text}\n`)
      .join('')}`;
  return [
    family('DCGM_FI_DEV_POWER_USAGE', 'gauge', 'Power draw (in W).', () => '35.686000'),
    family(
      'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
      'counter',
      'Total energy consumption since boot (in mJ).',
      ({ millijoules }) => String(millijoules),
    ),
    family('DCGM_FI_DEV_GPU_UTIL', 'gauge', 'GPU utilization (in %).', () => '12'),
  ].join('');
}

function cardLabels(gpu: number, { instance, pod }: Card['lines'][number]): string {
  const labels = {
    gpu: String(gpu),
    UUID: `GPU-5b4e07f6-3a86-4340-039d-25f2a83cdc4${gpu}`,
    pci_bus_id: `00000000:0${gpu}:00.0`,
    device: `nvidia${gpu}`,
    modelName: 'NVIDIA A100-SXM4-40GB',
    ...(instance && { GPU_I_PROFILE: '3g.20gb', GPU_I_ID: instance }),
    Hostname: 'node-a',
    ...(pod && { container: 'trainer', namespace: 'ml', pod }),
  };
  return labelText(labels);
}

/** What cAdvisor shows of a node: the CPU time of two containers in a pod, and of what holds them. */
export function cadvisorPage(seconds: { readonly app: number; readonly sidecar: number }, now: number): string {
  const { app, sidecar } = seconds;
  const slice = '/kubepods.slice/kubepods-burstable.slice';
  const pod = `${slice}/kubepods-burstable-pod1b2c56f1_ff15_4ab7_8ae8_7161cdfb59d4.slice`;
  const none = { container: '', image: '', name: '', namespace: '', pod: '' };
  const ofPod = { namespace: 'shop', pod: 'web-0' };
  const container = (name: string, hash: string, image: string) => {
    return { container: name, cpu: 'total', id: `${pod}/cri-containerd-${hash}.scope`, image, name: hash, ...ofPod };
  };
  const pause = app * 0.01;
  const whole = app + sidecar + pause;
  const lines: Line[] = [
    [{ ...none, cpu: 'total', id: '/' }, whole * 2],
    [{ ...none, cpu: 'total', id: '/kubepods.slice' }, whole],
    [{ ...none, cpu: 'total', id: slice }, whole],
    [{ ...none, cpu: 'total', id: pod, ...ofPod }, whole],
    [container('POD', '0c7e1e4b', 'registry.k8s.io/pause:3.10'), pause],
    [container('app', '5f1d2c3b', 'docker.io/library/nginx:1.29'), app],
    [container('sidecar', '9a8b7c6d', 'docker.io/envoyproxy/envoy:v1.36.2'), sidecar],
  ];
  const name = 'container_cpu_usage_seconds_total';
  return family(name, 'Cumulative cpu time consumed in seconds.', { counter: lines }, now);
}

/** The labels of a line, and its value. */
type Line = readonly [labels: Labels, value: number];

/** A metric as Go's client of Prometheus writes it: labels by name, and values as Go prints them. */
function family(
  name: string,
  help: string,
  { counter, gauge = [] }: { readonly counter?: readonly Line[]; readonly gauge?: readonly Line[] },
  now?: number,
): string {
  const lines = (counter ?? gauge).map(([labels, value]) => {
    const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    return `${name}${labelText(sorted)} ${goNumber(value)}${now === undefined ? '' : ` ${now}`}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${counter ? 'counter' : 'gauge'}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(',')}}`;
}

/** A number as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it. */
function goNumber(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 6)) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
