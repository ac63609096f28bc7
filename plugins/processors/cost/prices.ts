import { byRegion, createFactorSeries, energyFactors, type FactorLookup, observeFactors } from 'wattline/figures';
import { constantFactor, type Factor, type SourceContext } from 'wattline/plugin';
import { factors } from './figures.ts';
import type { Config } from './settings.ts';

/** The prices of a configuration. */
export interface Prices {
  readonly ofEnergy: FactorLookup;
  readonly ofCores: FactorLookup;
  /** Reads their files; rejects where one does not fit. */
  start(): Promise<void>;
}

/** The prices that a configuration states, of electricity and of CPU cores. */
export function pricesOf(config: Config, ctx: SourceContext): Prices {
  const { usd_per_kwh: constant, price: entries, provider } = config;
  const noteRegional = observeFactors(ctx, factors);
  const energy = energyFactors({ quantity: 'price', constant, entries, provider, regions: config, noteRegional }, ctx);
  const cores = config.core_price && createFactorSeries({ quantity: 'core_price' }, config.core_price, ctx);
  const series = cores?.series ?? constantFactor(corePrice(config.usd_per_core_hour, ctx.id));
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

function corePrice(value: number, component: string): Factor {
  const id = `core_price/${component}/configured`;
  return { id, quantity: 'core_price', value, unit: 'USD/core-hour', source: 'configuration', state: 'static' };
}
