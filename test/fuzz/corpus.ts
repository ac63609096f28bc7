import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with a folder of inputs for each target. */
export const corpusFolder = fileURLToPath(new URL('corpus', import.meta.url));

/** An input that is kept. */
export interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Returns the inputs of a target, in the order of their names. */
export function corpusOf(target: string): Entry[] {
  const folder = join(corpusFolder, target);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).sort();
  return names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Keeps an input on which a target has failed, and returns its path. */
export function keepFailure(target: string, bytes: Uint8Array): string {
  const folder = join(corpusFolder, target);
  mkdirSync(folder, { recursive: true });
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const path = join(folder, `failed-${hash}`);
  writeFileSync(path, bytes);
  return path;
}
