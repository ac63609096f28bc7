import type { Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { counterNameOf, counterPointsOf } from './counter-points.ts';

const counter = (name: string, attributes: Attributes, value = 7) =>
  liveMetric(name, 'counter', [{ at: 20, start: 10, value, attributes }]);
const points = (name: string, attributes: Attributes = {}, resource: Attributes = {}) =>
  counterPointsOf(liveRun(resource, counter(name, attributes)));

describe('the counters of streams', () => {
  it('are told by their names, and give what was counted since when', () => {
    const [point, ...more] = points('energy_joules_total', { scenario: 'a' });
    expect([point, more]).toEqual([{ key: 'joules [["scenario","a"]]', start: 10, at: 20, value: 7 }, []]);
    for (const name of ['cost_energy_load_aware_usd_total', 'cost_compute_load_aware_usd_total']) {
      expect(points(name)).toHaveLength(1);
    }
    expect(points('requests_total')).toEqual([]);
  });

  it('are one where all their labels are the same, in whatever order', () => {
    const key = (labels: Attributes, resource?: Attributes) => points('energy_joules_total', labels, resource)[0]?.key;
    expect(key({ scenario: 'a', boundary: 'host' })).toBe(key({ boundary: 'host', scenario: 'a' }));
    const others = [{ boundary: 'gpu' }, { state: 'live' }, { 'host.name': 'b' }, { bitrate: '1k' }];
    expect(new Set([{}, ...others].map((labels) => key(labels))).size).toBe(others.length + 1);
    expect(key({}, { 'service.instance.id': 'edge-1' }), 'of two senders').not.toBe(key({}));
  });

  it('tell the energy that the price of CPU time includes from other energy', () => {
    const [point] = points('cost_energy_load_aware_usd_total', { included_in: 'compute' });
    expect(counterNameOf(point?.key as string).quantity).toBe('included_energy_usd');
    const [other] = points('cost_energy_load_aware_usd_total');
    expect(counterNameOf(other?.key as string).quantity).toBe('energy_usd');
  });

  it('have emissions by location alone', () => {
    expect(points('co2_emissions_kg_total', { method: 'location' })).toHaveLength(1);
    expect(points('co2_emissions_kg_total', { method: 'market' })).toEqual([]);
    expect(points('co2_emissions_kg_total', { method: 'marginal' })).toEqual([]);
  });

  it('are cumulative sums', () => {
    const metric = liveMetric('energy_joules_total', 'delta', [{ at: 20, start: 10, value: 7 }]);
    const gauge = liveMetric('energy_joules_total', 'gauge', [{ at: 20, value: 7 }]);
    expect(counterPointsOf(liveRun({}, metric, gauge, counter('energy_joules_total', {}, Number.NaN)))).toEqual([]);
  });

  it('name scenario, region, encoder, namespace and host, as far as their labels do', () => {
    const nameOf = (labels: Attributes) => counterNameOf(points('co2_emissions_kg_total', labels)[0]?.key as string);
    const nothing = { scenario: null, region: null, encoder: null, namespace: null, host: null };
    expect(nameOf({ scenario: '' })).toEqual({ quantity: 'co2_kg', ...nothing });
    const own = { scenario: 'a b', region: 'r', encoder: 'x' };
    expect(nameOf({ ...own, 'k8s.namespace.name': 'media', 'k8s.node.name': 'node-1' })).toEqual({
      ...{ quantity: 'co2_kg', ...own, namespace: 'media', host: 'node-1' },
    });
    expect(nameOf({ 'host.name': 'a', 'k8s.node.name': 'node-1' }).host).toBe('a');
  });
});
