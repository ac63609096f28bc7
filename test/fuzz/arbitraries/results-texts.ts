import fc from 'fast-check';

/** What edits put into results files. */
export const resultsWords: readonly string[] = [
  ...['{', '}', '[', ']', '"', ',', ':', '\\', '\n', '\r\n', ' ', '\uFEFF', '\u2028', 'é', '\\u0000', '\\ud800', '\\"'],
  ...['null', 'true', 'NaN', '-Infinity', '-0', '1e400', '0.30000000000000004', '9007199254740993', '1e-7', '01', '1.'],
  ...['"scenarios":[', '"name":', '"name":"b"', '"step_seconds":', '"timestamps":[', '"power_watts":[', '"__proto__":'],
  ...['"cpu_usage_cores":', '"sampling":"interval"', '"test_date":"2026-01-31T12:00:00Z"', '{"name":"c"},', '"0":1,'],
];

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: 0, max: 1000 }),
  fc.double({ min: 0, max: 1000, noNaN: true }).map((value) => Math.round(value * 100) / 100),
  fc.constantFrom(-0, 1e10, 1_766_947_958, 2 ** 53, 1e300, -1),
);
const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('x264', 'eu-north-1', '', ' ', '2026-01-31', '💡'));
const scalar = fc.oneof(number, text, fc.constantFrom<unknown>(null, true, false));
const odd = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 4 }), scalar));
const usual = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: odd });
const list = fc.oneof(
  fc.array(fc.oneof({ weight: 20, arbitrary: fc.nat(500) }, { weight: 1, arbitrary: odd }), { maxLength: 12 }),
  fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 12 }),
  fc.tuple(number, fc.constantFrom(1, 50, 3000)).map(([value, count]) => Array(count).fill(value)),
);
const times = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 12 }).map((offsets) => {
  return offsets.sort((a, b) => a - b).map((offset) => 1_766_947_958 + offset);
});

const run = fc.record(
  {
    name: usual(text),
    region: usual(text),
    bitrate: usual(text),
    encoder: usual(text),
    encoder_type: usual(text),
    start_time: usual(number),
    end_time: usual(number),
    duration: usual(number),
    streams: usual(fc.nat(9)),
    sampling: usual(fc.constantFrom('instant', 'interval')),
    power: usual(fc.constantFrom('measured', 'modelled', 'predicted')),
    power_source: usual(fc.constantFrom('rapl', 'model')),
    step_seconds: usual(fc.constantFrom(1, 5, 0.1)),
    timestamps: usual(times),
    power_watts: usual(list),
    cpu_usage_cores: usual(list),
    note: odd,
  },
  { requiredKeys: ['name'] },
);
const space = fc.constantFrom<string | number | undefined>(undefined, undefined, 1, '\t', ' \r\n');
const runText = fc.tuple(run, space).map(([value, indent]) => JSON.stringify(value, null, indent));
const join = fc.constantFrom(',', ',', ',', ', ', ',\n', '\n', '', ',,');

/** Results files: documents with runs, lists, and one run a line; now and then with something broken between. */
export const resultsTexts: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(runText, { maxLength: 5 }),
    join,
    fc.constantFrom(
      ['', ''],
      ['[', ']'],
      ['{"scenarios":[', ']}'],
      ['{"test_date":"2026-01-31","scenarios":[', '],"x":1}'],
    ),
    fc.constantFrom('', '', '', '\n', '}', '{"scenarios":[', '\uFEFF', '{"name":"after"}'),
  )
  .map(([runs, between, [begin, end], behind]) => Buffer.from(`${begin}${runs.join(between)}${end}${behind}`));
