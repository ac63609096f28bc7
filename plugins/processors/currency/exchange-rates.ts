import { type Factor, z } from 'wattline/plugin';

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
  .catchall(z.number().positive().describe('How many of this currency one USD is worth, such as `EUR: 0.92`'))
  .superRefine(({ date: _, source: __, ...rates }, context) => {
    for (const currency of Object.keys(rates)) {
      if (CURRENCY.test(currency) && currency !== 'USD') continue;
      const message = 'expected a currency other than USD by its three capital letters (ISO 4217), such as EUR';
      context.addIssue({ code: 'custom', path: [currency], message });
    }
  });

/** The dated table of rates, each in units of the currency for one USD. */
export const ratesSchema = z
  .array(row)
  .min(1)
  .superRefine((rows, context) => {
    rows.forEach(({ date }, index) => {
      if (rows.findIndex((other) => other.date === date) === index) return;
      context.addIssue({ code: 'custom', path: [index, 'date'], message: `${date} is used twice` });
    });
  });

/** The rates of a currency from certain times on, in seconds since 1970, the latest first. */
export type Rates = readonly { readonly from: number; readonly rate: Factor }[];

/** Returns the rates of a table by currency, in alphabetical order. */
export function ratesByCurrency(table: z.output<typeof ratesSchema>): [currency: string, rates: Rates][] {
  const latestFirst = table.toSorted((a, b) => b.date.localeCompare(a.date));
  const all = latestFirst.flatMap(({ date, source = 'configuration', ...values }) => {
    const from = Date.parse(date) / 1000;
    return Object.entries(values).map(([currency, value]) => {
      return { currency, from, rate: rateOf(currency, date, value as number, source) };
    });
  });
  return [...Map.groupBy(all, ({ currency }) => currency)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function rateOf(currency: string, date: string, value: number, source: string): Factor {
  const id = `exchange_rate/${currency}/${date}`;
  const year = Number(date.slice(0, 4));
  return { id, quantity: 'exchange_rate', value, unit: `{${currency}}/{USD}`, source, year, state: 'static' };
}
