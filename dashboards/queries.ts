import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { chosenDatasource } from './variables.ts';

/** Returns a query over the time range, with one point per step; `legend` may contain labels such as `{{scenario}}`. */
export function rangeQuery(refId: string, expression: string, legend: string): DataqueryBuilder {
  return query(refId, expression).legendFormat(legend).range();
}

/** Returns a query at the end of the time range, with one point per series. */
export function instantQuery(refId: string, expression: string, legend: string): DataqueryBuilder {
  return query(refId, expression).legendFormat(legend).instant();
}

/** Returns the same as rows of a table: a column per label, and the values in `Value #<refId>`. */
export function tableQuery(refId: string, expression: string): DataqueryBuilder {
  return query(refId, expression).format(PromQueryFormat.Table).instant();
}

function query(refId: string, expression: string): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refId)
    .datasource(chosenDatasource)
    .expr(expression)
    .editorMode(QueryEditorMode.Code);
}
