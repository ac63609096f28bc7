import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { named, organized, titleOf, valueColumn } from './figures-table.ts';
import { table } from './panels.ts';
import { tableQuery } from './queries.ts';

const RECORD = ['quantity', 'factor', 'unit', 'source', 'year', 'method', 'state', 'processor'] as const;

/** One row per factor: its value, source and year. */
export function factorsTable(): PanelBuilder {
  const records = `max by (${RECORD.join(', ')}) (wattline_factor_info)`;
  const values = 'max by (processor, factor) (wattline_factor_value)';
  const panel = table({
    title: 'Factors in use',
    description:
      '`wattline_factor_info` with `wattline_factor_value`: every price, intensity and other factor that a processor has ' +
      'used since the start, in its own unit, with source and year. State says whether it stands in a table or the ' +
      'configuration (static), is a service’s answer of now (live) or of before (cached), or stands in for a service that ' +
      'had none (fallback).',
    unit: NoUnit,
    width: 24,
    height: 11,
    queries: [tableQuery('A', `${records} * on (processor, factor) group_left () ${values}`)],
  })
    .withTransformation(organized(['quantity', 'factor', 'Value', ...RECORD.slice(2)]))
    .withTransformation({ id: 'sortBy', options: { sort: [{ field: 'quantity' }] } })
    .overrideByName('Value', [{ id: 'decimals', value: 6 }]);
  for (const label of RECORD) panel.overrideByName(label, [named(titleOf(label))]);
  return panel;
}

/** One row per provider: the state of its last answer, the age of its last good value, and its requests by outcome. */
export function providersTable(): PanelBuilder {
  const requests = 'sum by (provider) (wattline_provider_requests_total)';
  return table({
    title: 'Providers of live factors',
    description:
      '`wattline_provider_state`, `wattline_provider_last_good_age_seconds` and `wattline_provider_requests_total`: the ' +
      'state of the last answer (none: a fallback stands in, or there is no figure), how long ago the service last gave ' +
      'a value, and its requests since the start. Empty where no provider is configured.',
    unit: NoUnit,
    width: 12,
    height: 9,
    queries: [
      tableQuery('state', 'max by (provider, state) (wattline_provider_state) == 1'),
      tableQuery('age', 'max by (provider) (wattline_provider_last_good_age_seconds)'),
      tableQuery('answered', 'sum by (provider) (wattline_provider_requests_total{outcome="success"})'),
      tableQuery(
        'failed',
        `sum by (provider) (wattline_provider_requests_total{outcome!="success"}) or 0 * ${requests}`,
      ),
    ],
  })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, [valueColumn('state')]: true },
        indexByName: { provider: 0, state: 1, [valueColumn('age')]: 2 },
        renameByName: {},
      },
    })
    .overrideByName('provider', [named('Provider')])
    .overrideByName('state', [named('Last answer')])
    .overrideByName(valueColumn('age'), [named('Last good value'), { id: 'unit', value: Seconds }])
    .overrideByName(valueColumn('answered'), [named('Requests answered')])
    .overrideByName(valueColumn('failed'), [named('Not answered')]);
}
