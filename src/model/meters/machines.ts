import type { Boundary } from '../boundaries.ts';
import type { LabelReader, Meaning } from '../meaning.ts';

/** What the supplies draw is what the host draws; of other hardware, such as fans, it is part of that. */
const hardware: Readonly<Record<string, Boundary>> = {
  cpu: 'package',
  memory: 'dram',
  gpu: 'gpu',
  power_supply: 'host',
};
const byHardware = (labels: LabelReader) => hardware[labels('hw.type') ?? ''];
/** Redfish may list the power of parts beside that of the whole, such as `CPU Sub-system Power`. */
const ofPart = /sub-?system|\b(cpu|processor|memory|dimm|gpu|accelerator|fan|storage|drive)/i;
const ofWhole = (label: string) => (labels: LabelReader) => (ofPart.test(labels(label) ?? '') ? 'no_use' : 'counts');
const watts = { unit: 'W', boundary: 'host', origin: 'device' } as const;

/** Meters of whole machines: OpenTelemetry's hardware metrics, and what management controllers measure. */
export const machines: readonly Meaning[] = [
  // OpenTelemetry semantic conventions, hardware metrics.
  { name: 'hw.host.energy', unit: 'J', boundary: 'host', source: ['hw.id'], origin: 'device' },
  { name: 'hw.energy', unit: 'J', boundary: byHardware, source: ['hw.id'], origin: 'device' },
  { name: 'hw.host.power', source: ['hw.id'], ...watts },
  { name: 'power_watts', ...watts },
  { name: 'hw.power', unit: 'W', boundary: byHardware, source: ['hw.id'], origin: 'device' },
  // ipmi_exporter.
  { name: 'ipmi_dcmi_power_consumption_watts', ...watts },
  // Kepler, by Redfish.
  {
    name: 'kepler_platform_watts',
    role: ofWhole('power_control_name'),
    source: ['chassis_id', 'power_control_id'],
    ...watts,
  },
  // redfish_exporter, idrac_exporter and ilo_exporter.
  {
    name: 'redfish_chassis_power_average_consumed_watts',
    role: ofWhole('power_voltage'),
    source: ['chassis_id', 'power_voltage_id'],
    ...watts,
  },
  {
    name: 'redfish_chassis_power_powersupply_power_input_watts',
    source: ['chassis_id', 'power_supply_id'],
    ...watts,
  },
  { name: 'idrac_power_control_consumed_watts', role: ofWhole('name'), source: ['id'], ...watts },
  { name: 'idrac_power_control_avg_consumed_watts', role: ofWhole('name'), source: ['id'], ...watts },
  { name: 'idrac_power_supply_input_watts', source: ['id'], ...watts },
  {
    name: 'ilo_power_current_watt',
    aliases: ['ilo4_power_current_watt'],
    source: ['id'],
    identity: [{ attribute: 'host.name', label: 'host' }],
    ...watts,
  },
];
