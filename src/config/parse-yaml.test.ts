import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Problem } from '../errors.ts';
import { type Located, toPlain } from './located.ts';
import { parseYaml } from './parse-yaml.ts';

function parse(text: string): Located | undefined {
  const problems: Problem[] = [];
  const located = parseYaml(text, 'a.yaml', problems);
  expect(problems).toEqual([]);
  return located;
}

it('reads what YAML can write', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  const key = fc.string({ minLength: 1 }).filter((text) => text !== '<<');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('value')),
      fc.dictionary(key, tie('value'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(value, (plain) => {
      const located = parse(stringify({ plain }));
      expect(located && toPlain(located)).toEqual({ plain });
    }),
  );
});

it('knows the place of every key and value', () => {
  const located = parse('a: 1\nb:\n  - c: x\n    d: [2,  3]\n');
  const at = (line: number, column: number) => ({ file: 'a.yaml', line, column });
  const entry = (line: number, column: number, value: object) => ({ at: at(line, column), value });
  const d = {
    kind: 'list',
    at: at(4, 8),
    items: [
      { at: at(4, 9), value: 2 },
      { at: at(4, 13), value: 3 },
    ],
  };
  const item = {
    kind: 'map',
    entries: new Map([
      ['c', entry(3, 5, { at: at(3, 8), value: 'x' })],
      ['d', entry(4, 5, d)],
    ]),
  };
  expect(located).toMatchObject({
    kind: 'map',
    at: at(1, 1),
    entries: new Map([
      ['a', entry(1, 1, { at: at(1, 4), value: 1 })],
      ['b', entry(2, 1, { at: at(3, 3), items: [item] })],
    ]),
  });
});

it('makes no difference between no text, comments and an empty document', () => {
  for (const text of ['', '\n', '# a\n', '---\n', '---\n...\n', '~', 'null\n']) expect(parse(text)).toBeUndefined();
});

it('reports a broken directive even where there is nothing else', () => {
  const problems: Problem[] = [];
  expect(parseYaml('%YAML 9\n', 'a.yaml', problems)).toBeUndefined();
  expect(problems).toHaveLength(1);
});

it('refuses a map or list as a key, without writing it as text, which takes twice as long for each level', () => {
  const problems: Problem[] = [];
  expect(parseYaml(`a: { b${'{'.repeat(60)}c: 1 } }\n`, 'a.yaml', problems)).toBeUndefined();
  expect(parseYaml('? [a]\n: 1\n', 'b.yaml', problems)).toBeUndefined();
  expect(problems.at(-1)).toMatchObject({ message: 'a key is a map or a list', at: { file: 'b.yaml', line: 1 } });
});
