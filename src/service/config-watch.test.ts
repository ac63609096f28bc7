import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { ConfigWatch, stateOf } from './config-watch.ts';

const INTERVAL = 25;
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Follows one file of a folder. */
async function follow(path: string, prepare: (folder: TemporaryFolder) => Promise<unknown>) {
  const folder = await temporaryFolder();
  closing.push(folder.remove);
  await prepare(folder);
  const file = join(folder.path, path);
  let changes = 0;
  const watch = new ConfigWatch(() => {
    changes++;
  }, INTERVAL);
  closing.push(() => watch.close());
  watch.follow(new Map([[file, stateOf(file)]]));
  return { folder, file, watch, changes: () => changes };
}

/** Long enough for several looks. */
const looks = () => new Promise((resolve) => setTimeout(resolve, 10 * INTERVAL));

describe('a change of a configuration file is seen', () => {
  it.each<[string, (file: string) => Promise<unknown>]>([
    ['written in place', (file) => writeFile(file, 'b: 2')],
    ['of the same length', (file) => writeFile(file, 'a: 2')],
    ['put in its place, as editors do', (file) => writeFile(`${file}~`, 'a: 2').then(() => rename(`${file}~`, file))],
    ['removed and written anew', (file) => rm(file).then(() => writeFile(file, 'a: 2'))],
    ['removed', (file) => rm(file)],
  ])('once where it was %s', async (_, change) => {
    const { file, changes } = await follow('a.yaml', (folder) => folder.write({ 'a.yaml': 'a: 1' }));
    await change(file);
    await expect.poll(changes).toBe(1);
    await looks();
    expect(changes()).toBe(1);
  });

  it('where a link leads elsewhere, as that of a ConfigMap does', async () => {
    const { folder, changes } = await follow('a.yaml', async ({ path, write }) => {
      await write({ '..1/a.yaml': 'a: 1', '..2/a.yaml': 'a: 2' });
      await symlink('..1', join(path, '..data'));
      await symlink('..data/a.yaml', join(path, 'a.yaml'));
    });
    await symlink('..2', join(folder.path, '..data_tmp'));
    await rename(join(folder.path, '..data_tmp'), join(folder.path, '..data'));
    await expect.poll(changes).toBe(1);
  });

  it('when a file is there that was not', async () => {
    const { file, changes } = await follow('a.yaml', async () => {});
    await writeFile(file, 'a: 1');
    await expect.poll(changes).toBe(1);
  });
});

describe('no change', () => {
  it('is what leaves the content as it was', async () => {
    const { file, changes } = await follow('a.yaml', (folder) => folder.write({ 'a.yaml': 'a: 1' }));
    await utimes(file, 1, 1);
    await writeFile(`${file}~`, 'a: 1');
    await rename(`${file}~`, file);
    await looks();
    expect(changes()).toBe(0);
  });

  it('is a directory where a file should be, however often it is looked at', async () => {
    const { changes } = await follow('a', ({ path }) => mkdir(join(path, 'a')));
    await looks();
    expect(changes()).toBe(0);
  });

  it('is told of a file before two looks have found it the same', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    closing.push(() => vi.useRealTimers());
    const { file, changes } = await follow('a.yaml', (folder) => folder.write({ 'a.yaml': 'a: 1' }));
    const look = async () => {
      vi.advanceTimersByTime(INTERVAL);
      while (vi.getTimerCount() === 0) await new Promise(setImmediate);
      return changes();
    };
    const told: number[] = [];
    for (const text of ['a: 1\nb', 'a: 1\nb: 2', 'a: 1\nb: 2']) {
      await writeFile(file, text);
      told.push(await look());
    }
    expect(told).toEqual([0, 0, 1]);
  });

  it('is told of once it is closed', async () => {
    const { file, watch, changes } = await follow('a.yaml', (folder) => folder.write({ 'a.yaml': 'a: 1' }));
    watch.close();
    await writeFile(file, 'a: 2');
    await looks();
    expect(changes()).toBe(0);
  });
});
