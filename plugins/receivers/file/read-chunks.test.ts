import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { readChunks } from './read-chunks.ts';

const never = new AbortController().signal;
const openFiles = () => readdirSync('/proc/self/fd').length;

async function fileOf(content: Uint8Array): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const path = join(folder.path, 'a');
  await writeFile(path, content);
  return path;
}

it.each([0, 1, 64 * 1024, 1024 * 1024 + 1, 3_000_000])('reads all of %i bytes', async (length) => {
  const content = Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
  const copies: Uint8Array[] = [];
  const path = await fileOf(content);
  for await (const chunk of readChunks(path, never)) copies.push(Uint8Array.from(chunk));
  expect(Buffer.concat(copies).equals(content)).toBe(true);
});

it('closes the file also where nobody wants the rest', async () => {
  const path = await fileOf(new Uint8Array(2_000_000));
  const before = openFiles();
  for await (const _ of readChunks(path, never)) break;
  const stopping = new AbortController();
  let chunks = 0;
  const reading = async () => {
    for await (const _ of readChunks(path, stopping.signal)) {
      chunks++;
      stopping.abort();
    }
  };
  await expect(reading()).rejects.toThrow('abort');
  expect(chunks).toBe(1);
  expect(openFiles()).toBe(before);
});

it('lets others have their turn while chunks are worked on for long', async () => {
  const path = await fileOf(new Uint8Array(1024 * 1024));
  let chunks = 0;
  let seen: number | undefined;
  for await (const _ of readChunks(path, never)) {
    if (chunks++ === 0)
      setImmediate(() => {
        seen = chunks;
      });
    for (const from = performance.now(); performance.now() - from < 11; );
  }
  expect(chunks).toBe(16);
  expect(seen).toBeLessThan(4);
});

it('rejects where there is no such file', async () => {
  await expect(readChunks('/no/such/file', never).next()).rejects.toThrow('ENOENT');
});
