import { knownFigures } from 'wattline/figures';

/** The three costs of a run, by how they are called in the API. */
const figures = {
  cost_energy: { column: 'energy_usd', figure: knownFigures.energyCost.name },
  cost_compute: { column: 'compute_usd', figure: knownFigures.computeCost.name },
  cost_total: { column: 'total_usd', figure: knownFigures.totalCost.name },
} as const;

export type Cost = keyof typeof figures;

/** The one currency that the page shows, and where the history has amounts in it. */
export interface Money {
  /** By ISO 4217. */
  readonly currency: string;
  /** What ends the names of amounts in the API, such as `eur`. */
  readonly suffix: string;
  /** The expressions of the costs over the columns of the database. */
  readonly columns: Readonly<Record<Cost, string>>;
  /** Returns the name of a figure in USD as runs carry it in this currency, such as `cost_total_load_aware_eur`. */
  nameOf(figure: string): string;
}

/** Returns where amounts in a currency are; in another than USD they are figures of the processor that converts them. */
export function moneyIn(currency: string): Money {
  const suffix = currency.toLowerCase();
  const nameOf = (figure: string) => (currency === 'USD' ? figure : `${figure}_${suffix}`);
  const columns = Object.entries(figures).map(([cost, { column, figure }]) => {
    return [cost, currency === 'USD' ? column : `json_extract(figures, '$."${nameOf(figure)}".value')`];
  });
  return { currency, suffix, nameOf, columns: Object.fromEntries(columns) };
}

export const usDollars = moneyIn('USD');
