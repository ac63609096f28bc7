import { execFileSync } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../test/kit/temporary-folder.ts';
import { FileTooLongError, loadFileUpTo, readFileUpTo } from './text-file.ts';

let folder: TemporaryFolder | undefined;
afterEach(() => folder?.remove());

it.each([
  ['at once', async (path: string, most: number) => readFileUpTo(path, most)],
  ['without waiting', loadFileUpTo],
])('reads a file %s right up to the limit, and nothing without end', async (_, read) => {
  folder = await temporaryFolder({ text: 'é'.repeat(50_000), empty: '' });
  expect((await read(`${folder.path}/text`, 100_000)).toString()).toBe('é'.repeat(50_000));
  expect(await read(`${folder.path}/empty`, 0)).toHaveLength(0);
  await expect(read(`${folder.path}/text`, 99_999)).rejects.toThrow(FileTooLongError);
  await expect(read('/dev/zero', 1024)).rejects.toThrow('it has more than 1 KiB');
  await expect(read(`${folder.path}/none`, 1)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('does not wait for a pipe that nobody writes to', async () => {
  folder = await temporaryFolder();
  const pipe = `${folder.path}/pipe`;
  execFileSync('mkfifo', [pipe]);
  expect(() => readFileUpTo(pipe, 1)).toThrow('it is a named pipe, not a file');
});
