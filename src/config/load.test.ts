import { afterEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { ConfigurationError } from '../errors.ts';
import type { Loader } from '../loader.ts';
import { definePlugin, duration, z } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import type { Configuration } from './configuration.ts';
import { loadConfiguration } from './load.ts';

const settings = z.strictObject({
  text: z.string().optional(),
  required: z.string().default('given'),
  number: z.number().optional(),
  flag: z.boolean().default(false),
  list: z.array(z.string()).default([]),
  pause: duration().default(1000),
  headers: z.record(z.string(), z.string()).default({}),
  nested: z.strictObject({ low: z.number().default(1), high: z.number().default(9) }).prefault({}),
});

/** Knows one type, `any`, in every kind. */
const loader = {
  find: async (kind: Kind, type: string) =>
    type === 'any'
      ? definePlugin({
          contract: 2,
          kind,
          type,
          stability: 'stable',
          configSchema: settings,
          create: () => ({}) as never,
        })
      : undefined,
  types: async () => ['any'],
} as unknown as Loader;

const rest = 'exporters: { any: }\nservice: { pipelines: { metrics: { receivers: [any], exporters: [any] } } }\n';

const folders: TemporaryFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function load(
  texts: string | readonly string[],
  environment = {},
  set: readonly string[] = [],
): Promise<Configuration> {
  const files = [texts].flat().map((text, index) => [`${index}.yaml`, text] as const);
  const folder = await temporaryFolder(Object.fromEntries(files));
  folders.push(folder);
  const paths = files.map(([name]) => `${folder.path}/${name}`);
  return loadConfiguration(paths, { loader, environment, set });
}

function configOf({ components }: Configuration, id = 'any'): Record<string, unknown> {
  return components.find((component) => component.kind === 'receiver' && component.id === id)?.config as never;
}

/** The settings of the receiver `any` whose section is given as flow YAML. */
async function settingsOf(section: string, environment: Record<string, string> = {}): Promise<Record<string, unknown>> {
  return configOf(await load(`receivers: { any: ${section} }\n${rest}`, environment));
}

describe('environment variables', () => {
  it.each([
    ['a set one', '"${env:A}"', { A: 'x' }, 'x'],
    ['without `env:`', '"${A}"', { A: 'x' }, 'x'],
    ['a default that is not needed', '"${env:A:-d}"', { A: 'x' }, 'x'],
    ['a default for an unset one', '"${env:A:-d}"', {}, 'd'],
    ['an empty default', '"${env:A:-}"', {}, ''],
    ['an empty one keeps the default away', '"${env:A:-d}"', { A: '' }, ''],
    ['a default with colons', '"${env:A:-http://h:1}"', {}, 'http://h:1'],
    ['a default that is another one', '"${env:A:-${env:B}}"', { B: 'b' }, 'b'],
    ['a default of a default', '"${env:A:-${env:B:-c}}"', {}, 'c'],
    ['a default of several parts', '"${env:A:-<${B}|${C:-c}>}"', { B: 'b' }, '<b|c>'],
    ['a name that another one gives', '"${env:${env:B}}"', { B: 'A', A: 'x' }, 'x'],
    ['within a text', '"a ${env:A} b ${B}"', { A: '1', B: '2' }, 'a 1 b 2'],
    ['side by side', '"${A}${B}"', { A: '1', B: '2' }, '12'],
    ['an unset one within a text', '"a${A}b"', {}, 'ab'],
    ['two dollars', '"$$A"', { A: 'x' }, '$A'],
    ['an escaped expression', '"$${A}"', { A: 'x' }, '${A}'],
    ['an escaped dollar before an expression', '"$$${A}"', { A: 'x' }, '$x'],
    ['a bare name', '"$A costs 5$"', { A: 'x' }, '$A costs 5$'],
    ['a value with an expression in it, as it is', '"${A}"', { A: '$${B}', B: 'x' }, '$${B}'],
    ['a value with leading zeros', '"${A}"', { A: '0123' }, '0123'],
    ['a value that would be a number', '"${A}"', { A: '1e3' }, '1e3'],
    ['a value that would be true', '"${A}"', { A: 'true' }, 'true'],
    ['a value that would be a map', '"${A}"', { A: 'a: b' }, 'a: b'],
    ['a value that is no YAML', '"${A}"', { A: '[a' }, '[a'],
    ['a value in quotes, with them', '"${A}"', { A: '"x"' }, '"x"'],
    ['a value with what would be a comment', '"${A}"', { A: 'x # y' }, 'x # y'],
    ['a value that would be nothing', '"${A}"', { A: 'null' }, 'null'],
  ])('%s', async (_, text, environment, expected) => {
    expect((await settingsOf(`{ required: ${text} }`, environment)).required).toBe(expected);
  });

  it.each([
    ['a number', 'number: "${A}"', { A: '12.5' }, { number: 12.5 }],
    ['a number that is the default', 'number: "${A:-7}"', {}, { number: 7 }],
    ['a boolean', 'flag: "${A}"', { A: 'true' }, { flag: true }],
    ['a duration', 'pause: "${A}"', { A: '2m' }, { pause: 120_000 }],
    ['a list', 'list: "${A}"', { A: '[a, b]' }, { list: ['a', 'b'] }],
    ['an item that looks like a number', 'list: ["${A}", x]', { A: '0123' }, { list: ['0123', 'x'] }],
    ['a map', 'nested: "${A}"', { A: '{low: 3}' }, { nested: { low: 3, high: 9 } }],
    ['a value of a free map', 'headers: {token: "${A}"}', { A: '42' }, { headers: { token: '42' } }],
    ['nothing where the variable is not set', 'number: "${A}"', {}, { number: undefined }],
    ['nothing where a field for numbers gets an empty one', 'number: "${A}"', { A: '' }, { number: undefined }],
  ])('read as %s', async (_, section, environment, expected) => {
    expect(await settingsOf(`{ ${section} }`, environment as Record<string, string>)).toMatchObject(expected);
  });

  it('read as a whole section', async () => {
    expect(await settingsOf('"${A}"', { A: '{number: 3, text: "4"}' })).toMatchObject({ number: 3, text: '4' });
    expect(await settingsOf('"${A}"', { A: '' })).toMatchObject({ required: 'given' });
    const configuration = await load(`receivers: "\${A}"\n${rest}`, { A: '{any: {number: 3}}' });
    expect(configOf(configuration).number).toBe(3);
  });
});

describe('several files', () => {
  const first = 'receivers: { any: { number: 1, list: [a, b], nested: { low: 2 }, headers: {a: "1"} } }\n';
  const laid = async (second: string) => configOf(await load([first + rest, second]));

  it('are merged map by map, later values win', async () => {
    const over = 'receivers: { any: { number: 5, nested: { high: 3 }, headers: {b: "2"} } }';
    expect(await laid(over)).toMatchObject({ number: 5, nested: { low: 2, high: 3 }, headers: { a: '1', b: '2' } });
  });

  it('replace lists', async () => {
    expect((await laid('receivers: { any: { list: [c] } }')).list).toEqual(['c']);
  });

  it('erase with a key without a value, and keep with an empty map', async () => {
    expect(await laid('receivers: { any: { nested: } }')).toMatchObject({ number: 1, nested: { low: 1 } });
    expect(await laid('receivers: { any: { nested: {} } }')).toMatchObject({ number: 1, nested: { low: 2 } });
    expect(await laid('receivers: { any: }')).not.toHaveProperty('number');
  });

  it('may be empty, but not all of them', async () => {
    expect(await laid('# nothing\n')).toMatchObject({ number: 1 });
    await expect(load(['', '---\n'])).rejects.toThrow(/0\.yaml:1:1 the configuration is empty/);
  });

  it('are merged before variables are put in', async () => {
    const configuration = await load([
      first.replace('1,', '"${env:1ST}",') + rest,
      'receivers: { any: { number: 2 } }',
    ]);
    expect(configOf(configuration).number).toBe(2);
  });
});

describe('options', () => {
  const file = `receivers: { any: { number: 1, list: [a], nested: { low: 2 } } }\n${rest}`;

  it('come after all files, and one after the other', async () => {
    const set = ['receivers.any.number=3', 'receivers.any.nested.high=4', 'receivers.any.number=5', 'exporters.any/x='];
    const configuration = await load([file, 'receivers: { any: { number: 2, text: x } }'], {}, set);
    expect(configOf(configuration)).toMatchObject({ number: 5, list: ['a'], text: 'x', nested: { low: 2, high: 4 } });
    expect(configuration.components.map(({ id }) => id)).toEqual(['any', 'any', 'any/x']);
  });

  it('may have expressions', async () => {
    expect(configOf(await load(file, { A: '7' }, ['receivers.any.number=${env:A}'])).number).toBe(7);
  });

  it('leave relative paths where they were', async () => {
    const { components } = await load(file, {}, ['receivers.any.number=3', 'exporters.any/x.number=1']);
    expect(components.map(({ id, directory }) => [id, directory])).toEqual([
      ['any', folders[0]?.path],
      ['any', folders[0]?.path],
      ['any/x', process.cwd()],
    ]);
  });

  it('are named by problems', async () => {
    await expect(load(file, {}, ['receivers.any.number=fast', 'receivers.any.nubmer=1'])).rejects.toThrow(
      [
        '--set receivers.any.nubmer receivers.any.nubmer: unknown key; did you mean `number`? [CONFIG_UNKNOWN_KEY]',
        '--set receivers.any.number receivers.any.number: "fast" is not valid here; expected a number',
      ].join('\n'),
    );
  });
});

describe('parts in other files', () => {
  it('may be whole sections, and their problems have their places', async () => {
    const folder = await temporaryFolder({
      'a.yaml': `receivers: "\${file:parts/receivers.yaml}"\n${rest}`,
      'parts/receivers.yaml': 'any:\n  number: 3\n  text: "${file:text.txt}"\nany/x: "${file:x.yaml}"\n',
      'parts/text.txt': '0123\n',
      'parts/x.yaml': 'number: 1\nnested: { low: x, hihg: 3 }\n',
    });
    folders.push(folder);
    const loading = loadConfiguration([`${folder.path}/a.yaml`], { loader, environment: {} });
    await expect(loading).rejects.toThrow(/parts\/x\.yaml:2:16 receivers\.any\/x\.nested\.low: "x" is not valid/);
    await expect(loading).rejects.toThrow(/parts\/x\.yaml:2:19 receivers\.any\/x\.nested\.hihg: unknown key/);
    const error = (await loading.catch((thrown: unknown) => thrown)) as ConfigurationError;
    expect(error.problems).toHaveLength(2);
  });
});

describe('relative paths', () => {
  it('start from the file with the section of a component', async () => {
    const folder = await temporaryFolder({
      'a.yaml': `receivers: { any: "\${file:parts/any.yaml}", any/x: { headers: "\${file:parts/map.yaml}" } }\n${rest}`,
      'parts/any.yaml': 'number: 1',
      'parts/map.yaml': 'a: b',
    });
    folders.push(folder);
    const options = { loader, environment: {}, set: ['receivers.any/x.flag=true'] };
    const { components } = await loadConfiguration([`${folder.path}/a.yaml`], options);
    expect(components.map(({ id, directory }) => [id, directory.replace(folder.path, '.')])).toEqual([
      ['any', './parts'],
      ['any/x', '.'],
      ['any', '.'],
    ]);
  });
});

describe('problems', () => {
  it('come with what was warned of', async () => {
    const error = await load([`receivers: { any: { number: 1 } }\n${rest}`, 'receivers: { any: , other: }']).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as ConfigurationError).problems).toHaveLength(1);
    expect((error as ConfigurationError).warnings).toEqual([
      expect.stringMatching(/1\.yaml:1:14 receivers\.any: the key has no value, so it removes what .*0\.yaml:1:14 has/),
    ]);
  });
});

