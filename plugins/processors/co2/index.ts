import {
  type Batch,
  constantFactor,
  createValuation,
  definePlugin,
  energyFactors,
  extendRun,
  type Factor,
  type FindFactors,
  type FoundFactors,
  factorsOf,
  filledPower,
  hostPower,
  JOULES_PER_KWH,
  metricsOf,
  observeFactorRecords,
  observeFactors,
  type Processor,
  resolveRegion,
  type SourceContext,
  transform,
  type Valued,
  valueBy,
  type Worth,
} from 'wattline/plugin';
import { emissions, emitted, factors, filledEmissions } from './figures.ts';
import { type Config, configSchema, type Market } from './settings.ts';

export default definePlugin({
  kind: 'processor',
  type: 'co2',
  stability: 'beta',
  configSchema,
  reads: Object.fromEntries([hostPower, filledPower].map(({ name, unit }) => [name, unit])),
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
  const measured = { signal: hostPower, figure: emissions, integral: { name: 'energy_joules', unit: 'J' } };
  const integral = { name: 'energy_filled_joules', unit: 'J' };
  const filled = { signal: filledPower, figure: filledEmissions, integral, isFilled: true };
  const location = market ? labelled(grid.find) : grid.find;
  const worths: Worth[] = [
    { ...ofEnergy, ...measured, find: location },
    { ...ofEnergy, ...filled, find: location },
  ];
  if (market) worths.push({ ...ofEnergy, ...measured, find: contracted(market, config, ctx) });
  const valuations = worths.map((worth) => createValuation(worth, ctx));
  return { ...transform(ctx.next, valueBy(valuations, withEmissions)), start: () => grid.start() };
}

function withEmissions(batch: Batch, found: readonly (Valued | undefined)[]): Batch {
  const metrics = metricsOf(found);
  if (metrics.length === 0) return batch;
  return extendRun(batch, 'wattline/co2', metrics, undefined, factorsOf(found));
}

/** The same factors, their figures told from those by the market; marginal ones say so already. */
function labelled(find: FindFactors): FindFactors {
  const withMethod = (found: FoundFactors): FoundFactors =>
    found.series ? { ...found, labels: { method: 'location', ...found.labels } } : found;
  return (batch, measured, signal) => {
    const found = find(batch, measured, signal);
    // A run that waited would be overtaken by those that need not.
    return found instanceof Promise ? found.then(withMethod) : withMethod(found);
  };
}

/** What was bought for the energy, whatever the grid. */
function contracted({ kg_per_kwh: value, source, year }: Market, config: Config, ctx: SourceContext): FindFactors {
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
  return (batch) => ({ series, labels: { ...resolveRegion(batch, config).labels, method: 'market' } });
}
