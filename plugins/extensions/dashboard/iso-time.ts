/** Formats seconds since 1970 as ISO 8601; null where they are absent or out of the range of dates. */
export function isoTime(seconds: unknown): string | null {
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
