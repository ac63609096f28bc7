/** A value of a cumulative counter. Times are seconds since 1970. */
export interface CounterPoint {
  /** When it began at 0. */
  readonly start: number;
  readonly at: number;
  readonly value: number;
}

/** What is kept of a counter: its last value, what it has counted in its month, and where its rate is taken from. */
export interface CounterRecord extends CounterPoint {
  /** The sum of its increases, over resets; the amounts below are earlier values of it. */
  readonly total: number;
  /** The first of the month of its last value (UTC), and its total then, or when it was first seen if that was later. */
  readonly month: number;
  readonly month_base: number;
  readonly month_since: number;
  /** The point that its rate is taken from, and the one that takes its place. */
  readonly mark_at: number;
  readonly mark_total: number;
  readonly next_at: number;
  readonly next_total: number;
}

/** A rate is a mean over one to two of these, in seconds. */
const WINDOW = 120;
/** Seconds after which a counter that has not risen is silent: its last rate says nothing of now. */
export const SILENT_AFTER = 300;

/**
 * Returns the record of a counter after a value of it; the same record where that is not later than the last one. What was
 * counted before a counter is first seen belongs to its month only if all of it was counted in that month.
 */
export function withPoint(known: CounterRecord | undefined, point: CounterPoint): CounterRecord {
  if (!known) return firstRecord(point);
  if (!(point.at > known.at)) return known;
  const isReset = point.start > known.start || point.value < known.value;
  const increase = isReset ? point.value : point.value - known.value;
  const total = known.total + increase;
  const from = isReset ? Math.max(known.at, Math.min(point.start, point.at)) : known.at;
  return { ...point, total, ...monthOf(known, point.at, from, increase), ...marksOf(known, point.at, total) };
}

/** Returns how much a counter rises in a second at a moment; undefined where it is silent, or has one value so far. */
export function rateAt(record: CounterRecord, now: number): number | undefined {
  const { at, total, mark_at, mark_total } = record;
  if (now - at > SILENT_AFTER || at <= mark_at) return undefined;
  return (total - mark_total) / (at - mark_at);
}

/** Returns what a counter has counted in the month that begins at that time. */
export function amountIn(month: number, record: CounterRecord): number {
  return record.month === month ? record.total - record.month_base : 0;
}

/** Returns the first of the month of a time in UTC, in seconds since 1970. */
export function monthStart(seconds: number): number {
  const date = new Date(seconds * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000;
}

function firstRecord(point: CounterPoint): CounterRecord {
  const { start, at, value } = point;
  const month = monthStart(at);
  const isOfMonth = start >= month;
  const isRecent = start < at && at - start <= SILENT_AFTER;
  const [mark_at, mark_total] = isRecent ? [start, 0] : [at, value];
  return {
    ...point,
    total: value,
    month,
    month_base: isOfMonth ? 0 : value,
    month_since: isOfMonth ? month : at,
    ...{ mark_at, mark_total, next_at: mark_at, next_total: mark_total },
  };
}

/** An increase over the end of a month belongs to both by time. */
function monthOf(known: CounterRecord, at: number, from: number, increase: number) {
  const month = monthStart(at);
  if (month <= known.month) {
    return { month: known.month, month_base: known.month_base, month_since: known.month_since };
  }
  const before = from < month ? (month - from) / (at - from) : 0;
  return { month, month_base: known.total + increase * before, month_since: month };
}

/** After a silence the rate begins anew, so that it is not the mean over that. */
function marksOf(known: CounterRecord, at: number, total: number) {
  if (at - known.at > SILENT_AFTER) return { mark_at: at, mark_total: total, next_at: at, next_total: total };
  const { mark_at, mark_total, next_at, next_total } = known;
  if (at - next_at < WINDOW) return { mark_at, mark_total, next_at, next_total };
  return { mark_at: next_at, mark_total: next_total, next_at: at, next_total: total };
}
