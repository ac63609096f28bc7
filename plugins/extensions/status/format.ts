const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const large = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Formats a number: without decimals from 10 on, and with two significant digits below. */
export function number(value: number): string {
  return (Math.abs(value) < 10 ? small : large).format(value);
}

/** Formats a duration in its two largest units, such as `2 h 5 min`. */
export function span(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  if (first < 0) return '0 s';
  let rest = whole;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return count > 0 ? `${count} ${unit}` : '';
  });
  return parts.filter(Boolean).join(' ');
}

/** Formats the age of a time. */
export function age(at: Date, now: Date): string {
  return `${span((now.getTime() - at.getTime()) / 1000)} ago`;
}

/** Formats bytes in MiB. */
export function memory(bytes: number): string {
  return `${number(bytes / 1024 / 1024)} MiB`;
}

/** Escapes a text for HTML, also in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
