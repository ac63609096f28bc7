import {
  createValuation,
  JOULES_PER_KWH,
  knownFigures,
  observeFactorRecords,
  SECONDS_PER_HOUR,
  type ValuationOptions,
  valueRuns,
} from 'wattline/figures';
import {
  cpuUsage,
  definePlugin,
  type Figure,
  figure,
  filledCpu,
  filledPower,
  hostPower,
  type Line,
  type Processor,
  type Run,
  type SourceContext,
  unitsOf,
} from 'wattline/plugin';
import { emitted } from './figures.ts';
import { pricesOf } from './prices.ts';
import { type Config, configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'cost',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower, cpuUsage, filledPower, filledCpu]),
  emits: emitted,
  create: (ctx, config) => costProcessor(ctx, config),
});

function costProcessor(ctx: SourceContext, config: Config): Processor {
  const prices = pricesOf(config, ctx);
  const note = observeFactorRecords(ctx);
  const ofEnergy = {
    divisor: JOULES_PER_KWH,
    atMeter: config.priced_energy === 'meter',
    lookUp: prices.ofEnergy,
    note,
  };
  const ofCompute = { divisor: SECONDS_PER_HOUR, atMeter: false, lookUp: prices.ofCores, note };
  const options: readonly ValuationOptions[] = [
    { ...ofEnergy, signal: hostPower, figure: knownFigures.energyCost, integral: knownFigures.energy },
    { ...ofCompute, signal: cpuUsage, figure: knownFigures.computeCost, integral: knownFigures.cpu },
    {
      ...ofEnergy,
      signal: filledPower,
      figure: knownFigures.energyCostFilled,
      integral: knownFigures.energyFilled,
      isFilled: true,
    },
    {
      ...ofCompute,
      signal: filledCpu,
      figure: knownFigures.computeCostFilled,
      integral: knownFigures.cpuFilled,
      isFilled: true,
    },
  ];
  const valuations = options.map((one) => createValuation(one, ctx));
  const processor = valueRuns(ctx.next, valuations, (run, costs) => withCosts(run, costs, config, ctx));
  return { ...processor, start: () => prices.start() };
}

/** The run with its costs, the total first; measured ones alone make it up. */
function withCosts(run: Run, costs: readonly (Figure | undefined)[], config: Config, ctx: SourceContext): Run {
  const figures: Figure[] = [];
  const total = totalOf(costs[0], costs[1], config, ctx);
  if (total) figures.push(total);
  for (const cost of costs) if (cost) figures.push(cost);
  return figures.length ? run.with({ figures }) : run;
}

function totalOf(
  energy: Figure | undefined,
  compute: Figure | undefined,
  config: Config,
  { explain }: SourceContext,
): Figure | undefined {
  const first = energy ?? compute;
  if (!first || !((energy && compute) || config.partial_total)) return undefined;
  const value = (energy?.value ?? 0) + (compute?.value ?? 0);
  explain?.([totalLine(value, energy, compute)]);
  return figure(knownFigures.totalCost, value, first.labels);
}

function totalLine(value: number, ...costs: readonly (Figure | undefined)[]): Line {
  const { name, unit } = knownFigures.totalCost;
  return { name, expression: costs.flatMap((cost) => cost?.definition.name ?? []).join(' + '), value, unit };
}
