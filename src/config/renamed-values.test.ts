import { expect, it } from 'vitest';
import type { Problem } from '../errors.ts';
import { type Marks, z } from '../plugin/index.ts';
import { checkValues } from './check-values.ts';
import { toPlain } from './located.ts';
import { parseYaml } from './parse-yaml.ts';
import { withNewNames } from './renamed-values.ts';

const word = () => z.enum(['new', 'other']).meta({ renamed: { old: 'new' } } satisfies Marks);
const schema = z.strictObject({
  one: word().default('new').describe('a word'),
  many: z.array(word()).optional(),
  either: z.union([z.number(), word()]).optional(),
  by_name: z.record(z.string(), z.strictObject({ one: word(), text: z.string().optional() })).optional(),
  text: z.string().optional(),
});

const check = (text: string) => {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const root = parseYaml(text, 'a.yaml', problems);
  return { config: root && checkValues(schema, root, ['section'], problems, warnings), problems, warnings };
};

it('takes the old name of a value for the new one, and warns of it where it stands', () => {
  const text = 'section:\n  one: old\n  many: [other, old]\n  either: old\n  by_name: { a: { one: old, text: old } }\n';
  expect(check(text)).toEqual({
    config: { one: 'new', many: ['other', 'new'], either: 'new', by_name: { a: { one: 'new', text: 'old' } } },
    problems: [],
    warnings: [
      'a.yaml:2:8 section.one: `old` is deprecated; write `new`',
      'a.yaml:3:17 section.many[1]: `old` is deprecated; write `new`',
      'a.yaml:4:11 section.either: `old` is deprecated; write `new`',
      'a.yaml:5:24 section.by_name.a.one: `old` is deprecated; write `new`',
    ],
  });
});

it('has nothing to say of new names, of other values and of names that objects have by themselves', () => {
  expect(check('section: { one: other, text: old }')).toMatchObject({ config: { one: 'other' }, warnings: [] });
  expect(check('section:')).toMatchObject({ config: { one: 'new' }, warnings: [] });
  const { problems, warnings } = check('section: { one: constructor }');
  expect(problems[0]?.message).toBe('"constructor" is not valid here');
  expect(problems[0]?.remedy).toBe('expected one of new, other');
  expect(warnings).toEqual([]);
});

it('leaves everything else of a section as it is', () => {
  const section = parseYaml('{ one: other, many: [new], text: "old", by_name: { a: { one: new } } }', 'a.yaml', []);
  expect(section && withNewNames(section, schema)).toEqual(section);
  const old = parseYaml('one: old', 'a.yaml', []);
  expect(old && toPlain(withNewNames(old, schema))).toEqual({ one: 'new' });
});
