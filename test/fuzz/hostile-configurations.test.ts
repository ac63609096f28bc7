import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import { ConfigurationError, MOST_PROBLEMS } from '../../src/errors.ts';

/** A variable of the environment that is a bomb itself. */
const BOMB = `[${Array(9).fill('&a [x, x]').join()}, ${Array(9).fill('*a').join()}]`;
const environment = { SHORT: '5', LONG: 'x'.repeat(50_000), BOMB };

const times = fc.constantFrom(1, 1, 1, 3, 200, 20_000);
const words = fc.constantFrom(
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
);
const noise = fc
  .array(fc.tuple(words, times), { maxLength: 12 })
  .map((parts) => parts.map(([word, count]) => word.repeat(count)).join(''));
/** Lines of keys and values, of which many are alike. */
const lines = fc
  .array(fc.tuple(fc.nat(8), words, words, times), { maxLength: 12 })
  .map((rows) =>
    rows.map(([indent, key, value, count]) => `${' '.repeat(indent)}${key}: ${value}\n`.repeat(count)).join(''),
  );

describe('whatever a configuration says', () => {
  it('it is loaded or refused, with places and no more than 100 problems', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(noise, lines), async (text) => {
        try {
          await loadConfiguration([`yaml:${text}`], { environment });
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          expect(error.problems.length).toBeLessThanOrEqual(MOST_PROBLEMS);
          for (const { at, message } of error.problems) expect(at, message).toBeDefined();
        }
      }),
      { numRuns: 200 },
    );
  });
});
