import { describe, expect, it } from 'vitest';
import { countCluster, KG_PER_KWH, USD_PER_CORE_HOUR, USD_PER_KWH } from '../kit/counted-cluster.ts';
import { sumsIn } from '../kit/live-streams.ts';
import { IDLE_WATTS, SimulatedCluster, type Truth } from '../kit/simulated-cluster.ts';

/** The sums of a counter by what a label, or several, say; what has none of them is under its host. */
function sumsBy(sums: Record<string, number>, name: string, ...labels: readonly string[]) {
  const by = new Map<string, number>();
  for (const [series, value] of Object.entries(sums)) {
    if (!series.startsWith(`${name}{`)) continue;
    const textOf = (label: string) => series.match(`[{,]${label}="([^"]*)"`)?.[1];
    const values = labels.map(textOf).filter((one) => one !== undefined);
    const key = values.length ? values.join('/') : (textOf('host.name') ?? '');
    by.set(key, (by.get(key) ?? 0) + value);
  }
  return by;
}

function expectSums(counted: ReadonlyMap<string, number>, truth: ReadonlyMap<string, number>): void {
  expect([...counted.keys()].sort()).toEqual([...truth.keys()].sort());
  for (const [key, value] of truth) {
    expect(Math.abs((counted.get(key) ?? 0) - value), `${key}: ${counted.get(key)} for ${value}`).toBeLessThanOrEqual(
      1e-9 * value,
    );
  }
}

const rules = ['none', 'even', 'by_use'] as const;
const byPod = ['k8s.namespace.name', 'k8s.pod.name'] as const;

describe('the energy of a cluster of 3 nodes, 40 pods and 5 namespaces', () => {
  const cluster = new SimulatedCluster();
  const truth = cluster.truth();
  const truthOf = (of: (one: Truth) => number) => new Map([...truth].map(([key, one]) => [key, of(one)]));
  /** What the pods of each namespace used together, and what is left of each node. */
  const byNamespace = (ofPods: ReadonlyMap<string, number>) => {
    const sums = new Map<string, number>();
    for (const [key, value] of ofPods) {
      const [name = ''] = key.split('/');
      sums.set(name, (sums.get(name) ?? 0) + value);
    }
    return sums;
  };

  it.each(rules)('is shared by CPU time, with idle power %s', { timeout: 180_000 }, async (rule) => {
    const live = { by: 'pod', idle_power: rule, idle_watts: IDLE_WATTS };
    const sums = sumsIn(await countCluster(cluster, ['node', 'cadvisor'], live));
    const joules = truthOf((one) => one[rule]);
    const cost = truthOf((one) => (one[rule] / 3.6e6) * USD_PER_KWH + (one.coreSeconds / 3600) * USD_PER_CORE_HOUR);
    expectSums(sumsBy(sums, 'energy_joules_total', ...byPod), joules);
    expectSums(sumsBy(sums, 'energy_joules_total', 'k8s.namespace.name'), byNamespace(joules));
    const hosts = [...sumsBy(sums, 'energy_joules_total', 'host.name').keys()];
    expect(hosts.sort(), 'pods are under their hosts').toEqual(['node-0', 'node-1', 'node-2']);
    expectSums(
      sumsBy(sums, 'cpu_core_seconds_total', ...byPod),
      truthOf(({ coreSeconds }) => coreSeconds),
    );
    expectSums(sumsBy(sums, 'cost_load_aware_usd_total', ...byPod), cost);
    expectSums(
      sumsBy(sums, 'co2_emissions_kg_total', ...byPod),
      truthOf((one) => (one[rule] / 3.6e6) * KG_PER_KWH),
    );
  });

  it.each(rules)('is shared as Kepler says, with idle power %s', { timeout: 180_000 }, async (rule) => {
    const busy = new SimulatedCluster({ pauses: 0 });
    const sums = sumsIn(await countCluster(busy, ['kepler'], { by: 'pod', idle_power: rule }));
    const joules = new Map([...busy.truth()].map(([key, one]) => [key, one[rule]]));
    expectSums(sumsBy(sums, 'energy_joules_total', ...byPod), joules);
  });

  it('is the same by namespace', { timeout: 180_000 }, async () => {
    const sums = sumsIn(await countCluster(cluster, ['node', 'cadvisor'], { by: 'namespace', idle_watts: IDLE_WATTS }));
    const joules = truthOf(({ none }) => none);
    expectSums(sumsBy(sums, 'energy_joules_total', 'k8s.namespace.name'), byNamespace(joules));
  });
});
