/** A local time of ISO 8601, without an offset. */
const ISO =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.0+)?)?$/;

/** As European exchanges write it: the day comes first, whatever is between its parts. */
const DAY_FIRST =
  /^(?<day>\d\d)[./-](?<month>\d\d)[./-](?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d))?$/;

/**
 * Returns what a clock shows, in seconds since 1970 as if it showed UTC, of a text such as `2026-03-29T01:00`. Undefined
 * where it is none of the years 1970 to 2099, of which the changes of clocks are known.
 */
export function readIsoClock(text: string): number | undefined {
  return clockOf(ISO.exec(text)?.groups);
}

/** Returns the same of a text such as `29.03.2026 01:00`, `29/03/2026 01:00:00` or `29-03-2026 01:00`. */
export function readDayFirstClock(text: string): number | undefined {
  return clockOf(DAY_FIRST.exec(text)?.groups);
}

function clockOf(parts: Readonly<Record<string, string | undefined>> | undefined): number | undefined {
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map((part) =>
    Number(parts[part] ?? 0),
  ) as [number, number, number, number, number, number];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // Days that a month does not have would be those of the next.
  const isDay = new Date(time).getUTCDate() === day && month >= 1 && month <= 12 && year >= 1970 && year <= 2099;
  return isDay && hour < 24 && minute < 60 && second < 60 ? time / 1000 : undefined;
}
