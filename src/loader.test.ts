import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { startProcess } from '../test/kit/child-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../test/kit/temporary-folder.ts';

const loader = fileURLToPath(new URL('./loader.ts', import.meta.url));
const plugins = fileURLToPath(new URL('../plugins/', import.meta.url));
const folders: TemporaryFolder[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await temporaryFolder(files);
  folders.push(folder);
  return folder.path;
}

/** Runs code in a process of its own, with a `Loader` named `loader` and the `folder`; Node resolves there, not vitest. */
async function runIn<T>(folder: string, code: string): Promise<T> {
  const script = `
    import { Loader } from ${JSON.stringify(loader)};
    const loader = new Loader();
    const folder = ${JSON.stringify(folder)};
    const flaw = (specifier) => loader.bring(specifier, folder).then(() => 'none', ({ name, message, remedy }) => [name, message, remedy]);
    console.log(JSON.stringify(await (async () => { ${code} })()));
  `;
  const child = startProcess(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  const status = await child.exited;
  expect(child.stderr()).toBe('');
  expect(status).toBe(0);
  return JSON.parse(child.stdout());
}

const processor = (type: string, description = '') => `
  import { definePlugin, z, transform, RejectedError } from 'wattline/plugin';
  import type { Run } from 'wattline/plugin';
  import { stability } from './stability.ts';
  interface Unused { readonly run: Run }
  export const rejected = RejectedError;
  export default definePlugin({
    contract: 2,
    kind: 'processor',
    type: '${type}',
    stability: stability satisfies string as 'alpha',
    emits: { figure: { unit: '1', description: '${description}' } },
    configSchema: z.strictObject({}),
    create: (ctx) => transform(ctx.next, (run: Run) => run),
  });
`;
const stability = "export const stability: string = 'alpha';";

describe('a plugin brought by its path', () => {
  it('runs unbuilt from a folder outside of the project, TypeScript and relative imports included', async () => {
    const folder = await folderOf({ 'mine.ts': processor('mine'), 'stability.ts': stability });
    const found = await runIn(
      folder,
      `await loader.bring('./mine.ts', folder);
       const plugin = await loader.find('processor', 'mine');
       const { Run } = await import(${JSON.stringify(fileURLToPath(new URL('./model/run.ts', import.meta.url)))});
       const taken = { refused: [], deferred: [] };
       const stage = plugin.create({ next: { consume: async (runs) => { globalThis.seen = runs; return taken; } } }, {});
       const run = Run.of({ scenario: 'a' });
       const outcome = await stage.consume([run]);
       return [plugin.type, plugin.stability, globalThis.seen[0] === run, outcome];`,
    );
    expect(found).toEqual(['mine', 'alpha', true, { refused: [], deferred: [] }]);
  });

  it.each([
    ['type commonjs, as npm init writes it', '{ "type": "commonjs" }'],
    ['no type', '{}'],
    ['type module', '{ "type": "module" }'],
  ])('runs in a package of %s, without a warning', async (_, manifest) => {
    const files = { 'sub/mine.ts': processor('mine'), 'sub/stability.ts': stability, 'sub/package.json': manifest };
    const folder = await folderOf(files);
    const code = `await loader.bring('./sub/mine.ts', folder); return loader.types('processor');`;
    expect(await runIn(folder, code)).toContain('mine');
  });

  it('may have an absolute path, and signs that URLs treat apart', async () => {
    const folder = await folderOf({ 'a #?%20 b/mine.ts': processor('mine'), 'a #?%20 b/stability.ts': stability });
    const code = `
      await loader.bring('./a #?%20 b/mine.ts', folder);
      await loader.bring(folder + '/a #?%20 b/mine.ts', '/');
      return loader.types('processor');`;
    expect(await runIn(folder, code)).toContain('mine');
  });

  it('shares the errors of the process that runs it', async () => {
    const folder = await folderOf({ 'mine.ts': processor('mine'), 'stability.ts': stability });
    const errors = fileURLToPath(new URL('./errors.ts', import.meta.url));
    const code = `
      await loader.bring('./mine.ts', folder);
      const { rejected } = await import(folder + '/mine.ts');
      const { RejectedError } = await import(${JSON.stringify(errors)});
      return rejected === RejectedError;`;
    expect(await runIn(folder, code)).toBe(true);
  });

  it('may be one of several in a module', async () => {
    const [a, b] = ['a', 'b'].map(
      (type) => `{ contract: 2, kind: 'exporter', type: '${type}', configSchema: z.strictObject({}), create() {} }`,
    );
    const folder = await folderOf({
      'both.js': `import { z } from 'wattline/plugin';\nexport default [${a}, ${b}];\n`,
    });
    const code = `
      await loader.bring('./both.js', folder);
      return [(await loader.find('exporter', 'a')).type, (await loader.find('exporter', 'b')).type];`;
    expect(await runIn(folder, code)).toEqual(['a', 'b']);
  });

  it('wins over a bundled one of its kind and type', async () => {
    const folder = await folderOf({ 'cost.ts': processor('cost', 'mine'), 'stability.ts': stability });
    const code = `
      const before = await loader.find('processor', 'cost');
      await loader.bring('./cost.ts', folder);
      const after = await loader.find('processor', 'cost');
      const types = await loader.types('processor');
      return [before.emits.figure, after.emits.figure.description, types.filter((type) => type === 'cost')];`;
    expect(await runIn(folder, code)).toEqual([null, 'mine', ['cost']]);
  });

  it('is found by its other words too, unless a type is that', async () => {
    const folder = await folderOf({
      'mine.js': `export default { contract: 2, kind: 'processor', type: 'mine', aliases: ['ours', 'cost'],
        configSchema: { safeParse() {} }, create() {} };`,
    });
    const code = `
      await loader.bring('./mine.js', folder);
      const found = await Promise.all(['ours', 'cost', 'theirs'].map((type) => loader.find('processor', type)));
      return [...found.map((plugin) => plugin?.type ?? 'none'), (await loader.find('receiver', 'ours')) === undefined];`;
    expect(await runIn(folder, code)).toEqual(['mine', 'cost', 'none', true]);
  });

  it('may be listed twice, but two may not be the same', async () => {
    const files = { 'a.ts': processor('mine'), 'b.ts': processor('mine'), 'stability.ts': stability };
    const folder = await folderOf(files);
    expect(await runIn(folder, `return [await flaw('./a.ts'), await flaw('./a.ts'), await flaw('./b.ts')];`)).toEqual([
      'none',
      'none',
      ['FlawError', 'another listed plugin is also the processor `mine`', 'list one of the two, or rename its `type`'],
    ]);
  });
});

describe('a plugin brought by the name of a package', () => {
  const manifest = (name: string, main: string) => JSON.stringify({ name, type: 'module', exports: main });
  const module = (type: string) => `
    import { z } from 'wattline/plugin';
    export default { contract: 2, kind: 'processor', type: '${type}', configSchema: z.strictObject({}), create() {} };
  `;

  it('is looked up from the folder of the configuration, and upwards', async () => {
    const folder = await folderOf({
      'node_modules/@acme/wattline-gpu/package.json': manifest('@acme/wattline-gpu', './lib/main.js'),
      'node_modules/@acme/wattline-gpu/lib/main.js': module('gpu'),
      'deep/er/node_modules/near/package.json': manifest('near', './near.js'),
      'deep/er/node_modules/near/near.js': module('near'),
    });
    const code = `
      await loader.bring('@acme/wattline-gpu', folder + '/deep/er');
      await loader.bring('near', folder + '/deep/er');
      return [await loader.types('processor'), await flaw('near')];`;
    const [types, flaw] = await runIn<[string[], unknown]>(folder, code);
    expect(types).toEqual(expect.arrayContaining(['gpu', 'near']));
    expect(flaw).toEqual([
      'FlawError',
      `no such package is installed in ${folder}`,
      'run npm install near there, or write a path with ./ in front',
    ]);
  });
});

describe('a flaw of a listed plugin', () => {
  it.each([
    ['nothing there', undefined, 'there is no such file'],
    ['no default export', 'export const a = 1;', 'it has no default export'],
    ['something else', 'export default 5;', 'its default export is not a plugin'],
    ['a function', 'export default () => ({});', 'its default export is not a plugin'],
    ['null', 'export default null;', 'its default export is not a plugin'],
    [
      'a wrong kind',
      "export default { kind: 'procesor' };",
      'its `kind` must be one of receiver, processor, exporter, provider, extension',
    ],
    ['no type', "export default { kind: 'exporter' };", 'its `type` must be a word in lower_snake_case'],
    [
      'a wrong type',
      "export default { kind: 'exporter', type: 'My-Type' };",
      'its `type` must be a word in lower_snake_case',
    ],
    [
      'no version of the contract',
      "import { z } from 'wattline/plugin'; export default { kind: 'exporter', type: 'a', configSchema: z.strictObject({}), create() {} };",
      'it is written for version 1 of the contract of plugins, and this is version 2',
    ],
    [
      'a later version of the contract',
      "import { z } from 'wattline/plugin'; export default { contract: 3, kind: 'exporter', type: 'a', configSchema: z.strictObject({}), create() {} };",
      'it is written for version 3 of the contract of plugins, and this is version 2',
    ],
    [
      'no schema',
      "export default { contract: 2, kind: 'exporter', type: 'a', configSchema: {} };",
      'its `configSchema` must be a zod schema',
    ],
    [
      'no create',
      "import { z } from 'wattline/plugin'; export default { contract: 2, kind: 'exporter', type: 'a', configSchema: z.string() };",
      'its `create` must be a function',
    ],
    [
      'one of a list',
      "export default [{ contract: 2, kind: 'exporter', type: 'a' }];",
      'its `configSchema` must be a zod schema',
    ],
    ['an error of its own', "throw new Error('no GPU here');", 'no GPU here'],
    [
      'a missing package',
      "import 'not-installed';",
      /^Cannot find package 'not-installed' imported from .*plugin\.ts$/,
    ],
    ['a missing file', "import './other.ts';", /^Cannot find module '.*other\.ts' imported from .*plugin\.ts$/],
    ['a missing name', "import { nothing } from 'wattline/plugin';", /does not provide an export named 'nothing'/],
    ['a slip of syntax', 'export default {', /^Unexpected token/],
    ['TypeScript that has to be built', 'export enum A { B }', /enum is not supported in strip-only mode/],
  ])('%s', async (_, text, expected) => {
    const folder = await folderOf(text === undefined ? {} : { 'plugin.ts': text });
    const [name, message, remedy] = await runIn<string[]>(folder, `return flaw('./plugin.ts');`);
    expect([name, message]).toEqual([
      'FlawError',
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    ]);
    expect(remedy).not.toBe('');
  });
});

describe('a bundled plugin', () => {
  it('is found by its folder, and no other is loaded for it', async () => {
    const folder = await folderOf({});
    for (const kind of ['receiver', 'processor', 'exporter']) {
      const names = readdirSync(`${plugins}${kind}s`).map((name) => name.replaceAll('-', '_'));
      expect(await runIn(folder, `return loader.types('${kind}');`)).toEqual(names.sort());
    }
    const code = `
      const plugin = await loader.find('exporter', 'debug');
      return [plugin.kind, plugin.type, await loader.find('exporter', 'nothing'), await loader.find('exporter', '../debug')];`;
    expect(await runIn(folder, code)).toEqual(['exporter', 'debug', null, null]);
  });
});
