import {
  type Batch,
  cpuUsage,
  createValuation,
  definePlugin,
  extendRun,
  factorsOf,
  figureGauge,
  filledCpu,
  filledPower,
  hostPower,
  JOULES_PER_KWH,
  observeFactorRecords,
  type Processor,
  SECONDS_PER_HOUR,
  type SourceContext,
  transform,
  type Valued,
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
  const finish = (batch: Batch, costs: readonly (Valued | undefined)[]) => withCosts(batch, costs, config, ctx);
  return {
    ...transform(ctx.next, (batch, signal) => {
      const costs = valuations.map((valuation) => valuation(batch, signal));
      const isWaiting = costs.some((cost) => cost instanceof Promise);
      if (isWaiting) return Promise.all(costs).then((known) => finish(batch, known));
      return finish(batch, costs as (Valued | undefined)[]);
    }),
    start: () => prices.start(),
  };
}

/** The run with its costs, the total first; measured ones alone make it up. */
function withCosts(batch: Batch, costs: readonly (Valued | undefined)[], config: Config, ctx: SourceContext): Batch {
  const [energy, compute] = costs;
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0) return batch;
  const measured = [energy, compute].filter((cost) => cost !== undefined);
  const hasTotal = measured.length === 2 || (config.partial_total && measured.length === 1);
  const metrics = known.map(({ metric }) => metric);
  if (hasTotal) {
    const value = measured.reduce((sum, cost) => sum + cost.value, 0);
    const expression = measured.map(({ metric }) => metric.descriptor.name).join(' + ');
    ctx.explain?.([{ name: figures.total.name, expression, value, unit: figures.total.unit }]);
    metrics.unshift(figureGauge(figures.total, value, batch, measured[0]?.labels));
  }
  return extendRun(batch, 'wattline/cost', metrics, undefined, factorsOf(known));
}
