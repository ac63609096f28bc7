import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { anyFigure } from './figure-queries.ts';

/** The data source chosen by the variable `datasource`. */
export const chosenDatasource = { type: 'prometheus', uid: '${datasource}' };

/** What one USD is in each currency on offer: fixed, and not rates of a day. */
export const currencyRates = { USD: '1', EUR: '0.92', SEK: '10.35' } as const;

/** The choice of a data source that supports PromQL, such as Prometheus or VictoriaMetrics. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('Prometheus or VictoriaMetrics: the data source type is prometheus for both')
    .type('prometheus');
}

/** Filters by scenario, region and encoder of the series that a selector matches; several values each, all by default. */
export function figureFilters(series = anyFigure): QueryVariableBuilder[] {
  return ['scenario', 'region', 'encoder'].map((name) => {
    return labelFilter(name, `${name[0]?.toUpperCase()}${name.slice(1)}`, series);
  });
}

/** A filter by the values of a label that the series of a selector have; several values, all by default. */
export function labelFilter(name: string, label: string, series: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .description(`Runs of these values of the label ${name}; All includes runs without it`)
    .datasource(chosenDatasource)
    .query(`label_values(${series}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** The choice of a currency; its value is the factor from USD. */
export function currencyVariable(): CustomVariableBuilder {
  const options = Object.entries(currencyRates).map(([text, value]) => ({ text, value, selected: text === 'USD' }));
  return new CustomVariableBuilder('currency')
    .label('Currency')
    .description(
      'Wattline counts in USD; other currencies are USD times a fixed rate: EUR 0.92 and SEK 10.35, assumed for 2025 and not ' +
        'rates of today. Edit this variable to set your own',
    )
    .values(options.map(({ text, value }) => `${text} : ${value}`).join(','))
    .options(options)
    .current({ selected: true, text: 'USD', value: currencyRates.USD });
}

/** A text box for a number. */
export function numberVariable(
  name: string,
  label: string,
  description: string,
  value: string,
): TextBoxVariableBuilder {
  const option = { selected: true, text: value, value };
  return new TextBoxVariableBuilder(name)
    .label(label)
    .description(description)
    .defaultValue(value)
    .options([option])
    .current(option);
}
