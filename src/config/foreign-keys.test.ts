import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Problem } from '../errors.ts';
import { foreignKeys, ignored, refused } from '../plugin/index.ts';
import { withoutForeignKeys } from './foreign-keys.ts';
import { fromPlain, toPlain } from './located.ts';
import { isSecretAt } from './schema-at.ts';

const schema = z.strictObject({
  list: z
    .array(
      z.discriminatedUnion('is', [
        z.strictObject({ is: z.literal('a') }).meta(foreignKeys({ first: ignored('of a') })),
        z.strictObject({ is: z.literal('b') }).meta(foreignKeys({ second: refused('do b', { enabled: false }) })),
      ]),
    )
    .optional(),
  within: z
    .strictObject({ own: z.string() })
    .refine(() => true)
    .meta(foreignKeys({ old: ignored('it is so anyway', true, 0), pem: { ...refused('write a file'), secret: true } }))
    .prefault({ own: '' }),
});

function checked(value: object) {
  const root = fromPlain({ top: value }, { file: 'a.yaml', line: 1, column: 2 });
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const written = fromPlain(value, root.at);
  const kept = toPlain(withoutForeignKeys(written, { schema, root, base: ['top'], problems, warnings }));
  return { kept, warnings, problems: problems.map(({ path, remedy }) => `${path}: ${remedy}`) };
}

describe("a key of the Collector's", () => {
  it('is left out with a warning where it has no effect, and is a problem where it would have one', () => {
    expect(
      checked({
        within: { own: 'a', old: false, pem: 'x' },
        list: [
          { is: 'a', first: 1 },
          { is: 'b', second: 2 },
        ],
      }),
    ).toEqual({
      kept: { within: { own: 'a' }, list: [{ is: 'a' }, { is: 'b' }] },
      warnings: [
        'a.yaml:1:2 top.within.old: it has no effect here: it is so anyway',
        'a.yaml:1:2 top.list[0].first: it has no effect here: of a',
      ],
      problems: ['top.within.pem: write a file', 'top.list[1].second: do b'],
    });
  });

  it('is left out without a word where it has no value, or says what holds anyway', () => {
    const value = { within: { own: 'a', old: true, pem: null }, list: [{ is: 'b', second: { enabled: false } }] };
    expect(checked(value)).toEqual({ kept: { within: { own: 'a' }, list: [{ is: 'b' }] }, warnings: [], problems: [] });
    expect(checked({ within: { old: 0 } }).warnings).toEqual([]);
  });

  it('stays where no section knows it, whatever it is called', () => {
    const value = { old: 1, constructor: 2, within: { own: 'a', toString: 3 } };
    expect(checked(value)).toEqual({ kept: value, warnings: [], problems: [] });
  });

  it('is no secret unless it says so, and any key that nobody knows may be one', () => {
    expect(isSecretAt(schema, ['within', 'old', 'deeper'])).toBe(false);
    expect(isSecretAt(schema, ['within', 'pem'])).toBe(true);
    expect(isSecretAt(schema, ['within', 'constructor'])).toBe(true);
    expect(isSecretAt(schema, ['within', 'own'])).toBe(false);
  });
});
