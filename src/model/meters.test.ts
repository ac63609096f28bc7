import { describe, expect, it } from 'vitest';
import { labelsIn, type Meaning, scaleOf, sourceOf } from './meaning.ts';
import { meaningOf, meanings } from './meters.ts';

/** The boundary of a point, or why it has none. */
function placeOf(name: string, attributes: Record<string, string> = {}): string | undefined {
  const meaning = meaningOf(name) as Meaning;
  const labels = labelsIn(attributes);
  const role = meaning.role?.(labels) ?? 'counts';
  if (role !== 'counts') return role;
  return typeof meaning.boundary === 'string' ? meaning.boundary : meaning.boundary(labels);
}

describe('a live metric', () => {
  it.each([
    ['hw.host.energy', 'J', 'host', ['hw_host_energy_joules_total', 'hw_host_energy_joules', 'hw_host_energy_total']],
    ['hw.host.power', 'W', 'host', ['hw_host_power_watts', 'hw_host_power']],
    ['hw.energy', 'J', undefined, ['hw_energy_joules_total', 'hw_energy']],
    ['hw.power', 'W', undefined, ['hw_power_watts', 'hw_power']],
    ['system.cpu.time', 's', 'system', ['system_cpu_time_seconds_total']],
    ['container.cpu.time', 's', 'container', ['container_cpu_time_seconds_total', 'container_cpu_time_total']],
    ['container.cpu.usage', '{cpu}', 'container', ['container_cpu_usage', 'container_cpu_usage_cores']],
    ['process.cpu.time', 's', 'process', ['process_cpu_time_seconds_total']],
    ['process_cpu_seconds', 's', 'process', ['process_cpu_seconds_total']],
    [
      'node_rapl_package_joules',
      'J',
      'package',
      ['node_rapl_package_joules_total', 'node_rapl_package_0_die_1_joules_total', 'node_rapl_package_15_joules_total'],
    ],
    ['scaph_host_energy_microjoules', 'J', 'package+dram', ['scaph_host_energy_microjoules_total']],
    ['DCGM_FI_DEV_POWER_USAGE', 'W', 'gpu', []],
    [
      'container.cpu.usage.total',
      's',
      'container',
      ['container_cpu_usage_total', 'container_cpu_usage_nanoseconds_total'],
    ],
    ['container.cpu.usage', '{cpu}', 'container', ['container_cpu_usage', 'container_cpu_usage_cores']],
    ['jvm.cpu.time', 's', 'process', ['jvm_cpu_time_seconds_total']],
    ['kepler_node_platform_joules', 'J', 'host', ['kepler_node_platform_joules_total']],
    ['ilo_power_current_watt', 'W', 'host', ['ilo4_power_current_watt']],
  ])('is known by its names: %s', (name, unit, boundary, others) => {
    for (const written of [name, ...others]) expect([written, meaningOf(written)?.name]).toEqual([written, name]);
    expect(meaningOf(name)?.unit).toBe(unit);
    expect(placeOf(name)).toBe(boundary);
  });

  it('is a counter rather than a gauge where one of the same boundary is', () => {
    const units = meanings.map(({ unit }) => unit);
    expect(units.findLastIndex((unit) => unit === 'J' || unit === 's')).toBeLessThan(units.indexOf('W'));
  });

  it('has no name of another, and none that only looks like it', () => {
    expect(new Set(meanings.map(({ name }) => meaningOf(name)?.name)).size).toBe(meanings.length);
    expect(meaningOf('container_cpu_usage_seconds_total')?.name).toBe('container_cpu_usage_seconds');
    for (const name of ['power', 'hw.host.power.limit', 'kepler_process_cpu_joules_total', 'hw_host', '']) {
      expect(meaningOf(name), name).toBeUndefined();
    }
  });

  it.each([
    ['hw.energy', { 'hw.type': 'cpu' }, 'package'],
    ['hw_power_watts', { hw_type: 'memory' }, 'dram'],
    ['hw.power', { 'hw.type': 'gpu' }, 'gpu'],
    ['hw.power', { 'hw.type': 'power_supply' }, 'host'],
    ['hw.power', { 'hw.type': 'fan' }, undefined],
    ['hw.power', { 'hw.type': 'battery' }, undefined],
    ['kepler_node_package_joules_total', { package: '0', mode: 'idle' }, 'package'],
    ['kepler_platform_watts', { power_control_name: 'Server Power Control' }, 'host'],
    ['kepler_platform_watts', { power_control_name: 'CPU Sub-system Power' }, 'no_use'],
    ['idrac_power_control_consumed_watts', { id: '1', name: 'Memory Sub-system Power' }, 'no_use'],
    ['xpum_power_watts', { uuid: 'a' }, 'gpu'],
    ['xpum_power_watts', { uuid: 'a', tile: '0' }, 'a_sum'],
    ['xpum_power_watts', { uuid: 'a', sub_dev: '1' }, 'a_sum'],
    ['xpum_power_watts', { card: '2147483649' }, 'a_sum'],
    ['kepler_node_cpu_joules_total', { zone: 'package' }, 'package'],
    ['kepler_node_cpu_joules_total', { zone: 'package-1' }, 'package'],
    ['kepler_node_cpu_joules_total', { zone: 'package-0-die-0' }, 'package'],
    ['scaph_domain_power_microwatts', { domain_name: 'package-1-die-1' }, 'package'],
    ['kepler_node_cpu_watts', { zone: 'psys' }, 'psys'],
    ['scaph_host_energy_microjoules', { value_source: 'powercap_rapl_psys' }, 'psys'],
    ['scaph_host_power_microwatts', { value_source: 'powercap_rapl_pkg' }, 'package+dram'],
    ['kepler_node_cpu_watts', { zone: 'npu' }, undefined],
    ['rapl_power_watts', {}, 'package'],
    ['scaph_domain_power_microwatts', { domain_name: 'dram' }, 'dram'],
    ['node_rapl_package_joules_total', { path: '/sys/class/powercap/intel-rapl:0' }, 'package'],
    ['node_rapl_package_joules_total', { path: '/sys/class/powercap/intel-rapl-mmio:0' }, 'a_sum'],
    ['node_rapl_joules_total', { index: '0', path: '/sys/class/powercap/intel-rapl:0:0', rapl_zone: 'core' }, 'core'],
    ['node_rapl_joules_total', { path: '/sys/class/powercap/intel-rapl-mmio:0', rapl_zone: 'package-0' }, 'a_sum'],
    ['node_rapl_joules_total', { rapl_zone: 'npu' }, undefined],
    ['system.cpu.time', { 'cpu.mode': 'user' }, 'system'],
    ['system.cpu.time', { 'cpu.mode': 'iowait' }, 'no_use'],
    ['system.cpu.time', { state: 'idle' }, 'no_use'],
    ['node_cpu_seconds_total', { mode: 'system' }, 'system'],
    ['node_cpu_seconds_total', { mode: 'steal' }, 'no_use'],
    ['system.cpu.time', { 'cpu.mode': 'steal' }, 'no_use'],
    ['system.cpu.time', { state: 'guest' }, 'no_use'],
    ['system.cpu.time', { state: 'guest_nice' }, 'no_use'],
    ['process.cpu.time', { 'cpu.mode': 'wait' }, 'no_use'],
    ['container_cpu_usage_seconds_total', { id: '/kubepods/x', container: 'app' }, 'containers'],
    ['container_cpu_usage_seconds_total', { id: '/docker/x', name: 'app' }, 'containers'],
    ['container_cpu_usage_seconds_total', { id: '/', container: '' }, 'a_sum'],
    ['container_cpu_usage_seconds_total', { container: 'POD' }, 'a_sum'],
  ])('%s with %j is of the boundary %s', (name, labels, expected) => {
    expect(placeOf(name, labels)).toBe(expected);
  });

  it('has a unit that its own can be made of, or the one that its name has where it declares none', () => {
    const scales = (name: string, units: string[]) => units.map((unit) => scaleOf(meaningOf(name) as Meaning, unit));
    const [asItIs, thousand, millionth] = [
      { times: 1, per: 1 },
      { times: 1000, per: 1 },
      { times: 1, per: 1e6 },
    ];
    expect(scales('hw.power', ['W', 'watts', '', 'kW', 'J'])).toEqual([asItIs, asItIs, asItIs, thousand, undefined]);
    expect(scales('scaph_host_power_microwatts', ['', 'uW', 'W'])).toEqual([millionth, millionth, asItIs]);
  });

  it('says what has to restart for it to begin at 0, and by how much its register may fall', () => {
    const of = (name: string) => {
      const { origin, ranges } = meaningOf(name) as Meaning;
      return [origin, ranges?.length];
    };
    expect(of('system.cpu.time')).toEqual(['boot', undefined]);
    expect(of('node_rapl_package_joules_total')).toEqual(['device', 3]);
    expect(of('kepler_node_cpu_joules_total')).toEqual(['device', undefined]);
    expect(of('hw.energy')).toEqual(['device', undefined]);
    expect(of('container_cpu_usage_seconds_total')).toEqual(['device', undefined]);
    expect(of('process.cpu.time')).toEqual(['process', undefined]);
  });

  it('comes from meters that are told apart by their own labels', () => {
    const card = meaningOf('DCGM_FI_DEV_POWER_USAGE') as Meaning;
    const [one, moved, two] = [
      { UUID: 'a', gpu: '0', pod: 'x' },
      { UUID: 'a', gpu: '0', pod: 'y' },
      { UUID: 'b', gpu: '1' },
    ].map((labels) => sourceOf(card, labels));
    expect(one).toBe(moved);
    expect(one).not.toBe(two);
    const kepler = meaningOf('kepler_node_cpu_watts') as Meaning;
    expect(sourceOf(kepler, { zone: 'package', path: 'a' })).toBe(sourceOf(kepler, { path: 'a', zone: 'package' }));
    expect(sourceOf(kepler, { zone: 'package', path: 'a' })).not.toBe(sourceOf(kepler, { zone: 'package', path: 'b' }));
  });
});
