import { stringify } from 'yaml';
import { loadConfiguration } from '../../src/config/load.ts';
import { Loader } from '../../src/loader.ts';
import type { Processor, Receiver, Run } from '../../src/plugin/index.ts';
import { asTheyAre, connect } from './connected-stages.ts';
import { type SimulatedCluster, STEP, serveTexts } from './simulated-cluster.ts';

const { signal } = new AbortController();
export const USD_PER_KWH = 0.25;
export const USD_PER_CORE_HOUR = 0.04;
export const KG_PER_KWH = 0.4;

/** Scrapes the pages of a cluster step by step with a `live` of that configuration, and returns the counters that it comes to. */
export async function countCluster(
  cluster: SimulatedCluster,
  kinds: readonly ('node' | 'cadvisor' | 'kepler')[],
  live: object,
): Promise<readonly Run[]> {
  let step = 0;
  const zero = Math.floor(Date.now() / 1000) - cluster.steps * STEP - 60;
  const server = await serveTexts((path) => {
    const [, kind, node] = path.split('/');
    return cluster.page(kind as 'node', Number(node), step, zero);
  });
  const scrape_configs = kinds.flatMap((kind) =>
    Array.from({ length: cluster.nodes }, (_, node) => ({
      job_name: `${kind}-${node}`,
      metrics_path: `/${kind}/${node}`,
      static_configs: [{ targets: [server.address], labels: { 'host.name': `node-${node}`, region: 'eu-west-1' } }],
    })),
  );
  const file = stringify({
    receivers: { prometheus: { scrape_configs } },
    processors: {
      live,
      energy: null,
      cost: { usd_per_kwh: USD_PER_KWH, usd_per_core_hour: USD_PER_CORE_HOUR },
      co2: { kg_per_kwh: KG_PER_KWH },
      totals: { labels: ['host.name', 'k8s.namespace.name', 'k8s.pod.name'] },
    },
    exporters: { debug: null },
    service: {
      pipelines: {
        metrics: {
          receivers: ['prometheus'],
          processors: ['live', 'energy', 'cost', 'co2', 'totals'],
          exporters: ['debug'],
        },
      },
    },
  });
  const configuration = await loadConfiguration([`yaml:${file}`], { loader: new Loader(), environment: {} });
  const { create, stages, exported } = connect(configuration, asTheyAre);
  const processors = [...stages];
  const receiver = create('receiver', 'prometheus') as Receiver;
  for (const stage of processors) await (stage as Processor).start?.(signal);
  try {
    for (; step <= cluster.steps; step++) await receiver.readOnce?.(signal);
  } finally {
    server.close();
    for (const stage of processors.toReversed()) await stage.shutdown?.(signal);
  }
  return exported;
}
