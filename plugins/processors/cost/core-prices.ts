import type { Attributes } from '@opentelemetry/api';
import {
  byRegion,
  createFactorSeries,
  defaultCorePrice,
  exchangeRates,
  type FactorSource,
  type FoundFactors,
  inUsd,
  listPriceOf,
  quantityUnits,
  statedValue,
} from 'wattline/figures';
import { constantFactor, describeRun, type Factor, type Run, type SourceContext } from 'wattline/plugin';
import type { Config } from './settings.ts';

/** The prices of CPU time of a configuration. */
export interface CorePrices extends Pick<FactorSource, 'refresh'> {
  readonly find: (run: Run) => FoundFactors;
  /** Whether they include the price of electricity. */
  readonly includeEnergy: boolean;
  /** Reads their files; rejects where one does not fit. */
  start(): Promise<void>;
}

/** Returns the prices of CPU time: the user's own, else the list prices of clouds where they are asked for, else the default. */
export function corePrices(config: Config, ctx: SourceContext): CorePrices {
  const own = ownPrice(config, ctx);
  if (!own && (config.list_prices || config.instance_type !== undefined)) {
    return { find: byListPrice(config), includeEnergy: true, start: async () => {} };
  }
  const { series, ...source } = own ?? always(defaultCorePrice);
  const mayGrow = source.refresh !== undefined;
  const find = byRegion(config, ({ labels }) => ({ series, labels, mayGrow }));
  return { ...source, find, includeEnergy: config.includes_energy };
}

function ownPrice(config: Config, ctx: SourceContext): FactorSource | undefined {
  const rates = exchangeRates(config.rates);
  if (config.core_price) return createFactorSeries({ quantity: 'core_price', rates }, config.core_price, ctx);
  const stated = statedValue(quantityUnits.core_price, config);
  if (!stated) return undefined;
  const { key, value, unit } = stated;
  const id = `core_price/${ctx.id}/configured`;
  const source = key === 'usd_per_core_hour' ? 'configuration' : `configuration; ${value} ${unit}`;
  const { series, start } = always({ ...defaultCorePrice, id, value, unit, source, year: undefined });
  return { series: inUsd(series, rates), start };
}

function always(factor: Factor): FactorSource {
  return { series: constantFactor(factor), start: async () => {} };
}

/** Returns what finds the list price of the machine of a run, by its own type or the configured one. */
function byListPrice(config: Config): (run: Run) => FoundFactors {
  const labelsOf = byRegion(config, ({ labels }): Attributes => labels);
  const known = new Map<Factor, FactorSource['series']>();
  return (run) => {
    const type = machineTypeOf(run.attributes) ?? config.instance_type;
    if (type === undefined) {
      const problem = `neither ${describeRun(run)} nor the configuration names a type of machine; give \`instance_type\``;
      return { reason: 'no_instance_type', problem };
    }
    const price = listPriceOf(type);
    if (!price) {
      const problem = `no list price of \`${type}\` is known, the machine of ${describeRun(run)}; give \`usd_per_core_hour\``;
      return { reason: 'no_list_price', problem };
    }
    const series = known.get(price) ?? constantFactor(price);
    known.set(price, series);
    return { series, labels: labelsOf(run) };
  };
}

function machineTypeOf(attributes: Attributes): string | undefined {
  const type = attributes['host.type'] ?? attributes['azure.vm.size'];
  return typeof type === 'string' && type !== '' ? type : undefined;
}
