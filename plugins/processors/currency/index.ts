import type { Attributes } from '@opentelemetry/api';
import type { GaugeMetricData } from '@opentelemetry/sdk-metrics';
import {
  type Batch,
  definePlugin,
  describeRun,
  extendRun,
  type Factor,
  factorAttributes,
  factorLine,
  type Line,
  observeFactorRecords,
  runWindow,
  type SourceContext,
  toSeconds,
  transform,
  z,
} from 'wattline/plugin';
import { converted, isUsd } from './convert.ts';
import { ExchangeRates, ratesSchema } from './exchange-rates.ts';

const configSchema = z.strictObject({
  rates: ratesSchema.describe(
    'What one USD is worth: rows with a rate for each currency by its three capital letters, each row from its `date` on',
  ),
});

export default definePlugin({
  kind: 'processor',
  type: 'currency',
  stability: 'beta',
  configSchema,
  reads: { cost_total_load_aware: '{USD}', cost_energy_load_aware: '{USD}', cost_compute_load_aware: '{USD}' },
  create: (ctx, config) => {
    const rates = new ExchangeRates(config.rates);
    const note = observeFactorRecords(ctx);
    return transform(ctx.next, (batch) => withCurrencies(batch, rates, ctx, note));
  },
});

function withCurrencies(
  batch: Batch,
  rates: ExchangeRates,
  { skip, explain }: SourceContext,
  note: (rate: Factor) => void,
): Batch {
  const figures = batch.scopeMetrics.flatMap(({ metrics }) => metrics.filter(isUsd));
  if (!figures.length) return batch;
  const end = toSeconds(runWindow(batch).end);
  const names = figures.map(({ descriptor }) => descriptor.name);
  const metrics: GaugeMetricData[] = [];
  const attributes: Attributes = {};
  for (const currency of rates.currencies) {
    const rate = rates.at(end, currency);
    if (!rate) {
      const problem = `the first rate of ${currency} is from after the end of ${describeRun(batch)}`;
      skip({ item: currency, reason: 'no_rate', message: `no figures in ${currency}: ${problem}` });
      continue;
    }
    note(rate);
    Object.assign(attributes, recordOf(rate, currency));
    explain?.([factorLine(rateName(currency), rate)]);
    for (const figure of figures) {
      const own = converted(figure, currency, rate.value);
      metrics.push(own);
      const isOnly = names.filter((name) => name === figure.descriptor.name).length === 1;
      explain?.(linesOf(own, figure, currency, isOnly));
    }
  }
  return metrics.length ? extendRun(batch, 'wattline/currency', metrics, attributes) : batch;
}

/** Returns the record of a rate as attributes of a run, such as `factor.exchange_rate.eur.value`. */
function recordOf(rate: Factor, currency: string): Attributes {
  const record = Object.entries(factorAttributes(rate)).map(([key, value]) => {
    return [key.replace(rate.quantity, `${rate.quantity}.${currency.toLowerCase()}`), value];
  });
  return Object.fromEntries(record);
}

function rateName(currency: string): string {
  return `${currency.toLowerCase()}_per_usd`;
}

/** Returns the line that explains a figure of one point, by the name of its source where that is unique, otherwise its value. */
function linesOf(
  { descriptor: { name, unit }, dataPoints }: GaugeMetricData,
  from: GaugeMetricData,
  currency: string,
  isOnly: boolean,
): Line[] {
  const [point, another] = dataPoints;
  if (!point || another) return [];
  const amount = isOnly ? from.descriptor.name : from.dataPoints[0]?.value;
  return [{ name, expression: `${amount} * ${rateName(currency)}`, value: point.value, unit }];
}
