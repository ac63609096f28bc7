import { type DynamicConfigValue, MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { inCurrency } from './figure-queries.ts';
import { currencyName, moneyUnits } from './money.ts';
import { type PanelOptions, table } from './panels.ts';
import { tableQuery } from './queries.ts';

/** A column of figures. */
export interface FigureColumn {
  /** The reference id of its query. */
  readonly refId: string;
  readonly heading: string;
  /** An expression with one series per run, in USD for a column of money. */
  readonly figures: string;
  /** The id of a Grafana unit, or `money` in the chosen currency. */
  readonly unit: string | 'money';
}

/** The content of a table of figures: a row per set of labels, ordered by the first column from the greatest value. */
export interface FiguresTableOptions extends Omit<PanelOptions, 'queries'> {
  readonly labels: readonly string[];
  readonly columns: readonly [FigureColumn, ...FigureColumn[]];
}

/** A table with a row per run: its labels, then its figures. Missing figures stay empty. */
export function figuresTable({ labels, columns, ...options }: FiguresTableOptions): PanelBuilder {
  const order = [...labels, ...columns.map(({ refId }) => valueColumn(refId))];
  const panel = table({
    ...options,
    queries: columns.map(({ refId, figures, unit }) => {
      const byRow = `sum by (${labels.join(', ')}) (${figures})`;
      return tableQuery(refId, unit === 'money' ? inCurrency(byRow) : byRow);
    }),
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation(organized(order))
    .withTransformation({
      id: 'sortBy',
      options: { sort: [{ field: valueColumn(columns[0].refId), desc: true }] },
    });
  for (const column of columns) panel.overrideByName(valueColumn(column.refId), headingOf(column));
  for (const override of moneyUnits()) panel.withOverride(override);
  for (const label of labels) panel.overrideByName(label, [named(titleOf(label))]);
  return labels.includes('power') ? panel.overrideByName('power', [{ id: 'mappings', value: powerMappings }]) : panel;
}

/** Orders the columns of a table and drops the time, which is the end of the range in every row. */
export function organized(order: readonly string[]) {
  return {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
      renameByName: {},
    },
  };
}

/** Grafana's name for the values of a query in a table of several. */
export function valueColumn(refId: string): string {
  return `Value #${refId}`;
}

/** The setting of a column's heading. */
export function named(value: string): DynamicConfigValue {
  return { id: 'displayName', value };
}

/** Formats a label as a heading: `functional_unit` becomes `Functional unit`. */
export function titleOf(label: string): string {
  const words = label.replaceAll('_', ' ');
  return `${words[0]?.toUpperCase()}${words.slice(1)}`;
}

function headingOf({ heading, unit }: FigureColumn): DynamicConfigValue[] {
  return unit === 'money' ? [named(`${heading} (${currencyName})`)] : [named(heading), { id: 'unit', value: unit }];
}

const measured = { text: 'measured', index: 0 };
const powerMappings = [
  { type: MappingType.SpecialValue, options: { match: SpecialValueMatch.NullAndNan, result: measured } },
  { type: MappingType.SpecialValue, options: { match: SpecialValueMatch.Empty, result: measured } },
];