describe('YAML', () => {
  it('gives a section without a body its defaults', async () => {
    expect(await settingsOf('')).toEqual({
      required: 'given',
      flag: false,
      list: [],
      pause: 1000,
      headers: {},
      nested: { low: 1, high: 9 },
    });
  });

  it('may repeat itself by anchors, aliases and merge keys', async () => {
    const text = `receivers:
  any: &shared
    number: 3
    list: &names [a, b]
  any/alias: *shared
  any/merged:
    <<: *shared
    number: 4
  any/two:
    <<: [{ text: x }, *shared]
    list: *names
${rest}`;
    const configuration = await load(text);
    expect(configOf(configuration, 'any/alias')).toEqual(configOf(configuration));
    expect(configOf(configuration, 'any/merged')).toMatchObject({ number: 4, list: ['a', 'b'] });
    expect(configOf(configuration, 'any/two')).toMatchObject({ number: 3, text: 'x', list: ['a', 'b'] });
  });

  it('may be JSON, and may begin with a byte order mark', async () => {
    const pipelines = { metrics: { receivers: ['any'], exporters: ['any'] } };
    const json = JSON.stringify({ receivers: { any: { number: 3 } }, exporters: { any: {} }, service: { pipelines } });
    expect(configOf(await load(`\uFEFF${json}`)).number).toBe(3);
  });

  it('keeps keys that JavaScript objects treat apart', async () => {
    await expect(settingsOf('{ __proto__: { number: 1 }, constructor: 2 }')).rejects.toThrow(
      /receivers\.any\.__proto__: unknown key[\s\S]*receivers\.any\.constructor: unknown key/,
    );
  });
});

