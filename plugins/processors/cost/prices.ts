import { byRegion, createFactorSeries, energyFactors, type FactorLookup, observeFactors } from 'wattline/figures';
import { constantFactor, type SourceContext } from 'wattline/plugin';
import type { Config } from './settings.ts';

/** The gauges of the prices of regions that were used. */
export const regionalPrices = {
  value: {
    name: 'wattline_price_usd_per_kwh',
    unit: '{USD}/kW.h',
    description: 'Price of electricity from the region table that was used, by `region` and `processor`',
  },
  year: { name: 'wattline_price_year', unit: 'a', description: 'The year that this price is from' },
} as const;

/** The prices of a configuration. */
export interface Prices {
  readonly ofEnergy: FactorLookup;
  readonly ofCores: FactorLookup;
  /** Reads their files; rejects where one does not fit. */
  start(): Promise<void>;
}

/** Returns the prices that a configuration states, of electricity and of CPU cores. */
export function pricesOf(config: Config, ctx: SourceContext): Prices {
  const { usd_per_kwh: constant, price: entries, provider } = config;
  const noteRegional = observeFactors(ctx, regionalPrices);
  const sources = { constant, entries, provider, regions: config, longest: config.max_run_duration, noteRegional };
  const energy = energyFactors({ quantity: 'price', ...sources }, ctx);
  const cores = config.core_price && createFactorSeries({ quantity: 'core_price' }, config.core_price, ctx);
  const series = cores?.series ?? configuredCorePrice(config.usd_per_core_hour, ctx.id);
  const inRegion = byRegion(config, ({ labels }) => ({ series, labels }));
  return {
    ofEnergy: energy.lookUp,
    ofCores: async () => inRegion,
    async start() {
      await energy.start();
      await cores?.start();
    },
  };
}

function configuredCorePrice(value: number, component: string) {
  const id = `core_price/${component}/configured`;
  const unit = 'USD/core-hour';
  return constantFactor({ id, quantity: 'core_price', value, unit, source: 'configuration', state: 'static' });
}
