const DASH = '–';

const scales = {
  kg: [
    [1, 'kg'],
    [1e-3, 'g'],
    [1e-6, 'mg'],
    [1e-9, 'µg'],
  ],
  kWh: [
    [1e3, 'MWh'],
    [1, 'kWh'],
    [1e-3, 'Wh'],
    [1e-6, 'mWh'],
  ],
  'core-h': [
    [0.1, 'core-h', 1],
    [0, 'core-s', 3600],
  ],
};

/** A number with four significant digits, without losing small ones: 0.00007512, and 7.512 × 10⁻⁸; a dash for null. */
export function plain(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return scientific(value, digits);
  if (size >= 10 ** digits) return new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(value);
  return new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(value);
}

/** The unit that `value` of `base` (`kg`, `kWh` or `core-h`) is best read in, and how many of it make one `base`. */
export function unitFor(value, base) {
  const size = Math.abs(value ?? 0);
  if (size === 0) return { unit: base, per: 1 };
  const [smallest, unit, per = 1 / smallest] = scales[base].find(([from]) => size >= from) ?? scales[base].at(-1);
  return { unit, per };
}

/** A value of `base` with a fitting unit, such as `259.7 mg`. */
export function scaled(value, base) {
  const { unit, per } = unitFor(value, base);
  return value === null || value === undefined ? { text: DASH, unit: base } : { text: plain(value * per), unit };
}

/**
 * Formats the numbers of a column alike, so that their points stand below each other and the middle one has three
 * significant digits. One that this would leave with less than two is written by itself.
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

/** A share as a percentage with one decimal. */
export function percent(share) {
  if (!Number.isFinite(share)) return DASH;
  const size = share * 100;
  return `${size > 0 && size < 0.05 ? '< 0.1' : oneDecimal.format(size)} %`;
}

/** A length of time, such as `2 min`, rounded down to its largest unit. */
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

/** Seconds as a person says them: `12.5 s`, `2 min 0.5 s`, `1 h 5 min`. */
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