describe('ids', () => {
  it('are a type, or a type and a name, without the spaces around them', async () => {
    const text = `receivers: { any/a: , " any / b/c ": }
exporters: { any: , any/ünï-1.2: }
service:
  pipelines:
    metrics/x: { receivers: [any/a, any/b/c, "any/ a"], exporters: [any/ünï-1.2] }
`;
    const fixed = text.replace(', "any/ a"', '');
    const { components, pipelines } = await load(fixed);
    expect(components.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'receiver any/a',
      'receiver any/b/c',
      'exporter any',
      'exporter any/ünï-1.2',
    ]);
    expect(pipelines).toEqual([
      { id: 'metrics/x', receivers: ['any/a', 'any/b/c'], processors: [], exporters: ['any/ünï-1.2'] },
    ]);
    await expect(load(text)).rejects.toThrow(/`any\/a` is named twice/);
  });

  it('that are defined twice are reported at every depth, also within one that is', async () => {
    const text = 'exporters: { any: }\nexporters: { any: { a: 1, a: 2 } }\n';
    await expect(load(text)).rejects.toThrow(/key `exporters` is already defined[\s\S]*key `a` is already defined/);
  });

  it('say in which kinds and types they could be', async () => {
    await expect(load(`receivers: { other: }\n${rest}`)).rejects.toThrow(
      /unknown receiver type `other`; known types: any/,
    );
  });
});

