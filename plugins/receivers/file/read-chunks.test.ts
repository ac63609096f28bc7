import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { readChunks } from './read-chunks.ts';

const never = new AbortController().signal;
async function fileOf(content: Uint8Array): Promise<FileHandle> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const path = join(folder.path, 'a');
  await writeFile(path, content);
  const file = await open(path);
  onTestFinished(() => file.close());
  return file;
}

it.each([0, 1, 64 * 1024, 1024 * 1024 + 1, 3_000_000])('reads all of %i bytes', async (length) => {
  const content = Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
  const copies: Uint8Array[] = [];
  const file = await fileOf(content);
  for await (const chunk of readChunks(file, { signal: never })) copies.push(Uint8Array.from(chunk));
  expect(Buffer.concat(copies).equals(content)).toBe(true);
});

it('reads from one byte on up to another', async () => {
  const content = Buffer.from(Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 31) % 251));
  const file = await fileOf(content);
  for (const [from, to] of [
    [0, 10],
    [5, 5],
    [1000, 2_400_000],
    [2_000_000, 9_000_000],
  ] as const) {
    const copies: Uint8Array[] = [];
    for await (const chunk of readChunks(file, { from, to, signal: never })) copies.push(Uint8Array.from(chunk));
    expect(Buffer.concat(copies).equals(content.subarray(from, to))).toBe(true);
  }
});

it('reads all of it also where there is more than was expected', async () => {
  const content = Buffer.from(Uint8Array.from({ length: 20_000 }, (_, i) => (i * 31) % 251));
  const file = await fileOf(content);
  for (const expected of [0, 100, 20_000, 3_000_000]) {
    const copies: Uint8Array[] = [];
    for await (const chunk of readChunks(file, { expected, signal: never })) copies.push(Uint8Array.from(chunk));
    expect(Buffer.concat(copies).equals(content)).toBe(true);
  }
});

it('stops where nobody wants the rest', async () => {
  const file = await fileOf(new Uint8Array(2_000_000));
  const stopping = new AbortController();
  let chunks = 0;
  const reading = async () => {
    for await (const _ of readChunks(file, { signal: stopping.signal })) {
      chunks++;
      stopping.abort();
    }
  };
  await expect(reading()).rejects.toThrow('abort');
  expect(chunks).toBe(1);
});

it('lets others have their turn while chunks are worked on for long', async () => {
  const file = await fileOf(new Uint8Array(1024 * 1024));
  let chunks = 0;
  let seen: number | undefined;
  for await (const _ of readChunks(file, { signal: never })) {
    if (chunks++ === 0)
      setImmediate(() => {
        seen = chunks;
      });
    for (const from = performance.now(); performance.now() - from < 11; );
  }
  expect(chunks).toBe(16);
  expect(seen).toBeLessThan(4);
});

it('rejects where the file cannot be read', async () => {
  const folder = await open('/');
  onTestFinished(() => folder.close());
  await expect(readChunks(folder, { signal: never }).next()).rejects.toThrow('EISDIR');
});
