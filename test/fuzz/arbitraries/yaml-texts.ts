import fc from 'fast-check';

/** Words of YAML, of configurations, and of expressions. */
export const yamlWords: readonly string[] = [
  ...[
    'receivers',
    'processors',
    'exporters',
    'extensions',
    'service',
    'pipelines',
    'metrics',
    'http',
    'energy',
    'debug',
  ],
  ...[
    'endpoint',
    'tls',
    'auth',
    '&a',
    '*a',
    '&b',
    '*b',
    '<<',
    '!!map',
    '!tag',
    '"',
    "'",
    '|',
    '>',
    '%',
    '---',
    '#',
    '-',
    '?',
  ],
  ...[
    ':',
    ': ',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '\n',
    '\n  ',
    '\n    ',
    '\t',
    '${env:SHORT}',
    '${env:LONG}',
    '${env:BOMB}',
    '${env:',
  ],
  ...[
    '${file:/dev/zero}',
    '${yaml:[',
    '${',
    '$$',
    '~',
    '1e999',
    '0x',
    '.nan',
    '2026-01-01',
    '\u0000',
    '\u2028',
    '\uFEFF',
    'é',
  ],
];

/** Texts of such words, of which some are repeated: at most `most` times. */
export function yamlTexts(most: number): fc.Arbitrary<string> {
  const times = fc.constantFrom(1, 1, 1, 3, ...[200, 20_000].filter((count) => count <= most));
  const words = fc.constantFrom(...yamlWords);
  const noise = fc
    .array(fc.tuple(words, times), { maxLength: 12 })
    .map((parts) => parts.map(([word, count]) => word.repeat(count)).join(''));
  // Lines of keys and values, of which many are alike.
  const lines = fc
    .array(fc.tuple(fc.nat(8), words, words, times), { maxLength: 12 })
    .map((rows) =>
      rows.map(([indent, key, value, count]) => `${' '.repeat(indent)}${key}: ${value}\n`.repeat(count)).join(''),
    );
  return fc.oneof(noise, lines);
}

/** Texts that may be as long as one likes. */
export const growingYaml = [
  { part: 'key#: value\n' },
  { part: 'key: value\n' },
  { part: '- a\n' },
  { begin: 'a: "', part: '\\n', end: '"\n' },
  { begin: 'a: |\n', part: '  text\n' },
  { begin: 'a: [', part: 'b,', end: ']\n' },
  { begin: 'a: ', part: '[', end: '\n' },
  { part: '#\n' },
  { begin: 'a: &a x\n', part: 'b#: *a\n' },
  { part: '? ' },
  { part: '"' },
  { begin: 'a: ', part: '$', end: '\n' },
  { begin: 'a: ${env:X:-', part: '${env:SHORT}', end: '}\n' },
];