describe('positions', () => {
  it('lead to a file by its path from the current folder, or by its whole path outside of that', async () => {
    const error = await loadConfiguration(['package.json'], { loader, environment: {} }).catch((e: unknown) => e);
    expect((error as ConfigurationError).problems[0]?.at?.file).toBe('package.json');
    const elsewhere = await load('a: 1').catch((e: unknown) => e);
    expect((elsewhere as ConfigurationError).problems[0]?.at?.file).toBe(`${folders[0]?.path}/0.yaml`);
  });

  it('name a file that cannot be read', async () => {
    await expect(loadConfiguration(['none.yaml'], { loader, environment: {} })).rejects.toThrow(
      'none.yaml:1:1 there is no such file; give the path of a YAML file [CONFIG_UNREADABLE]',
    );
    await expect(loadConfiguration(['src'], { loader, environment: {} })).rejects.toThrow(
      /src:1:1 cannot be read: EISDIR/,
    );
  });

  it('are those of the later file where it has the key', async () => {
    const error = await load([
      `receivers: { any: { number: 1 } }\n${rest}`,
      '\nreceivers:\n  any: { number: x }\n',
    ]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as ConfigurationError).problems).toEqual([
      expect.objectContaining({ at: { file: `${folders[0]?.path}/1.yaml`, line: 3, column: 18 } }),
    ]);
  });
});
