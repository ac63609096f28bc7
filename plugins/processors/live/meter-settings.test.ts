import type { Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { convert, labelsIn, type Meaning, type Scale, scaleOf, sourceOf } from 'wattline/figures';
import { configSchema, optionsOf } from './settings.ts';

const read = (...meters: readonly object[]) => optionsOf(configSchema.parse({ meters })).meters;
const problemsOf = (config: object) => {
  const { error } = configSchema.safeParse(config);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
};
const placeOf = ({ role, boundary }: Meaning, attributes: Attributes) => {
  const labels = labelsIn(attributes);
  const is = role?.(labels) ?? 'counts';
  if (is !== 'counts') return is;
  return typeof boundary === 'string' ? boundary : boundary(labels);
};

describe('a configured meter', () => {
  it.each([
    ['rack.power', 'W', ['rack.power', 'rack_power', 'rack_power_watts', 'rack_power_W', 'rack_power_total']],
    ['rack_energy', 'kWh', ['rack_energy_kilowatthours_total', 'rack.energy', 'rack_energy_kWh_total']],
    ['ipmi_power_watts', 'W', ['ipmi_power_watts']],
    ['*_outlet_power', 'W', ['a_outlet_power', 'a_outlet_power_watts']],
  ])('%s in %s is known by its names', (metric, unit, names) => {
    const meters = read({ metric, unit, boundary: 'host' });
    for (const name of names) expect(meters.of(name), name).toBeDefined();
    const others = ['rack', 'rack_power_kilowatts', 'ipmi_power_watts_max', 'outlet_power', 'rack_energy_joules'];
    for (const name of others) expect(meters.of(name), name).toBeUndefined();
  });

  it('of a form has no shares of others in it, unless it is of shares itself', () => {
    const all = read({ metric: 'kepler_*_joules', unit: 'J', boundary: 'host' });
    expect(all.of('kepler_node_platform_joules_total')?.name).toBe('kepler_*_joules');
    for (const name of ['kepler_pod_cpu_joules_total', 'kepler_node_cpu_active_joules_total'])
      expect(all.of(name)?.name, name).not.toBe('kepler_*_joules');
    const pods = read({ metric: 'kepler_pod_*_joules', unit: 'J', boundary: 'host' });
    expect(pods.of('kepler_pod_cpu_joules_total')?.name).toBe('kepler_pod_*_joules');
  });

  it('of a form is one, whose meters are told apart by the names that were sent', () => {
    const meters = read({ metric: 'pdu_*_watts', unit: 'W', boundary: 'host', source: ['phase'] });
    const [a, b] = ['pdu_a_watts', 'pdu.b.watts'].map((name) => meters.of(name) as Meaning);
    expect([a?.name, b?.name, meters.of('pdu_*_watts')?.name]).toEqual(Array(3).fill('pdu_*_watts'));
    const sources = [a, a, b].map((meaning, i) => sourceOf(meaning as Meaning, { phase: `${i % 2}` }));
    expect(new Set(sources).size).toBe(3);
  });

  it.each([
    ['W', 1, 5, 5],
    ['kW', 0.01, 123, 1230],
    ['W', 0.1, 50, 5],
    ['mJ', 1, 1500, 1.5],
    ['kWh', 1, 2, 7.2e6],
    ['Wh', 1, 1, 3600],
  ])('in %s with the multiplier %d is converted, whatever it declares', (unit, multiplier, value, expected) => {
    const meaning = read({ metric: 'm', unit, multiplier, boundary: 'host' }).of('m') as Meaning;
    for (const declared of ['', 'W', 'kW', 'By'])
      expect(convert(value, scaleOf(meaning, declared) as Scale)).toBeCloseTo(expected, 12);
  });

  it('takes the place of what the table has of its name', () => {
    expect(read().of('hw.host.power')?.boundary).toBe('host');
    const meters = read({ metric: 'hw_host_power', unit: 'kW', boundary: 'facility' });
    expect(meters.of('hw.host.power')).toMatchObject({ boundary: 'facility', scale: { times: 1000, per: 1 } });
    expect(meters.of('hw.host.energy')?.boundary).toBe('host');
  });

  it('counts the points that have its labels, each row of a metric at its own boundary', () => {
    const metric = 'ipmi_power_watts';
    const meaning = read(
      { metric, unit: 'W', boundary: 'host', where: { name: 'Pwr Consumption' } },
      { metric, unit: 'W', boundary: 'package', where: { name: ['CPU* Power', 'VR P?'] } },
    ).of(metric) as Meaning;
    expect(placeOf(meaning, { name: 'Pwr Consumption', id: '7' })).toBe('host');
    expect(placeOf(meaning, { name: 'CPU1 Power' })).toBe('package');
    expect(placeOf(meaning, { name: 'Fan Power' })).toBe('no_use');
    expect(placeOf(meaning, {})).toBe('no_use');
  });

  it('names hosts by its labels: by attributes of `identity`, and by others as `host.name`', () => {
    const meter = { metric: 'm', unit: 'W', boundary: 'host', identity: ['k8s.node.name', 'outlet'] };
    expect(read(meter).of('m')?.identity).toEqual([
      { attribute: 'k8s.node.name', label: 'k8s.node.name' },
      { attribute: 'host.name', label: 'outlet' },
    ]);
  });

  it('comes before those of the table that measure the same, but no gauge before a counter', () => {
    const meters = read(
      { metric: 'a', unit: 'W', boundary: 'host' },
      { metric: 'b', unit: 'J', boundary: 'host' },
      { metric: 'c', unit: 'W', boundary: 'host' },
    );
    const names = ['hw.host.power', 'c', 'unknown', 'a', 'hw.host.energy', 'b'];
    const order = ['b', 'hw.host.energy', 'a', 'c', 'hw.host.power', 'unknown'];
    expect(names.sort((a, b) => meters.orderOf(a) - meters.orderOf(b))).toEqual(order);
  });

  it('of a process counts from its start, as that of a resource', () => {
    const meaning = read({ metric: 'app.cpu', unit: 'ms', boundary: 'process' }).of('app_cpu');
    expect(meaning).toMatchObject({ unit: 's', origin: 'process', isOfResource: true });
    expect(read({ metric: 'm', unit: 'J', boundary: 'gpu' }).of('m')?.isOfResource).toBeUndefined();
  });

  it('may be one of those whose counters begin with their process', () => {
    const meters = [{ metric: 'job_energy', unit: 'J', boundary: 'host' }];
    const options = optionsOf(configSchema.parse({ meters, counted_from_start: ['job.energy'] }));
    expect(options.isOfSender(options.meters.of('job_energy_joules_total') as Meaning)).toBe(true);
  });
});

it.each([
  ['VA', 'meters.0.unit', /`VA` is apparent power, .* name the metric in W$/],
  ['A', 'meters.0.unit', /`A` is no power without the other factor$/],
  ['By', 'meters.0.unit', /^expected a unit of power, energy, CPU time or cores, such as W, .*, instead of `By`$/],
  ['mV', 'meters.0.unit', /`mV` is no power without/],
  ['s', 'meters.0.unit', /^expected for facility, host, .* a unit of power or energy such as W or J, since `s` is/],
])('the unit %s is refused with a sentence', (unit, path, message) => {
  const [problem = ''] = problemsOf({ meters: [{ metric: 'm', unit, boundary: 'host' }] });
  expect(problem.startsWith(`${path}: `)).toBe(true);
  expect(problem.slice(path.length + 2)).toMatch(message);
});

it('what cannot be is refused with its place', () => {
  const host = { metric: 'm', unit: 'W', boundary: 'host' };
  expect(problemsOf({ meters: [{ ...host, boundary: 'system' }] })[0]).toMatch(/^meters\.0\.unit: .* s or \{cpu\}/);
  const others = [
    { unit: 'kW' },
    { multiplier: 2 },
    { identity: ['a'] },
    { source: ['a'] },
    { metric: 'm_total', unit: 'J' },
  ];
  for (const other of others) {
    expect(problemsOf({ meters: [host, { ...host, ...other }] })[0], JSON.stringify(other)).toMatch(
      /^meters\.1: expected the/,
    );
  }
  expect(problemsOf({ meters: [host, { ...host, where: { a: '1' }, boundary: 'gpu' }] })).toEqual([]);
  expect(problemsOf({ counted_from_start: ['m'] })).toEqual([
    'counted_from_start.0: expected a metric that `live` reads',
  ]);
  expect(problemsOf({ meters: [host], counted_from_start: ['m'] })).toEqual([]);
});
