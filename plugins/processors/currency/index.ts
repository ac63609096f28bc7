import type { Attributes } from '@opentelemetry/api';
import {
  applyFactor,
  exchangeRates,
  factorLine,
  isOfReading,
  knownFigures,
  type LabelledFigure,
  labelledFigures,
  noTime,
  observeFactorRecords,
  type Rate,
  rateAt,
  ratesSchema,
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
import { converterTo, isUsd } from './convert.ts';

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
    const currencies = Array.from(exchangeRates(config.rates), ([currency, rates]) => {
      return { currency, rates, definitionOf: converterTo(currency) };
    });
    const note = observeFactorRecords(ctx);
    return transform(ctx.next, (run) => withCurrencies(run, currencies, ctx, note));
  },
});

interface Currency {
  readonly currency: string;
  readonly rates: readonly Rate[];
  readonly definitionOf: ReturnType<typeof converterTo>;
}

function withCurrencies(
  run: Run,
  currencies: readonly Currency[],
  { skip, explain }: SourceContext,
  note: (rate: Factor) => void,
): Run {
  const sources = labelledFigures(run, isUsd);
  if (!sources.length) return run;
  if (isOfReading(run)) {
    const { reason, problem } = noTime(run);
    for (const { currency: item } of currencies) skip({ item, reason, message: `no figures in ${item}: ${problem}` });
    return run;
  }
  const end = toSeconds(run.window.end);
  const figures: Figure[] = [];
  const attributes: Attributes = {};
  for (const { currency, rates, definitionOf } of currencies) {
    const rate = rateAt(rates, end)?.factor;
    if (!rate) {
      const problem = `the first rate of ${currency} is from after the end of ${describeRun(run)}`;
      skip({ item: currency, reason: 'no_rate', message: `no figures in ${currency}: ${problem}` });
      continue;
    }
    note(rate);
    Object.assign(attributes, recordOf(rate, currency));
    explain?.([factorLine(rateName(currency), rate)]);
    for (const source of sources) {
      const value = applyFactor(source.value, 1, 1, rate.value);
      const converted = figure(definitionOf(source.definition), value, source.labels);
      figures.push(converted);
      explain?.(linesOf(converted, source, currency, sources));
    }
  }
  return figures.length ? run.with({ figures, attributes }) : run;
}

/** Returns the record of a rate as attributes of a run, such as `factor.exchange_rate.eur.value`. */
function recordOf(rate: Factor, currency: string): Attributes {
  const prefix = `${rate.quantity}.${currency.toLowerCase()}`;
  const record = Object.entries(factorAttributes(rate));
  return Object.fromEntries(record.map(([key, value]) => [key.replace(rate.quantity, prefix), value]));
}

function rateName(currency: string): string {
  return `${currency.toLowerCase()}_per_usd`;
}

/**
 * Returns the line that explains a figure, by the name of its source where that is unique, otherwise by its value; one of
 * several of the same definition has none.
 */
function linesOf(own: Figure, from: LabelledFigure, currency: string, all: readonly LabelledFigure[]): Line[] {
  const others = all.filter((other) => other !== from);
  if (others.some(({ definition }) => definition === from.definition)) return [];
  const { name, unit } = own.definition;
  const isOnly = others.every(({ definition }) => definition.name !== from.definition.name);
  const amount = isOnly ? from.definition.name : from.value;
  return [{ name, expression: `${amount} * ${rateName(currency)}`, value: own.value, unit }];
}
