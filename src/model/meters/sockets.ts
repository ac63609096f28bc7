import { type Boundary, powerBoundary } from '../boundaries.ts';
import type { LabelReader, Meaning } from '../meaning.ts';

const byZone = (labels: LabelReader) => powerBoundary(labels('zone') ?? 'package');
/** The label of node_exporter's `--collector.rapl.enable-zone-label` (collector/rapl_linux.go, v1.11.1). */
const byRaplZone = (labels: LabelReader) => powerBoundary(labels('rapl_zone') ?? '');
const byDomain = (labels: LabelReader) => powerBoundary(labels('domain_name') ?? '');
/** Scaphandre's host is the platform where there is one, which it says, else the sum of its sockets and their memory. */
const byValueSource = (labels: LabelReader) => (labels('value_source')?.endsWith('_psys') ? 'psys' : 'package+dram');
/** The kernel shows the packages a second time, by way of memory-mapped registers. */
const notMapped = (labels: LabelReader) => (labels('path')?.includes('intel-rapl-mmio') ? 'a_sum' : 'counts');
const zone = ['zone', 'path'];
/**
 * The registers of RAPL have 32 bits and no unit of their own: `max_energy_range_uj` is 2³² − 1 times the unit of the CPU.
 * A metric's name does not tell which, but few units exist (Linux, drivers/powercap/intel_rapl_common.c): 15.258 µJ on AMD,
 * 15.3 µJ for the memory of Intel's servers, 61.035 µJ elsewhere. node_exporter and Scaphandre pass the register on, Kepler
 * adds it up itself. Scaphandre's host is a sum, which falls by the range of the part that overflows.
 */
const rapl = [65_532.610_987, 65_712.999_613, 262_143.328_85];
/** AMD has no register of the memory, whose range is near that of Intel's servers. */
const ofMemory = rapl.slice(1);
const device = 'device';
const powercapZone = (boundary: Boundary): Meaning => {
  const ranges = boundary === 'dram' ? ofMemory : rapl;
  const source = ['index', 'path'];
  return { name: `node_rapl_${boundary}_joules`, unit: 'J', boundary, role: notMapped, source, origin: device, ranges };
};
/** Kepler up to 0.7, which parts what each measured by mode: `dynamic` and `idle` add up. Its platform is the whole host. */
const keplerNode = (part: string, boundary: Boundary): Meaning => {
  return { name: `kepler_node_${part}_joules`, unit: 'J', boundary, source: ['package', 'mode'], origin: device };
};
const scaphandre = (part: string, boundary: Meaning['boundary']): readonly Meaning[] => [
  { name: `scaph_${part}_energy_microjoules`, unit: 'J', undeclared: 'uJ', boundary, origin: device, ranges: rapl },
  { name: `scaph_${part}_power_microwatts`, unit: 'W', undeclared: 'uW', boundary, origin: device },
];

/** Meters of sockets, their parts and their memory, which are mostly those of RAPL. */
export const sockets: readonly Meaning[] = [
  { name: 'kepler_node_cpu_joules', unit: 'J', boundary: byZone, source: zone, origin: device },
  { name: 'kepler_node_cpu_watts', unit: 'W', boundary: byZone, source: zone, origin: device },
  keplerNode('platform', 'host'),
  ...(['package', 'dram', 'core', 'uncore'] as const).map((boundary) => keplerNode(boundary, boundary)),
  // node_exporter.
  ...(['psys', 'package', 'dram', 'core', 'uncore'] as const).map(powercapZone),
  {
    name: 'node_rapl_joules',
    unit: 'J',
    boundary: byRaplZone,
    role: notMapped,
    source: ['index', 'path', 'rapl_zone'],
    origin: device,
    ranges: rapl,
  },
  // Scaphandre.
  ...scaphandre('host', byValueSource),
  ...scaphandre('socket', 'package'),
  ...scaphandre('domain', byDomain),
  { name: 'rapl_power_watts', unit: 'W', boundary: byZone, origin: device },
];
