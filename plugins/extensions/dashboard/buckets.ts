const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const widths = [
  ...[1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY],
];

/** Returns the smallest round width in seconds that divides `span` seconds into at most `count` buckets. */
export function bucketWidth(span: number, count: number): number {
  const wanted = span / count;
  return widths.find((width) => width >= wanted) ?? Math.ceil(wanted / (28 * DAY)) * 28 * DAY;
}
