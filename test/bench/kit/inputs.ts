import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runText, textHead, textTail } from './results-text.ts';

/** Files as large as this are removed after use. */
const LARGE_BYTES = 512 * 1024 * 1024;
const PIECE_RUNS = 1000;

/** Where generated files are kept, outside of the project. */
export const inputFolder = join(tmpdir(), 'wattline-bench');

export interface Input {
  readonly path: string;
  readonly runs: number;
  readonly bytes: number;
  /** Removes the file if it is a large one; smaller ones are there the next time. */
  release(): Promise<void>;
}

/** A results file with so many generated runs: one that is there and whole, else a new one. Throws where the disk is too full. */
export async function resultsFile(runs: number, samples = 60): Promise<Input> {
  await mkdir(inputFolder, { recursive: true });
  const path = join(inputFolder, `test_results_${runs}x${samples}.json`);
  let bytes = await sizeIfWhole(path, runs, samples);
  if (bytes === undefined) {
    await requireSpace(runs * (runText(0, samples).length + 32));
    bytes = await generate(path, runs, samples);
  }
  const isLarge = bytes >= LARGE_BYTES;
  return { path, runs, bytes, release: () => (isLarge ? rm(path, { force: true }) : Promise.resolve()) };
}

/** The size of a file that ends as the generated one does; undefined where there is no such file. */
async function sizeIfWhole(path: string, runs: number, samples: number): Promise<number | undefined> {
  const end = runText(runs - 1, samples) + textTail;
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(end.length), 0, end.length, Math.max(0, size - end.length));
    return buffer.toString('latin1') === end ? size : undefined;
  } catch {
    return undefined;
  }
}

async function requireSpace(bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(inputFolder);
  const free = bavail * bsize;
  if (free > bytes * 1.5) return;
  throw new Error(
    `${inputFolder} has ${(free / 1e6).toFixed(0)} MB free, and ${(bytes / 1e6).toFixed(0)} MB are needed`,
  );
}

async function generate(path: string, runs: number, samples: number): Promise<number> {
  const unfinished = `${path}.${process.pid}`;
  const stream = createWriteStream(unfinished);
  let bytes = 0;
  const write = async (text: string) => {
    bytes += text.length;
    if (!stream.write(text, 'latin1')) await once(stream, 'drain');
  };
  try {
    await write(textHead);
    for (let from = 0; from < runs; from += PIECE_RUNS) {
      const length = Math.min(PIECE_RUNS, runs - from);
      const texts = Array.from({ length }, (_, index) => runText(from + index, samples));
      await write((from > 0 ? ',\n' : '') + texts.join(',\n'));
    }
    await write(textTail);
    stream.end();
    await once(stream, 'close');
    await rename(unfinished, path);
    return bytes;
  } finally {
    await rm(unfinished, { force: true });
  }
}
