import { afterEach, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { ConfigurationError, formatPlace } from '../errors.ts';
import { loadConfiguration } from './load.ts';

let folder: TemporaryFolder | undefined;
afterEach(async () => {
  await folder?.remove();
  folder = undefined;
});

/** The problems of a configuration, each as `line:column message`, and how many there are. */
async function problemsOf(text: string, files: Readonly<Record<string, string>> = {}) {
  folder = await temporaryFolder({ 'main.yaml': text, ...files });
  const environment = { BIG: 'x'.repeat(100_000), SMALL: '5', BOMB: bomb };
  try {
    await loadConfiguration([`${folder.path}/main.yaml`], { environment });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const texts = error.problems.map(({ at, message }) => {
      return `${at ? formatPlace(at).slice((folder?.path.length ?? 0) + 1) : ''} ${message}`;
    });
    return { texts, count: error.count };
  }
  return { texts: [], count: '0 problems' };
}

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');
const names = 'abcdefghi';
const bomb = [...names]
  .map(
    (name, i) =>
      `${name}: &${name} [${Array(9)
        .fill(i ? `*${names[i - 1]}` : 'x')
        .join()}]`,
  )
  .join('\n');

// Each of these took minutes or all of the memory before there were limits.
it.each([
  ['aliases that repeat themselves', bomb, 'main.yaml:5:7 there are more than 25000 keys and values'],
  [
    'merges that repeat themselves',
    `a: &a {${lines(1000, (i) => `k${i}: 1`).replaceAll('\n', ', ')}}\n${lines(5000, (i) => `b${i}: {<<: *a}`)}`,
    'main.yaml:27:6 there are more than 25000 keys and values',
  ],
  [
    'aliases that nest',
    `a0: &a0 [x]\n${lines(500, (i) => `a${i + 1}: &a${i + 1} [*a${i}]`)}`,
    'nested more than 100 levels deep',
  ],
  ['lists that nest', `a: ${'['.repeat(100_000)}`, 'main.yaml:1:104 values are nested more than 100 levels deep'],
  ['items that nest', `${'- '.repeat(5000)}x`, 'values are nested more than 100 levels deep'],
  ['keys that nest', `${'? '.repeat(50_000)}x`, 'main.yaml:1:201 values are nested more than 100 levels deep'],
  [
    'aliases in a row',
    `a: &a x\n${lines(15_000, (i) => `b${i}: *a`)}\nc: *b`,
    'main.yaml:15002:4 no anchor before it matches `*b`',
  ],
  [
    'anchors in a row',
    `a: ${'&a '.repeat(100_000)}x`,
    'main.yaml:1:34 more than 10 anchors and tags follow each other',
  ],
  ['100,000 keys', lines(90_000, (i) => `k${i}: 1`), 'the text has more than 100000 words and marks'],
  [
    'empty lines without end',
    '\n'.repeat(1_000_000),
    'main.yaml:100001:1 the text has more than 100000 words and marks',
  ],
  ['more than a MiB', `a: ${'x'.repeat(2 ** 20)}`, 'main.yaml:1:1 cannot be read: it has more than 1024 KiB'],
  [
    'thousands of components',
    `receivers:\n${lines(2000, (i) => `  http/${i}:`)}`,
    'main.yaml:1002:3 there are more than 1000 components',
  ],
  [
    'a file without an end',
    'a: ${file:/dev/zero}',
    'main.yaml:1:4 the file `/dev/zero` cannot be read: it has more than 1024 KiB',
  ],
  [
    'expressions that nest',
    `a: ${'${env:A:-'.repeat(50_000)}${'}'.repeat(50_000)}`,
    'main.yaml:1:4 expressions are nested more than 10 levels deep',
  ],
  ['a variable put in often', `a: ${'${env:BIG}'.repeat(1000)}`, 'main.yaml:1:4 it makes a text of more than 1024 KiB'],
  [
    'a variable put in everywhere',
    lines(100, (i) => `k${i}: \${env:BIG}`),
    'all expressions put in more than 4096 KiB',
  ],
  ['a variable with a bomb in it', 'a: ${env:BOMB}', 'unknown key'],
  [
    'text of YAML that nests',
    `a: '\${yaml:${'['.repeat(1000)}${']'.repeat(1000)}}'`,
    'main.yaml:1:4 values are nested more than 100 levels deep',
  ],
])('refuses %s, and says where', async (_, text, expected) => {
  const { texts } = await problemsOf(text);
  expect(texts.join('\n')).toContain(expected);
});

it('refuses files that put in each other over and over', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [
      `f${i}.yaml`,
      `[${Array(10)
        .fill(`"\${file:f${i + 1}.yaml}"`)
        .join()}]`,
    ]),
  );
  const { texts } = await problemsOf('a: ${file:f0.yaml}', { ...files, 'f6.yaml': `[${Array(100).fill('x').join()}]` });
  expect(texts.join('\n')).toContain('there are more than 25000 keys and values');
});

it('shows the first 100 problems of many, in their order', async () => {
  const { texts, count } = await problemsOf(lines(10_000, (i) => `k${i}: \${env:SMALL}`));
  expect(count).toBe('more than 100 problems');
  expect(texts.slice(2, 4)).toEqual(['main.yaml:2:1 unknown key', 'main.yaml:3:1 unknown key']);
  expect(texts).toHaveLength(100);
});

it('looks for no more than some hundred references that lead nowhere', async () => {
  const receivers = lines(5000, (i) => `http/${i}`).replaceAll('\n', ', ');
  const { count } = await problemsOf(
    `service: { pipelines: { metrics: { receivers: [${receivers}], exporters: [] } } }`,
  );
  expect(count).toBe('more than 100 problems');
});
