import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelsFrom } from '../../src/figures/index.ts';
import type { Run } from '../../src/plugin/index.ts';
import { countCluster } from '../kit/counted-cluster.ts';
import { describeWithPeers, type Peer, startVictoriaMetrics } from '../kit/peers.ts';
import { IDLE_WATTS, SimulatedCluster } from '../kit/simulated-cluster.ts';
import { queriesOf, readDashboards } from './dashboard-files.ts';
import { interpolate } from './interpolate.ts';

/** The counters of runs as VictoriaMetrics takes them, with their times. */
function exposition(runs: readonly Run[]): string {
  const lines: string[] = [];
  for (const metric of runs.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))) {
    for (const { attributes, value, endTime } of metric.dataPoints) {
      const labels = Object.entries(labelsFrom(attributes)).map(([name, label]) => `${name}=${JSON.stringify(label)}`);
      lines.push(`${metric.descriptor.name}{${labels}} ${value} ${Math.round(endTime[0] * 1000 + endTime[1] / 1e6)}\n`);
    }
  }
  return lines.join('');
}

describeWithPeers('the pods of a cluster in VictoriaMetrics', ['victoria-metrics'], () => {
  const cluster = new SimulatedCluster({ steps: 70 });
  const truth = new Map([...cluster.truth()].filter(([name]) => name.includes('/')));
  const dashboard = readDashboards().get('live-hosts');
  let server: Peer;

  beforeAll(async () => {
    server = await startVictoriaMetrics(['-search.latencyOffset=0s', '-retentionPeriod=100y']);
    const runs = await countCluster(cluster, ['node', 'cadvisor'], { by: 'pod', idle_watts: IDLE_WATTS });
    const response = await fetch(`${server.url}/api/v1/import/prometheus`, { method: 'POST', body: exposition(runs) });
    expect(response.status).toBe(204);
    await fetch(`${server.url}/internal/force_flush`);
  }, 180_000);
  afterAll(() => server?.stop());

  /** What an expression comes to now, by namespace and pod. */
  const ask = async (query: string) => {
    const answer = await fetch(`${server.url}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return new Map(
      data.result.flatMap(({ metric, value }): [string, number][] =>
        metric.k8s_pod_name ? [[`${metric.k8s_namespace_name}/${metric.k8s_pod_name}`, Number(value[1])]] : [],
      ),
    );
  };
  /** What the dashboard shows of each pod in the last half hour. */
  const shown = async (refId: string) => {
    if (!dashboard) throw new Error('there is no dashboard live-hosts');
    const query = queriesOf('live-hosts', dashboard).find(
      (one) => one.panel === 'Pods this month' && one.refId === refId,
    );
    const to = Math.floor(Date.now() / 1000);
    return ask(interpolate(query?.expression ?? '', dashboard, { from: to - 1800, to }));
  };

  it('have the energy that each used', async () => {
    const stored = await ask('sum by (k8s_namespace_name, k8s_pod_name) (last_over_time(energy_joules_total[1h]))');
    expect([...stored.keys()].sort()).toEqual([...truth.keys()].sort());
    for (const [pod, { none }] of truth) expect((stored.get(pod) ?? 0) / none).toBeCloseTo(1, 9);
  });

  it.each(['joules', 'cost', 'co2'])('are all in the table of the dashboard, with their %s', async (refId) => {
    const table = await shown(refId);
    expect([...table.keys()].sort()).toEqual([...truth.keys()].sort());
    const joules = await shown('joules');
    for (const [pod, { none }] of truth) {
      // The first value of a counter may not be included.
      expect(table.get(pod)).toBeGreaterThan(0);
      expect(joules.get(pod)).toBeLessThanOrEqual(none * (1 + 1e-9));
      expect(joules.get(pod)).toBeGreaterThan(none / 2);
    }
  });
});
