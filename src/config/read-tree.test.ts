import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { formatProblem, type Problem } from '../errors.ts';
import { toPlain } from './located.ts';
import { merge } from './merge.ts';
import { nameOfSource, readSetOption, readTree } from './read-tree.ts';

async function read(source: string, environment = {}): Promise<{ plain?: unknown; problems: string[] }> {
  const problems: Problem[] = [];
  const tree = await readTree(source, environment, problems);
  return { ...(tree && { plain: toPlain(tree) }), problems: problems.map(formatProblem) };
}

describe('a configuration', () => {
  it('may be a file, with or without a scheme', async () => {
    const folder = await temporaryFolder({ 'a.yaml': 'a: 1' });
    for (const source of [`${folder.path}/a.yaml`, `file:${folder.path}/a.yaml`]) {
      expect(await read(source)).toEqual({ plain: { a: 1 }, problems: [] });
    }
    await folder.remove();
  });

  it('may be a variable', async () => {
    expect(await read('env:TEXT', { TEXT: 'a: { b: 1 }' })).toEqual({ plain: { a: { b: 1 } }, problems: [] });
    expect(await read('env:TEXT', { TEXT: 'a: [' })).toEqual({ problems: [expect.stringMatching(/^env:TEXT:1:5 /)] });
    expect((await read('env:TEXT')).problems).toEqual([
      'env:TEXT:1:1 environment variable TEXT is not set; set it to the text of a configuration [CONFIG_UNREADABLE]',
    ]);
  });

  it('may be given as it is, with short keys', async () => {
    const { plain } = await read('yaml:a::b::c: 1\na::b::d: [2]\na::e: {f::g: 3}');
    expect(plain).toEqual({ a: { b: { c: 1, d: [2] }, e: { f: { g: 3 } } } });
    expect((await read('yaml:[a]')).problems).toEqual([
      'yaml::1:1 a configuration must be a map; write receivers, exporters and service.pipelines [CONFIG_INVALID_VALUE]',
    ]);
  });

  it('is not fetched', async () => {
    expect((await read('https://example.com/a.yaml')).problems).toEqual([
      expect.stringMatching(/^https:\/\/example\.com\/a\.yaml:1:1 a configuration is not fetched .*CONFIG_UNREADABLE/),
    ]);
  });

  it('has a colon in its path only where that is no known scheme', async () => {
    expect((await read('none:a.yaml')).problems).toEqual([expect.stringMatching(/^none:a\.yaml:1:1 there is no such/)]);
  });
});

describe('--set', () => {
  const set = (text: string) => {
    const problems: Problem[] = [];
    const tree = readSetOption(text, problems);
    return { ...(tree && { plain: toPlain(tree) }), problems: problems.map(formatProblem) };
  };

  it.each([
    ['a=1', { a: 1 }],
    ['a.b.c=x', { a: { b: { c: 'x' } } }],
    ['a/x.b=[1, x]', { 'a/x': { b: [1, 'x'] } }],
    ['a.b={c: {d: 1}}', { a: { b: { c: { d: 1 } } } }],
    ['a.b=c=d', { a: { b: 'c=d' } }],
    ['a.b="0123"', { a: { b: '0123' } }],
    ['a.b=', { a: { b: null } }],
    ['a=${env:B}', { a: '${env:B}' }],
    ['a=http://127.0.0.1:1', { a: 'http://127.0.0.1:1' }],
  ])('reads %s', (text, plain) => {
    expect(set(text)).toEqual({ plain, problems: [] });
  });

  it.each([
    ['a.b', '--set a.b there is no = in it; write it as in --set exporters.debug.summary=true [CONFIG_SYNTAX]'],
    ['=1', '--set = a key is empty'],
    ['a..b=1', '--set a..b a key is empty'],
    ['a.b=[secret', '--set a.b the value is not valid YAML; put quotes around a text'],
  ])('refuses %s, without its value', (text, problem) => {
    expect(set(text)).toEqual({ problems: [expect.stringContaining(problem)] });
    expect(set(text).problems[0]).not.toContain('[secret');
  });
});

describe('merging', () => {
  async function merged(...sources: string[]): Promise<{ plain: unknown; warnings: string[]; places: string[] }> {
    const environment = Object.fromEntries(sources.map((text, index) => [`F${index}`, text]));
    const problems: Problem[] = [];
    const trees = await Promise.all(
      sources.map(async (source, index) =>
        source.startsWith('--set ')
          ? readSetOption(source.slice(6), problems)
          : readTree(`env:F${index}`, environment, problems),
      ),
    );
    expect(problems).toEqual([]);
    const warnings: string[] = [];
    const whole = trees.flatMap((tree) => tree ?? []).reduce((below, over) => merge(below, over, warnings));
    return { plain: toPlain(whole), warnings, places: [...whole.entries.values()].map(({ at }) => at.file) };
  }

  it('warns of a key without a value that erases a map, naming both places', async () => {
    expect(await merged('a: { b: { c: 1 } }\nd: { e: 1 }', 'a:\n  b:\nd: ~')).toMatchObject({
      plain: { a: { b: null }, d: null },
      warnings: [
        'env:F1:2:3 a.b: the key has no value, so it removes what env:F0:1:6 has there; write {} to keep that',
        'env:F1:3:1 d: the key has no value, so it removes what env:F0:2:1 has there; write {} to keep that',
      ],
    });
  });

  it('warns of a map that replaces an expression, which may have been a map', async () => {
    expect(await merged('a: ${file:a.yaml}\nb: "${A}"\nc: "<${A}>"', 'a: { c: 1 }\nb: x\nc: {}')).toMatchObject({
      plain: { a: { c: 1 }, b: 'x', c: {} },
      warnings: [
        'env:F1:1:1 a: it replaces the expression of env:F0:1:1, since files are merged before expressions are put in',
      ],
    });
  });

  it('does not warn where nothing is lost', async () => {
    const { plain, warnings } = await merged('a: { b: 1 }\nc: {}\nd: [1]\ne: 1\nf: ', 'a: {}\nc:\nd:\ne:\nf:\ng:');
    expect(plain).toEqual({ a: { b: 1 }, c: null, d: null, e: null, f: null, g: null });
    expect(warnings).toEqual([]);
  });

  it('leaves what an option adds to in the place of its file', async () => {
    const { plain, places } = await merged('a: { b: 1 }', '--set a.c=2', '--set d=1');
    expect(plain).toEqual({ a: { b: 1, c: 2 }, d: 1 });
    expect(places).toEqual(['env:F0', '--set d']);
  });
});

it('names a source without the text that it gives', () => {
  expect(nameOfSource('yaml:receivers: { file: { include: [secret] } }')).toBe('yaml:');
  expect(nameOfSource('env:CONFIG')).toBe('env:CONFIG');
  expect(nameOfSource('file:a.yaml')).toBe('a.yaml');
});
