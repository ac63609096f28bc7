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

/** The rates of a table by currency and time. */
export class ExchangeRates {
  /** By currency, the latest rate first; `from` is in seconds since 1970. */
  readonly #rates = new Map<string, { readonly from: number; readonly rate: Factor }[]>();

  constructor(table: z.output<typeof ratesSchema>) {
    for (const { date, source = 'configuration', ...values } of table) {
      for (const [currency, value] of Object.entries(values)) {
        const dated = { from: Date.parse(date) / 1000, rate: rateOf(currency, date, value as number, source) };
        this.#rates.set(currency, [...(this.#rates.get(currency) ?? []), dated]);
      }
    }
    for (const rates of this.#rates.values()) rates.sort((a, b) => b.from - a.from);
  }

  /** Returns the currencies of the table in alphabetical order. */
  get currencies(): string[] {
    return [...this.#rates.keys()].sort();
  }

  /** Returns the rate at a time in seconds since 1970: that of the last date up to it; undefined before the first. */
  at(time: number, currency: string): Factor | undefined {
    return this.#rates.get(currency)?.find(({ from }) => from <= time)?.rate;
  }
}

function rateOf(currency: string, date: string, value: number, source: string): Factor {
  const id = `exchange_rate/${currency}/${date}`;
  const year = Number(date.slice(0, 4));
  return { id, quantity: 'exchange_rate', value, unit: `{${currency}}/{USD}`, source, year, state: 'static' };
}
