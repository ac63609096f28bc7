const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** Formats a duration in its two largest units, such as `2h 5m`; below a second it is `0s`. */
export function formatSpan(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return '0s';
  let rest = whole;
  const parts = UNITS.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count > 0 ? [`${count}${unit}`] : [];
  });
  return parts.join(' ');
}
