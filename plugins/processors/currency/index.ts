import type { Attributes } from '@opentelemetry/api';
import {
  applyFactor,
  factorLine,
  knownFigures,
  type LabelledFigure,
  labelledFigures,
  observeFactorRecords,
} from 'wattline/figures';
import {
  definePlugin,
  describeRun,
  type Factor,
  type Figure,
  factorAttributes,
  figure,
  type Line,
  type Run,
  type SourceContext,
  toSeconds,
  transform,
  unitsOf,
  z,
} from 'wattline/plugin';
import { Currencies, isUsd } from './convert.ts';
import { ExchangeRates, ratesSchema } from './exchange-rates.ts';

const configSchema = z.strictObject({
  rates: ratesSchema.describe(
    'What one USD is worth: rows with a rate for each currency by its three capital letters, each row from its `date` on',
  ),
});

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'currency',
  stability: 'beta',
  configSchema,
  reads: unitsOf([knownFigures.totalCost, knownFigures.energyCost, knownFigures.computeCost]),
  create: (ctx, config) => {
    const rates = new ExchangeRates(config.rates);
    const note = observeFactorRecords(ctx);
    const currencies = new Currencies();
    return transform(ctx.next, (run) => withCurrencies(run, rates, currencies, ctx, note));
  },
});

function withCurrencies(
  run: Run,
  rates: ExchangeRates,
  currencies: Currencies,
  { skip, explain }: SourceContext,
  note: (rate: Factor) => void,
): Run {
  const figures = labelledFigures(run, isUsd);
  if (!figures.length) return run;
  const end = toSeconds(run.window.end);
  const more: Figure[] = [];
  const attributes: Attributes = {};
  for (const currency of rates.currencies) {
    const rate = rates.at(end, currency);
    if (!rate) {
      const problem = `the first rate of ${currency} is from after the end of ${describeRun(run)}`;
      skip({ item: currency, reason: 'no_rate', message: `no figures in ${currency}: ${problem}` });
      continue;
    }
    note(rate);
    Object.assign(attributes, recordOf(rate, currency));
    explain?.([factorLine(rateName(currency), rate)]);
    for (const from of figures) {
      const own = figure(
        currencies.converted(from.definition, currency),
        applyFactor(from.value, 1, 1, rate.value),
        from.labels,
      );
      more.push(own);
      explain?.(linesOf(own, from, currency, figures));
    }
  }
  return more.length ? run.with({ figures: more, attributes }) : run;
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

/**
 * Returns the line that explains a figure, by the name of its source where that is unique, otherwise by its value; one of
 * several of the same definition has none.
 */
function linesOf(own: Figure, from: LabelledFigure, currency: string, all: readonly LabelledFigure[]): Line[] {
  if (all.some((other) => other !== from && other.definition === from.definition)) return [];
  const { name, unit } = own.definition;
  const isOnly = all.every((other) => other === from || other.definition.name !== from.definition.name);
  const amount = isOnly ? from.definition.name : from.value;
  return [{ name, expression: `${amount} * ${rateName(currency)}`, value: own.value, unit }];
}
