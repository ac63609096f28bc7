/** What VictoriaMetrics says about itself at `/metrics`, as far as it decides which samples are stored. */
export interface MetricsPage {
  /** What the server keeps; undefined where the page does not show its flags. */
  readonly limits: Limits | undefined;
  /** How many rows it has dropped or changed since its start, by reason; undefined where it does not count them. */
  readonly dropped: ReadonlyMap<string, number> | undefined;
}

/** What the server keeps; times in milliseconds. */
export interface Limits {
  /** The flag as the operator wrote it. */
  readonly retentionPeriod: string;
  readonly retention: number;
  /** How far ahead of its clock a sample may be. */
  readonly future: number;
  readonly labelsPerSeries: number;
  readonly labelValueBytes: number;
  readonly labelNameBytes: number;
  /** Whether it stops to take new series at some number. */
  readonly seriesLimited: boolean;
}

const FLAG = /^flag\{name="([^"]*)", ?value="([^"]*)"/;
const IGNORED = /^vm_rows_ignored_total\{(?:.*,)?reason="([^"]*)".*\} (\S+)/;
/** Series that were dropped for their number, and such as were stored under cut labels, which is not better. */
const CHANGED =
  /^vm_((?:hourly|daily)_series_limit_rows_dropped|metrics_with_dropped_labels|too_long_label_(?:names|values))_total(?:\{.*\})? (\S+)/;

const DAY = 86_400_000;
const MONTH = 31 * DAY;
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY,
  w: 7 * DAY,
  y: 365 * DAY,
};
/** Until there was a flag for it, VictoriaMetrics took samples of the next two days. */
const DEFAULT_FUTURE = '2d';
/** The longest name of a label or metric, where there is no flag for it. */
const DEFAULT_LABEL_NAME_BYTES = 256;

/** Reads the text of VictoriaMetrics' `/metrics`; what it does not show is undefined. */
export function parseMetricsPage(text: string): MetricsPage {
  const flags = new Map<string, string>();
  const dropped = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, value] = FLAG.exec(line) ?? [];
    if (name !== undefined && value !== undefined) flags.set(name, value);
    const [, reason, count] = IGNORED.exec(line) ?? CHANGED.exec(line) ?? [];
    if (reason !== undefined) dropped.set(reason, (dropped.get(reason) ?? 0) + Number(count));
  }
  return { limits: limitsFrom(flags), dropped: dropped.size ? dropped : undefined };
}

/** Parses a duration of VictoriaMetrics' flags to milliseconds: `1` and `1M` are 31 days, `100y` are 36,500. */
export function parseRetention(text: string): number | undefined {
  const months = /^(\d+(?:\.\d+)?)M?$/.exec(text)?.[1];
  if (months !== undefined) return Number(months) * MONTH;
  const lower = text.toLowerCase();
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdwy]))+$/.test(lower)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit] of lower.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)) {
    milliseconds += Number(amount) * (UNITS[unit as string] as number);
  }
  return milliseconds;
}

/** By how much each count rose between two pages; a server that was restarted counts from 0. */
export function risen(before: MetricsPage, after: MetricsPage): Map<string, number> {
  const result = new Map<string, number>();
  for (const [reason, count] of after.dropped ?? []) {
    const earlier = before.dropped?.get(reason) ?? 0;
    const rise = count < earlier ? count : count - earlier;
    if (rise > 0) result.set(reason, rise);
  }
  return result;
}

function limitsFrom(flags: ReadonlyMap<string, string>): Limits | undefined {
  const retentionPeriod = flags.get('retentionPeriod');
  const retention = retentionPeriod === undefined ? undefined : parseRetention(retentionPeriod);
  const future = parseRetention(flags.get('futureRetention') ?? DEFAULT_FUTURE);
  if (retentionPeriod === undefined || retention === undefined || future === undefined) return undefined;
  const number = (name: string) => Number(flags.get(name) ?? 0);
  return {
    retentionPeriod,
    retention,
    future,
    labelsPerSeries: number('maxLabelsPerTimeseries') || Number.POSITIVE_INFINITY,
    labelValueBytes: number('maxLabelValueLen') || Number.POSITIVE_INFINITY,
    labelNameBytes: number('maxLabelNameLen') || DEFAULT_LABEL_NAME_BYTES,
    seriesLimited: number('storage.maxHourlySeries') > 0 || number('storage.maxDailySeries') > 0,
  };
}
