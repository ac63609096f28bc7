import { z } from 'zod';
import type { Factor } from '../model/factor.ts';

const CURRENCY = /^[A-Z]{3}$/;

/** A row of the table: the units of each currency for one dollar, from its date on. */
const row = z
  .object({
    date: z.iso
      .date('expected a date such as 2026-01-01')
      .describe('From when the row holds (00:00 UTC), until the next one does'),
    source: z
      .string()
      .min(1)
      .optional()
      .describe('Where the rates are from, for the record; `configuration` where left out'),
  })
  .catchall(
    z.number().positive({ abort: true }).describe('How many of this currency one USD is worth, such as `EUR: 0.92`'),
  )
  .superRefine(({ date: _, source: __, ...rates }, context) => {
    for (const currency of Object.keys(rates)) {
      if (CURRENCY.test(currency) && currency !== 'USD') continue;
      const message = 'expected a currency other than USD by its three capital letters (ISO 4217), such as EUR';
      context.addIssue({ code: 'custom', path: [currency], message });
    }
  });

/** The setting of a dated table of rates, each in units of the currency for one USD. */
export const ratesSchema = z
  .array(row)
  .min(1)
  .superRefine((rows, context) => {
    rows.forEach(({ date }, index) => {
      if (rows.findIndex((other) => other.date === date) === index) return;
      context.addIssue({ code: 'custom', path: [index, 'date'], message: `${date} is used twice` });
    });
  });

/** A checked table of rates: rows with a date, and a number for each currency. */
export type RateTable = readonly (Readonly<Record<string, string | number | undefined>> & {
  readonly date: string;
  readonly source?: string | undefined;
})[];

/** What one USD is worth in a currency, from a time on, in seconds since 1970. */
export interface Rate {
  readonly from: number;
  /** As the table writes it, such as `2026-01-01`. */
  readonly date: string;
  readonly factor: Factor;
}

/** The rates of each currency, in alphabetical order; those of one are in order of time. */
export type ExchangeRates = ReadonlyMap<string, readonly Rate[]>;

/** Returns the rates of a table by currency; none where there is no table. */
export function exchangeRates(table: RateTable = []): ExchangeRates {
  const all = table
    .toSorted((a, b) => (a.date < b.date ? -1 : 1))
    .flatMap(({ date, source = 'configuration', ...values }) =>
      Object.entries(values).map(([currency, value]) => {
        const factor = rateOf(currency, date, value as number, source);
        return { currency, rate: { from: Date.parse(date) / 1000, date, factor } };
      }),
    );
  const byCurrency = Map.groupBy(all, ({ currency }) => currency);
  const inOrder = [...byCurrency].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(inOrder.map(([currency, found]) => [currency, found.map(({ rate }) => rate)]));
}

/** Returns the rate in force at a time, in seconds since 1970; undefined before the first. */
export function rateAt(rates: readonly Rate[], time: number): Rate | undefined {
  return rates.findLast(({ from }) => from <= time);
}

function rateOf(currency: string, date: string, value: number, source: string): Factor {
  const id = `exchange_rate/${currency}/${date}`;
  const year = Number(date.slice(0, 4));
  return { id, quantity: 'exchange_rate', value, unit: `{${currency}}/{USD}`, source, year, state: 'static' };
}
