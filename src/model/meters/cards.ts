import type { LabelReader, Meaning } from '../meaning.ts';

const card = ['UUID', 'gpu'];
const amd = ['serial_number', 'gpu_id'];
const intel = ['uuid', 'pci_bdf'];
const gpu = { boundary: 'gpu', origin: 'device' } as const;
/** XPU Manager has a line for each card, each device on it, and each of its tiles, by the label `tile` or later `sub_dev`. */
const ofDevice = (labels: LabelReader) => (labels('tile') || labels('sub_dev') || labels('card') ? 'a_sum' : 'counts');

/** Meters of graphics cards and other accelerators. */
export const cards: readonly Meaning[] = [
  { name: 'kepler_node_gpu_joules', unit: 'J', ...gpu },
  { name: 'kepler_node_gpu_watts', unit: 'W', ...gpu },
  // NVIDIA's DCGM exporter: millijoules.
  { name: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', unit: 'J', undeclared: 'mJ', source: card, ...gpu },
  { name: 'DCGM_FI_DEV_POWER_USAGE', unit: 'W', source: card, ...gpu },
  { name: 'DCGM_FI_DEV_POWER_USAGE_INSTANT', unit: 'W', source: card, ...gpu },
  // nvidia_gpu_exporter, and nvidia_gpu_prometheus_exporter.
  { name: 'nvidia_smi_energy_joules', unit: 'J', source: ['uuid'], ...gpu },
  { name: 'nvidia_smi_power_draw_watts', unit: 'W', source: ['uuid'], ...gpu },
  { name: 'nvidia_smi_power_draw_average_watts', unit: 'W', source: ['uuid'], ...gpu },
  { name: 'nvidia_smi_power_draw_instant_watts', unit: 'W', source: ['uuid'], ...gpu },
  { name: 'nvidia_gpu_power_usage_milliwatts', unit: 'W', undeclared: 'mW', source: ['uuid', 'minor_number'], ...gpu },
  // AMD's device-metrics-exporter.
  { name: 'amd_gpu_energy_consumed', unit: 'J', undeclared: 'uJ', source: amd, ...gpu },
  { name: 'amd_gpu_package_power', unit: 'W', source: amd, ...gpu },
  { name: 'amd_gpu_average_package_power', unit: 'W', source: amd, ...gpu },
  { name: 'amd_gpu_power_usage', unit: 'W', source: amd, ...gpu },
  // Intel's XPU Manager.
  { name: 'xpum_energy_joules', unit: 'J', role: ofDevice, source: intel, ...gpu },
  { name: 'xpum_power_watts', unit: 'W', role: ofDevice, source: intel, ...gpu },
  { name: 'gpu_power_draw_watts', unit: 'W', ...gpu },
];
