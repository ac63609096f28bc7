const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const large = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A number for people: whole from 10 on, and with two digits below. */
export function number(value: number): string {
  return (Math.abs(value) < 10 ? small : large).format(value);
}

/** A length of time in its two largest units, such as `2 h 5 min`. */
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

/** How long ago something was. */
export function age(at: Date, now: Date): string {
  return `${span((now.getTime() - at.getTime()) / 1000)} ago`;
}

/** Bytes in MiB. */
export function memory(bytes: number): string {
  return `${number(bytes / 1024 / 1024)} MiB`;
}

/** A text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
