import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { formatProblem, type Problem } from '../errors.ts';
import { expand } from './expand.ts';
import { type LocatedMap, positionAt, toPlain } from './located.ts';
import { parseYaml } from './parse-yaml.ts';

const folders: TemporaryFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

interface Expanded {
  readonly root: LocatedMap;
  readonly plain: Record<string, unknown>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What the text of a configuration becomes among other files, whose folder is left out of what is reported. */
async function expanded(text: string, files: Record<string, string> = {}, environment = {}): Promise<Expanded> {
  const folder = await temporaryFolder({ 'a.yaml': text, ...files });
  folders.push(folder);
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const tree = parseYaml(text, join(folder.path, 'a.yaml'), problems) as LocatedMap;
  const root = expand(tree, { environment, problems, warnings });
  const short = (line: string) => line.replaceAll(`${folder.path}/`, '').replaceAll(folder.path, '.');
  const plain = toPlain(root) as Record<string, unknown>;
  return { root, plain, problems: problems.map(formatProblem).map(short), warnings: warnings.map(short) };
}

describe('${file:…}', () => {
  it.each([
    ['a text', 'secret', 'secret'],
    ['a text without the line end of its editor', 'secret\n', 'secret'],
    ['a text without that of Windows', 'secret\r\n', 'secret'],
    ['only one line end less', 'a\n\n', 'a\n'],
    ['a text with what YAML would take for a comment', 'pass #word', 'pass #word'],
    ['a text in quotes, with them', '"quoted"\n', '"quoted"'],
    ['a text with dollars and expressions, as it is', 'p$$w ${env:A}', 'p$$w ${env:A}'],
    ['what is no YAML', '-----BEGIN\n[a: {\n-----END\n', '-----BEGIN\n[a: {\n-----END'],
    ['a number', '12\n', 12],
    ['a truth', 'true', true],
    ['a list', '- a\n- b\n', ['a', 'b']],
    ['a map', 'a: { b: 1 }\n', { a: { b: 1 } }],
    ['a map with expressions, which count from its own file', 'a: ${file:deep/b}\nb: $$', { a: 'bee', b: '$' }],
  ])('gives %s', async (_, content, value) => {
    const files = { 'there/is.txt': content, 'there/deep/b': 'bee' };
    const { plain, problems } = await expanded('key: ${file:there/is.txt}', files);
    expect(problems).toEqual([]);
    expect(plain.key).toEqual(value);
  });

  it('keeps the text of what YAML reads otherwise, and is nothing where there is none', async () => {
    const { root } = await expanded('a: ${file:a}\nb: ${file:b}', { a: '0123\n', b: '' });
    expect(root.entries.get('a')?.value).toMatchObject({ value: 123, otherwise: '0123' });
    expect(root.entries.get('b')?.value).toMatchObject({ value: '', otherwise: null });
  });

  it('stands within a text, and takes a path that is given by a variable', async () => {
    const text = 'a: "Bearer ${file:${env:FOLDER}/token}"\nb: ${file:${env:WHOLE}}';
    const { path } = await temporaryFolder({ token: 'whole\n' });
    const { plain } = await expanded(text, { 'x/token': 'abc\n' }, { FOLDER: 'x', WHOLE: `${path}/token` });
    expect(plain).toEqual({ a: 'Bearer abc', b: 'whole' });
  });

  it('has the places of what it holds', async () => {
    const { root, problems } = await expanded('a: ${file:b.yaml}', { 'b.yaml': '\n\nb:\n  - c: 1\n' });
    expect(problems).toEqual([]);
    expect(positionAt(root, ['a', 'b', 0, 'c'])).toMatchObject({
      file: join(`${folders[0]?.path}`, 'b.yaml'),
      line: 4,
    });
  });

  it('says what is wrong within YAML, by its name, and where a file is missing', async () => {
    const { problems } = await expanded('a: ${file:b.yaml}\nb: "x ${file:none}"\nc: ${file:.}', { 'b.yaml': 'a: [1' });
    const remedy = 'write the path of a file as it is seen from ., or an absolute path [CONFIG_INVALID_VARIABLE]';
    expect(problems).toEqual([
      expect.stringMatching(/^b\.yaml:1:6 .* has no ]; .* \[CONFIG_SYNTAX\]$/),
      `a.yaml:2:4 b: there is no file \`none\`; ${remedy}`,
      expect.stringMatching(/^a\.yaml:3:4 c: the file `\.` cannot be read: EISDIR/),
    ]);
  });

  it('refuses a file within itself', async () => {
    const files = {
      'b.yaml': 'c: [x, "${file:c.yaml}"]',
      'c.yaml': 'd: ${file:b.yaml}',
      'e.yaml': 'e: ${file:e.yaml}',
    };
    const { problems, plain } = await expanded('a: ${file:b.yaml}\nb: ${file:e.yaml}', files);
    const fault = 'remove one of these expressions [CONFIG_INVALID_VARIABLE]';
    expect(problems).toEqual([
      `c.yaml:1:4 a.c[1].d: the file includes itself: b.yaml → c.yaml → b.yaml; ${fault}`,
      `e.yaml:1:4 b.e: the file includes itself: e.yaml → e.yaml; ${fault}`,
    ]);
    expect(plain).toEqual({ a: { c: ['x', { d: null }] }, b: { e: null } });
  });

  it('may be put in at several places', async () => {
    const { plain, problems } = await expanded('a: ${file:b.yaml}\nb: ${file:b.yaml}', { 'b.yaml': 'c: 1' });
    expect({ plain, problems }).toEqual({ plain: { a: { c: 1 }, b: { c: 1 } }, problems: [] });
  });
});

