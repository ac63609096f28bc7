import {
  type Batch,
  cpuUsage,
  createValuation,
  definePlugin,
  extendRun,
  type FigureGauge,
  factorsOf,
  figureGauge,
  filledCpu,
  filledPower,
  hostPower,
  JOULES_PER_KWH,
  type Line,
  metricsOf,
  observeFactorRecords,
  type Processor,
  SECONDS_PER_HOUR,
  type SourceContext,
  transform,
  type Valued,
  valueBy,
  type Worth,
} from 'wattline/plugin';
import { emitted, figures } from './figures.ts';
import { pricesOf } from './prices.ts';
import { type Config, configSchema } from './settings.ts';

export default definePlugin({
  kind: 'processor',
  type: 'cost',
  stability: 'beta',
  configSchema,
  reads: Object.fromEntries([hostPower, cpuUsage, filledPower, filledCpu].map(({ name, unit }) => [name, unit])),
  emits: emitted,
  create: (ctx, config) => costProcessor(ctx, config),
});

function costProcessor(ctx: SourceContext, config: Config): Processor {
  const prices = pricesOf(config, ctx);
  const note = observeFactorRecords(ctx);
  const ofEnergy = { divisor: JOULES_PER_KWH, atMeter: config.priced_energy === 'meter', find: prices.ofEnergy, note };
  const ofCompute = { divisor: SECONDS_PER_HOUR, atMeter: false, find: prices.ofCores, note };
  const worths: readonly Worth[] = [
    { ...ofEnergy, signal: hostPower, figure: figures.energy, integral: { name: 'energy_joules', unit: 'J' } },
    {
      ...ofCompute,
      signal: cpuUsage,
      figure: figures.compute,
      integral: { name: 'cpu_core_seconds', unit: '{cpu}.s' },
    },
    {
      ...ofEnergy,
      signal: filledPower,
      figure: figures.energyFilled,
      integral: { name: 'energy_filled_joules', unit: 'J' },
      isFilled: true,
    },
    {
      ...ofCompute,
      signal: filledCpu,
      figure: figures.computeFilled,
      integral: { name: 'cpu_filled_core_seconds', unit: '{cpu}.s' },
      isFilled: true,
    },
  ];
  const valuations = worths.map((worth) => createValuation(worth, ctx));
  const step = valueBy(valuations, (batch, costs) => withCosts(batch, costs, config, ctx));
  return { ...transform(ctx.next, step), start: () => prices.start() };
}

/** The run with its costs, the total first; measured ones alone make it up. */
function withCosts(batch: Batch, costs: readonly (Valued | undefined)[], config: Config, ctx: SourceContext): Batch {
  const energy = costs[0];
  const compute = costs[1];
  const first = energy ?? compute;
  let total: FigureGauge | undefined;
  if (first && ((energy && compute) || config.partial_total)) {
    const value = (energy?.metric.value ?? 0) + (compute?.metric.value ?? 0);
    ctx.explain?.([totalLine(value, energy, compute)]);
    total = figureGauge(figures.total, value, batch, first.labels);
  }
  const metrics = metricsOf(costs, total);
  return metrics.length ? extendRun(batch, 'wattline/cost', metrics, undefined, factorsOf(costs)) : batch;
}

function totalLine(value: number, ...costs: readonly (Valued | undefined)[]): Line {
  const { name, unit } = figures.total;
  return { name, expression: costs.flatMap((cost) => cost?.metric.descriptor.name ?? []).join(' + '), value, unit };
}
