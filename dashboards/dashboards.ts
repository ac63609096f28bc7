import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { costEnergyMonitoring } from './cost-energy-monitoring.ts';
import { figuresAndFactors } from './figures-and-factors.ts';
import { gridAndTariffs } from './grid-and-tariffs.ts';
import { liveHosts } from './live-hosts.ts';
import { liveTotals } from './live-totals.ts';
import { pipelineOperation } from './pipeline-operation.ts';
import { predictionQuality } from './prediction-quality.ts';

/** All dashboards by their uid, which is also the name of their file. */
export const dashboards: Readonly<Record<string, () => Dashboard>> = {
  'cost-energy-monitoring': costEnergyMonitoring,
  'prediction-quality': predictionQuality,
  'pipeline-operation': pipelineOperation,
  'grid-and-tariffs': gridAndTariffs,
  'figures-and-factors': figuresAndFactors,
  'live-totals': liveTotals,
  'live-hosts': liveHosts,
};