describe('${yaml:…}', () => {
  it.each([
    ['a number', '${yaml:12}', {}, 12],
    ['a list', '"${yaml:[a, b]}"', {}, ['a', 'b']],
    ['a map', '"${yaml:a: 1}"', {}, { a: 1 }],
    ['a map in braces', '"${yaml:{a: {b: ${env:A}}}}"', { A: '1' }, { a: { b: 1 } }],
    ['nothing', '${yaml:}', {}, null],
    ['a text', '"${yaml:\'0123\'}"', {}, '0123'],
    ['a value with others in it', '"${yaml:[${env:A}, ${B:-b}]}"', { A: 'x' }, ['x', 'b']],
    ['its text, within another', '"<${yaml:[a]}>"', {}, '<[a]>'],
  ])('gives %s', async (_, text, environment, value) => {
    const { plain, problems } = await expanded(`key: ${text}`, {}, environment);
    expect(problems).toEqual([]);
    expect(plain.key).toEqual(value);
  });
});

describe('an expression', () => {
  it.each([
    ['"${yaml:[a}"', '`[a` is not valid YAML; write a value such as'],
    ['"${yaml:{a: 1}"', '`${yaml:{a: 1}` has no closing brace'],
    [
      '${https://host/a.yaml}',
      '`https:` is refused: a value fetched over the network could change unnoticed; fetch it first',
    ],
    ['${http://host}', '`http:` is refused'],
    ['${vault:x}', '`vault:` is not a known source of values; write ${env:NAME}'],
    ['"${env:A B}"', 'environment variable "A B" has an invalid name'],
    ['"/api/${1}/x"', 'environment variable "1" has an invalid name; write $1 or $${1} for a group'],
    ['"${$A}"', 'environment variable "$A" has an invalid name'],
    [`"\${${'{'.repeat(1000)}${'}'.repeat(1000)}}"`, `environment variable "${'{'.repeat(100)}…" has an invalid name`],
    ['"${env:A"', '`${env:A` has no closing brace'],
  ])('is refused: %s', async (text, message) => {
    const { plain, problems } = await expanded(`key: ${text}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`a.yaml:1:6 key: ${message}`);
    expect(plain.key).toBeNull();
  });

  it('puts in a variable as it is, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const { plain } = await expanded('a: "${env:A}"\nb: "<${A}>"\nc: "$$<${A}"', {}, { A: text });
        expect(plain.b).toBe(`<${text}>`);
        expect(plain.c).toBe(`$<${text}`);
        if (typeof plain.a === 'string') expect(plain.a).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  it('warns of a variable that is not set, with its place', async () => {
    const { warnings, plain } = await expanded('a: [1, "x${env:A}"]\nb: ${file:b.yaml}', { 'b.yaml': 'c: ${B}' });
    const text = (name: string) => `environment variable ${name} is not set and has no default; it stays empty`;
    expect(warnings).toEqual([`a.yaml:1:8 a[1]: ${text('A')}`, `b.yaml:1:4 b.c: ${text('B')}`]);
    expect(plain).toEqual({ a: [1, 'x'], b: { c: null } });
  });
});
