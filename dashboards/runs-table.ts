import { type DynamicConfigValue, MappingType, SpecialValueMatch } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { Kilogram, NoUnit } from '@grafana/grafana-foundation-sdk/units';
import { figureNames, inCurrency, latestFigure } from './figure-queries.ts';
import { currencyName, moneyUnits } from './money.ts';
import { table } from './panels.ts';
import { tableQuery } from './queries.ts';

const ROW = ['scenario', 'region', 'encoder', 'bitrate', 'power'] as const;
/** The columns of figures: the reference id of the query, and what stands above it. */
const MONEY = [
  ['total', figureNames.total, 'Total'],
  ['energy', figureNames.energy, 'Energy'],
  ['compute', figureNames.compute, 'Compute'],
] as const;

/** One row a run: scenario, region, encoder and bitrate, with what it cost and emitted. */
export function runsTable(): PanelBuilder {
  const byRow = (expression: string) => `sum by (${ROW.join(', ')}) (${expression})`;
  const panel = table({
    title: 'Runs',
    description:
      'The latest figures of each run within the time range, most expensive first; click a heading to sort. Power says ' +
      'whether the energy behind them was measured or predicted. A figure that a run does not have is left empty: ' +
      'missing is not zero.',
    unit: NoUnit,
    width: 24,
    height: 11,
    queries: [
      ...MONEY.map(([refId, figure]) => tableQuery(refId, inCurrency(byRow(latestFigure(figure))))),
      tableQuery('co2', byRow(latestFigure(figureNames.emissions))),
    ],
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation(organized())
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: column('total'), desc: true }] } });
  for (const [refId, , heading] of MONEY) panel.overrideByName(column(refId), [named(`${heading} (${currencyName})`)]);
  for (const override of moneyUnits()) panel.withOverride(override);
  panel.overrideByName(column('co2'), [named('CO₂e'), { id: 'unit', value: Kilogram }]);
  for (const label of ROW) panel.overrideByName(label, [named(`${label[0]?.toUpperCase()}${label.slice(1)}`)]);
  return panel.overrideByName('power', [{ id: 'mappings', value: powerMappings }]);
}

/** Labels first, then figures; without the time, which is the end of the range in every row. */
function organized() {
  const order = [...ROW, ...MONEY.map(([refId]) => column(refId)), column('co2')];
  return {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
      renameByName: {},
    },
  };
}

/** What Grafana calls the values of a query in a table of several. */
function column(refId: string): string {
  return `Value #${refId}`;
}

function named(value: string): DynamicConfigValue {
  return { id: 'displayName', value };
}

const measured = { text: 'measured', index: 0 };
const powerMappings = [
  { type: MappingType.SpecialValue, options: { match: SpecialValueMatch.NullAndNan, result: measured } },
  { type: MappingType.SpecialValue, options: { match: SpecialValueMatch.Empty, result: measured } },
];
