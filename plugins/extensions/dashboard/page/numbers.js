const DASH = '–';

/** The units of an amount, and how many of each make one of its base. */
const scales = {
  kg: { kg: 1, g: 1e3, mg: 1e6, µg: 1e9 },
  W: { kW: 1e-3, W: 1, mW: 1e3 },
  kWh: { MWh: 1e-3, kWh: 1, Wh: 1e3, mWh: 1e6 },
  'core-h': { 'core-h': 1, 'core-s': 3600 },
};

/** Formats a number with four significant digits, such as 0.00007512 and 7.512 × 10⁻⁸; null is a dash. */
export function plain(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return scientific(value, digits);
  if (size >= 10 ** digits) return new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(value);
  return new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(value);
}

/** Returns the best unit for a `value` of `base`, and how many of it make one `base`; other units stay as they are. */
export function unitFor(value, base) {
  const size = Math.abs(value ?? 0);
  if (size === 0 || !(base in scales)) return { unit: base, per: 1 };
  const units = Object.entries(scales[base]);
  const least = base === 'core-h' ? 0.1 : 1;
  const [unit, per] = units.find(([, count]) => size * count >= least) ?? units.at(-1);
  return { unit, per };
}

/** Formats a value of `base` with its best unit, such as `259.7 mg`. */
export function scaled(value, base) {
  const { unit, per } = unitFor(value, base);
  return value === null || value === undefined ? { text: DASH, unit: base } : { text: plain(value * per), unit };
}

/**
 * Formats the numbers of a column alike, so that their decimal points align and the median has three significant digits. A
 * number that would have less than two is formatted on its own.
 */
export function columnFormat(values) {
  const sizes = values.filter((value) => value).map(Math.abs);
  const middle = sizes.sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 1;
  const decimals = Math.min(Math.max(2 - Math.floor(Math.log10(middle)), 0), 10);
  const format = new Intl.NumberFormat('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value) => {
    if (value === null || value === undefined) return DASH;
    const size = Math.abs(value);
    return (value !== 0 && size < 10 ** (1 - decimals)) || size >= 1e15 ? plain(value, 2) : format.format(value);
  };
}

const oneDecimal = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Formats a ratio as a percentage with one decimal. */
export function percent(share) {
  if (!Number.isFinite(share)) return DASH;
  const size = share * 100;
  return `${size > 0 && size < 0.05 ? '< 0.1' : oneDecimal.format(size)} %`;
}

/** Formats a duration, such as `2 min`, rounded down to its largest unit. */
export function age(seconds) {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const [size, unit] = units.find(([length]) => seconds >= length) ?? [1, 's'];
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}

/** Formats seconds, such as `12.5 s`, `2 min 0.5 s` and `1 h 5 min`. */
export function length(seconds) {
  if (seconds === null || seconds === undefined) return DASH;
  if (seconds < 60) return `${plain(seconds, 3)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 ? ` ${plain(seconds % 60, 3)} s` : ''}`;
  const minutes = Math.round((seconds % 3600) / 60);
  return `${Math.floor(seconds / 3600)} h${minutes ? ` ${minutes} min` : ''}`;
}

function scientific(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  const raised = [...String(Number(exponent))].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('');
  return `${mantissa} × 10${raised}`;
}
