import {
  type Bound,
  boundOf,
  JOULES_PER_KWH,
  knownFigures,
  observeFactorRecords,
  SECONDS_PER_HOUR,
  type ValuationOptions,
  valueRuns,
  withBounds,
} from 'wattline/figures';
import {
  Attribute,
  cpuUsage,
  definePlugin,
  emitsOf,
  type Figure,
  figure,
  filledCpu,
  filledPower,
  hostPower,
  type Processor,
  type SourceContext,
  unitsOf,
} from 'wattline/plugin';
import { type Prices, pricesOf, regionalPrices } from './prices.ts';
import { type Config, configSchema } from './settings.ts';

const { energy, energyFilled, cpu, cpuFilled } = knownFigures;
const { energyCost, computeCost, totalCost, energyCostFilled, computeCostFilled } = knownFigures;

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'cost',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower, cpuUsage, filledPower, filledCpu]),
  emits: emitsOf([
    ...withBounds([energyCost, computeCost, totalCost, energyCostFilled, computeCostFilled]),
    ...Object.values(regionalPrices),
  ]),
  create: (ctx, config) => costProcessor(ctx, config),
});

function costProcessor(ctx: SourceContext, config: Config): Processor {
  const prices = pricesOf(config, ctx);
  const note = observeFactorRecords(ctx);
  const atMeter = config.priced_energy === 'meter';
  const longest = config.max_run_duration;
  const { plausible } = config;
  const energyPrice = { quantity: 'price', divisor: JOULES_PER_KWH, lookUp: prices.ofEnergy } as const;
  const corePrice = { quantity: 'core_price', divisor: SECONDS_PER_HOUR, lookUp: prices.ofCores } as const;
  const ofEnergy = { ...energyPrice, longest, atMeter, plausible, note };
  const ofCompute = { ...corePrice, longest, atMeter: false, note };
  const valuations: readonly ValuationOptions[] = [
    { ...ofEnergy, signal: hostPower, figure: energyCost, integral: energy },
    { ...ofCompute, signal: cpuUsage, figure: computeCost, integral: cpu },
    { ...ofEnergy, signal: filledPower, figure: energyCostFilled, integral: energyFilled, isFilled: true },
    { ...ofCompute, signal: filledCpu, figure: computeCostFilled, integral: cpuFilled, isFilled: true },
  ];
  const totals = { partial_total: config.partial_total, includeEnergy: prices.includeEnergy };
  const total = ([energy, compute]: readonly (Figure | undefined)[], bound?: Bound) =>
    totalOf(energy, compute, { ...totals, bound }, ctx);
  return valueRuns(ctx, { valuations, total, ...prices, restatement: config.restatement });
}

/** How a total is made, of bounds where one is named. */
interface TotalOptions extends Pick<Config, 'partial_total'>, Pick<Prices, 'includeEnergy'> {
  readonly bound: Bound | undefined;
}

/**
 * Returns the total of what was measured; without one of the two there is one only where the configuration says so. Where
 * the price of CPU time includes that of energy, it is the compute cost alone.
 */
function totalOf(
  energy: Figure | undefined,
  compute: Figure | undefined,
  { partial_total, includeEnergy, bound }: TotalOptions,
  { explain }: SourceContext,
): Figure | undefined {
  const isKnown = includeEnergy ? compute : (energy && compute) || partial_total;
  const costs = (includeEnergy ? [compute] : [energy, compute]).filter((cost) => cost !== undefined);
  const [first] = costs;
  if (!first || !isKnown) return undefined;
  const definition = bound ? boundOf(totalCost, bound) : totalCost;
  // Where the costs that it has are all measured, the total has no bounds.
  if (!definition || (bound && !costs.some((cost) => isBoundOf(cost, bound)))) return undefined;
  const { name, unit } = definition;
  const value = costs.reduce((sum, cost) => sum + cost.value, 0);
  const terms = () => costs.map(({ definition }) => definition.name).join(' + ');
  const included = includeEnergy ? 'the price of CPU time includes the energy, which is not added' : undefined;
  const note = bound ? `of the ${bound} bounds of its parts, and of what was measured` : included;
  explain?.([{ name, expression: terms(), value, unit, note }]);
  const cpu = compute?.labels?.[Attribute.cpu];
  const labels = cpu === undefined ? first.labels : { ...first.labels, [Attribute.cpu]: cpu };
  return figure(definition, value, labels);
}

function isBoundOf({ definition }: Figure, bound: Bound): boolean {
  return [energyCost, computeCost].some((cost) => boundOf(cost, bound) === definition);
}
