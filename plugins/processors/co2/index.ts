import {
  byRegion,
  createValuation,
  energyFactors,
  type FactorLookup,
  type FoundFactors,
  JOULES_PER_KWH,
  knownFigures,
  observeFactorRecords,
  observeFactors,
  type ValuationOptions,
  valueRuns,
} from 'wattline/figures';
import {
  constantFactor,
  definePlugin,
  type Factor,
  filledPower,
  hostPower,
  type Processor,
  type SourceContext,
  unitsOf,
} from 'wattline/plugin';
import { emitted, factors } from './figures.ts';
import { type Config, configSchema, type Market } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'co2',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower, filledPower]),
  emits: emitted,
  create: (ctx, config) => co2Processor(ctx, config),
});

function co2Processor(ctx: SourceContext, config: Config): Processor {
  const { kg_per_kwh: constant, intensity: entries, provider, market } = config;
  const noteRegional = observeFactors(ctx, factors);
  const method = 'location';
  const grid = energyFactors(
    { quantity: 'intensity', constant, entries, provider, method, regions: config, noteRegional },
    ctx,
  );
  const ofEnergy = { divisor: JOULES_PER_KWH, atMeter: true, note: observeFactorRecords(ctx) };
  const measured = { signal: hostPower, figure: knownFigures.emissions, integral: knownFigures.energy };
  const filled = {
    signal: filledPower,
    figure: knownFigures.emissionsFilled,
    integral: knownFigures.energyFilled,
    isFilled: true,
  };
  const location = market ? labelled(grid.lookUp) : grid.lookUp;
  const options: ValuationOptions[] = [
    { ...ofEnergy, ...measured, lookUp: location },
    { ...ofEnergy, ...filled, lookUp: location },
  ];
  if (market) options.push({ ...ofEnergy, ...measured, lookUp: contracted(market, config, ctx) });
  const valuations = options.map((one) => createValuation(one, ctx));
  const processor = valueRuns(ctx.next, valuations, (run, found) => {
    const figures = found.filter((emitted) => emitted !== undefined);
    return figures.length ? run.with({ figures }) : run;
  });
  return { ...processor, start: () => grid.start() };
}

/** The same factors, their figures distinguished from those by the market; marginal ones say so already. */
function labelled(lookUp: FactorLookup): FactorLookup {
  const withMethod = (found: FoundFactors): FoundFactors =>
    found.series ? { ...found, labels: { method: 'location', ...found.labels } } : found;
  return async (runs, signal, abort) => {
    const find = await lookUp(runs, signal, abort);
    return (run, measured) => withMethod(find(run, measured));
  };
}

/** What was bought for the energy, whatever the grid. */
function contracted({ kg_per_kwh: value, source, year }: Market, config: Config, ctx: SourceContext): FactorLookup {
  const id = `intensity/${ctx.id}/market`;
  const factor: Factor = {
    id,
    quantity: 'intensity',
    value,
    unit: 'kg/kWh',
    source,
    year,
    method: 'market',
    state: 'static',
  };
  const series = constantFactor(factor);
  const inRegion = byRegion(config, ({ labels }) => ({ series, labels: { ...labels, method: 'market' } }));
  return async () => inRegion;
}
