import {
  energyFactors,
  type FactorLookup,
  type FoundFactors,
  observeFactors,
  quantityUnits,
  type Revisions,
  revisionsByFiles,
  statedValue,
} from 'wattline/figures';

import { Attribute, type SourceContext } from 'wattline/plugin';
import { corePrices } from './core-prices.ts';
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
  /** Whether the price of CPU time includes that of energy, so that no total has both. */
  readonly includeEnergy: boolean;
  /** What may revise them. */
  readonly revisions: readonly Revisions[];
  /** Reads their files; rejects where one does not fit. */
  start(): Promise<void>;
}

/** Returns the prices that a configuration states, of electricity and of CPU cores. */
export function pricesOf(config: Config, ctx: SourceContext): Prices {
  const { price: entries, provider, rates, plausible } = config;
  const constant = statedValue(quantityUnits.price, config);
  const noteRegional = observeFactors(ctx, regionalPrices);
  const own = { constant, entries, provider, rates, plausible };
  const sources = { ...own, regions: config, longest: config.max_run_duration, noteRegional };
  const energy = energyFactors({ quantity: 'price', ...sources }, ctx);
  const cores = corePrices(config, ctx);
  return {
    ofEnergy: cores.includeEnergy ? marked(energy.lookUp) : energy.lookUp,
    ofCores: async () => cores.find,
    includeEnergy: cores.includeEnergy,
    revisions: [...energy.revisions, ...revisionsByFiles(cores)],
    async start() {
      await energy.start();
      await cores.start();
    },
  };
}

/** Has costs of energy say that the cost of CPU time includes them. What is found for many runs stays one object. */
function marked(lookUp: FactorLookup): FactorLookup {
  const known = new WeakMap<FoundFactors, FoundFactors>();
  const mark = (found: FoundFactors): FoundFactors => {
    if (!found.series) return found;
    const again = known.get(found);
    if (again) return again;
    const one = { ...found, labels: { ...found.labels, [Attribute.includedIn]: 'compute' } };
    known.set(found, one);
    return one;
  };
  return async (runs, signal, abort) => {
    const find = await lookUp(runs, signal, abort);
    return (run, measured) => mark(find(run, measured));
  };
}
