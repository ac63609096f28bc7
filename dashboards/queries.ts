import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { chosenDatasource } from './variables.ts';

/** A query over the time range, one point a step; `legend` may hold labels as `{{scenario}}`. */
export function rangeQuery(refId: string, expression: string, legend: string): DataqueryBuilder {
  return query(refId, expression).legendFormat(legend).range();
}

/** A query at the end of the time range, one point a series. */
export function instantQuery(refId: string, expression: string, legend: string): DataqueryBuilder {
  return query(refId, expression).legendFormat(legend).instant();
}

/** The same as rows of a table: a column a label, and the values in `Value #<refId>`. */
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
