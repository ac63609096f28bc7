import {
  byRegion,
  energyFactors,
  type FactorLookup,
  type FoundFactors,
  JOULES_PER_KWH,
  knownFigures,
  observeFactorRecords,
  observeFactors,
  quantityUnits,
  statedValue,
  type ValuationOptions,
  valueRuns,
  withBounds,
} from 'wattline/figures';
import {
  constantFactor,
  definePlugin,
  emitsOf,
  filledPower,
  hostPower,
  type Processor,
  type SourceContext,
  unitsOf,
} from 'wattline/plugin';
import { type Config, configSchema, type Market } from './settings.ts';

const { energy, energyFilled, emissions, emissionsFilled } = knownFigures;

/** The gauges of the intensities of regions that were used. */
const regionalIntensities = {
  value: {
    name: 'wattline_intensity_kg_per_kwh',
    unit: 'kg{CO2e}/kW.h',
    description: 'Carbon intensity from the region table that was used, by `region` and `processor`',
  },
  year: { name: 'wattline_intensity_year', unit: 'a', description: 'The year that this intensity is from' },
} as const;

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'co2',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower, filledPower]),
  emits: emitsOf([...withBounds([emissions, emissionsFilled]), ...Object.values(regionalIntensities)]),
  create: (ctx, config) => co2Processor(ctx, config),
});

function co2Processor(ctx: SourceContext, config: Config): Processor {
  const { intensity: entries, provider, plausible, market, max_run_duration: longest } = config;
  const constant = statedValue(quantityUnits.intensity, config);
  const noteRegional = observeFactors(ctx, regionalIntensities);
  const sources = { constant, entries, provider, plausible, regions: config, longest, noteRegional };
  const grid = energyFactors({ quantity: 'intensity', method: 'location', ...sources }, ctx);
  const location = market ? labelled(grid.lookUp) : grid.lookUp;
  const note = observeFactorRecords(ctx);
  const applied = { quantity: 'intensity', divisor: JOULES_PER_KWH } as const;
  const ofEnergy = { ...applied, longest, atMeter: true, plausible, note };
  const measured = { ...ofEnergy, signal: hostPower, figure: emissions, integral: energy };
  const filled = { ...ofEnergy, signal: filledPower, figure: emissionsFilled, integral: energyFilled, isFilled: true };
  const valuations: ValuationOptions[] = [
    { ...measured, lookUp: location },
    { ...filled, lookUp: location },
  ];
  if (market) valuations.push({ ...measured, lookUp: contracted(market, config, ctx) });
  return valueRuns(ctx, { valuations, ...grid, restatement: config.restatement });
}

/** Returns the same factors with `method="location"`, which tells their figures from those by the market. */
function labelled(lookUp: FactorLookup): FactorLookup {
  const withMethod = (found: FoundFactors): FoundFactors =>
    found.series ? { ...found, labels: { method: 'location', ...found.labels } } : found;
  return async (runs, signal, abort) => {
    const find = await lookUp(runs, signal, abort);
    return (run, measured) => withMethod(find(run, measured));
  };
}

/** Returns the intensity of the electricity that was bought, which is the same in all regions. */
function contracted({ kg_per_kwh: value, source, year }: Market, config: Config, ctx: SourceContext): FactorLookup {
  const record = { id: `intensity/${ctx.id}/market`, quantity: 'intensity', unit: 'kg/kWh', state: 'static' } as const;
  const series = constantFactor({ ...record, value, source, year, method: 'market' });
  const inRegion = byRegion(config, ({ labels }) => ({ series, labels: { ...labels, method: 'market' } }));
  return async () => inRegion;
}
