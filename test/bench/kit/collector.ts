import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { programOf } from '../../peers/cache.ts';
import { peers } from '../../peers/peers.ts';

const NAMES = ['otelcol', 'otelcol-contrib'];

/** Returns the path of a Collector on the PATH, else of the one that `npm run test:peers` has built; undefined where there is none. */
export async function findCollector(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const path of folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))) {
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return path;
  }
  try {
    return programOf(peers.collector);
  } catch {
    return undefined;
  }
}
