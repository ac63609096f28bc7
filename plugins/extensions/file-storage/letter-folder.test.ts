import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { canMount, smallDisk } from '../../../test/kit/small-disk.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { LetterFolder } from './letter-folder.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const bytes = (length: number) => new Uint8Array(length);

it('keeps each letter in a file that only its owner can read, until it is removed', async () => {
  const letters = new LetterFolder(join(folder.path, 'a.rejected'), 1000);
  expect(await letters.names()).toEqual([]);
  await Promise.all([letters.add(bytes(3)), letters.add(bytes(4))]);
  const names = await letters.names();
  expect(await Promise.all(names.map(async (name) => (await letters.read(name)).length))).toEqual([3, 4]);
  for (const name of names) expect((await stat(join(letters.place, name))).mode & 0o777).toBe(0o600);
  expect((await stat(letters.place)).mode & 0o777).toBe(0o700);
  await letters.remove(names[0] as string);
  expect(await letters.names()).toEqual(names.slice(1));
});

it('takes no more bytes than it may, and more once others have removed some', async () => {
  const letters = new LetterFolder(folder.path, 1000);
  await letters.add(bytes(900));
  await expect(letters.add(bytes(200))).rejects.toThrow(
    `${folder.path} is full: it has 900 bytes, of 1000 that it may have`,
  );
  await letters.add(bytes(100));
  for (const name of await new LetterFolder(folder.path, 1000).names()) await rm(join(folder.path, name));
  await letters.add(bytes(1000));
});

it('passes over what is no letter', async () => {
  await writeFile(join(folder.path, 'notes.txt'), 'mine');
  await writeFile(join(folder.path, 'a.new'), 'unfinished');
  expect(await new LetterFolder(folder.path, 1000).names()).toEqual([]);
});

it.skipIf(!canMount())('leaves nothing behind where the disk is full', async () => {
  const disk = smallDisk(64);
  if (!disk) throw new Error('no disk');
  const letters = new LetterFolder(join(disk.path, 'a.rejected'), 2 ** 20);
  await expect(letters.add(bytes(100_000))).rejects.toThrow('ENOSPC');
  expect(await readdir(letters.place)).toEqual([]);
  disk.remove();
});
