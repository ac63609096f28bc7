import { expect, it } from 'vitest';
import { powerUnitOf } from './power-like.ts';

it.each([
  ['ipmi_power_watts', '', 'W'],
  ['node_hwmon_power_average_watt', '', 'W'],
  ['node_hwmon_energy_joule_total', '', 'J'],
  ['shelly_meter_power_current_watts', '', 'W'],
  ['shelly_meter_power_watthours_total', '', 'Wh'],
  ['tasmota_energy_power_active_watts', '', 'W'],
  ['homeassistant_sensor_power_w', '', 'W'],
  ['homeassistant_sensor_energy_kwh', '', 'kWh'],
  ['st4OutletActivePower', '', 'W'],
  ['rPDU2OutletMeteredStatusEnergy', '', 'J'],
  ['upsAdvOutputActivePower', '', 'W'],
  ['amd_gpu_power_avg', '', 'W'],
  ['rack.pdu.draw', 'kW', 'kW'],
  ['rack.pdu.total', 'kW.h', 'kW.h'],
  ['network_ups_tools_ups_realpower', '', 'W'],
  ['some_device_milliwatts', '', 'mW'],
])('%s in `%s` looks like power in %s', (name, declared, unit) => {
  expect(powerUnitOf(name, declared)).toBe(unit);
});

it.each([
  ['node_power_supply_info', ''],
  ['node_power_supply_energy_watthour', ''],
  ['node_battery_energy_full', ''],
  ['idrac_system_power_on', ''],
  ['idrac_power_supply_capacity_watts', ''],
  ['idrac_power_control_max_consumed_watts', ''],
  ['idrac_power_supply_health', ''],
  ['ipmi_power_state', ''],
  ['node_hwmon_power_cap_watt', ''],
  ['node_hwmon_power_average_interval_seconds', ''],
  ['nvidia_smi_power_limit_watts', ''],
  ['nvidia_smi_enforced_power_limit_watts', ''],
  ['DCGM_FI_DEV_POWER_VIOLATION', ''],
  ['smartctl_device_power_on_seconds_total', ''],
  ['smartctl_device_power_cycle_count', ''],
  ['hw.power.limit', 'W'],
  ['st4OutletActivePowerStatus', ''],
  ['idrac_power_supply_output_watts', ''],
  ['shelly_meter_power_apparent_watts', ''],
  ['shelly_meter_powerfactor', ''],
  ['kepler_process_cpu_joules_total', ''],
  ['kepler_container_package_joules_total', ''],
  ['kepler_node_cpu_idle_watts', ''],
  ['scaph_process_power_consumption_microwatts', ''],
  ['process_cpu_seconds_total', ''],
  ['http_server_request_duration_seconds', 's'],
  ['memory_mw', ''],
  ['window_w', ''],
  ['cost_energy_load_aware', '{USD}'],
  ['energy_joules_total', 'J'],
  ['device_power', '%'],
  ['bsnAPIfDBNoisePower', ''],
  ['toString', ''],
  ['constructor', ''],
  ['node_battery_power', ''],
  ['tensorpower_ratio', ''],
])('%s in `%s` does not', (name, declared) => {
  expect(powerUnitOf(name, declared)).toBeUndefined();
});
