import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { build, folderOf, programOf, type Recipe } from './cache.ts';

let home: TemporaryFolder;
beforeEach(async () => {
  home = await temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', home.path);
  vi.spyOn(console, 'log').mockReturnValue();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await home.remove();
});

let builds = 0;
const recipe: Recipe = {
  name: 'peer',
  version: '1.2.3',
  pins: ['a'],
  program: 'run',
  async build(folder) {
    builds++;
    await writeFile(join(folder, 'run'), 'built');
  },
};

it('builds a peer once, in a folder outside of the checkout that says its version', async () => {
  expect(() => programOf(recipe)).toThrow(/`npm run test:peers` builds it/);
  for (let times = 0; times < 2; times++) await build(recipe);
  expect(builds).toBe(1);
  expect(folderOf(recipe).startsWith(join(home.path, 'wattline-peers', 'peer', '1.2.3-'))).toBe(true);
  expect(existsSync(programOf(recipe))).toBe(true);
});

it('says how a peer is built that takes long', () => {
  expect(() => programOf({ ...recipe, isLong: true })).toThrow(
    /run is missing; `npm run test:peers -- --all` builds it/,
  );
});

it('does not take a peer for built whose making failed, and leaves nothing of it', async () => {
  const broken: Recipe = {
    ...recipe,
    async build(folder) {
      await recipe.build(folder);
      throw new Error('no network');
    },
  };
  await expect(build(broken)).rejects.toThrow('no network');
  expect(existsSync(folderOf(broken))).toBe(false);
  expect(await readdir(dirname(folderOf(broken)))).toEqual([]);
});

it('builds another one where its pins change', () => {
  expect(folderOf({ ...recipe, pins: ['a', 'b'] })).not.toBe(folderOf(recipe));
});

it('may be asked for the same by two processes at once', async () => {
  await Promise.all([build(recipe), build(recipe)]);
  expect(existsSync(programOf(recipe))).toBe(true);
  expect(await readdir(dirname(folderOf(recipe)))).toHaveLength(1);
});
