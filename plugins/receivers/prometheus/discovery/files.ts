import { readTextFile } from 'wattline/http';
import { type Context, findFiles, messageOf } from 'wattline/plugin';
import { parse } from 'yaml';
import type { Labels } from '../relabel.ts';
import type { Discovery } from './discovery.ts';
import type { FileSettings } from './settings.ts';
import { targetsOfGroups } from './target-groups.ts';

/** Milliseconds until files are looked at again at most: Prometheus sees a change at once. */
const SOON = 5_000;

interface Known {
  readonly text: string;
  readonly targets: readonly Labels[];
}

/**
 * Finds targets in files, as `file_sd_configs` has it. A file that cannot be read keeps the targets that it had, and is
 * named once; one that is gone has none.
 */
export function fileDiscovery(
  { files, refresh_interval }: FileSettings,
  { resolvePath, logger }: Pick<Context, 'resolvePath' | 'logger'>,
): Discovery {
  let known = new Map<string, Known>();
  let last: readonly Labels[] = [];
  const broken = new Map<string, string>();
  const read = (path: string): Known | undefined => {
    const before = known.get(path);
    try {
      const text = readTextFile('file_sd_configs', path);
      const isKnown = text === before?.text;
      const now = isKnown ? before : { text, targets: targetsOfGroups(parsed(text), { __meta_filepath: path }) };
      if (broken.delete(path)) logger.info(`${path} can be read again`);
      return now;
    } catch (error) {
      const message = messageOf(error);
      if (broken.get(path) !== message) {
        logger.error(`${path} lists no targets: ${message}; ${before ? 'those that it had stay' : 'mend it'}`);
      }
      broken.set(path, message);
      return before;
    }
  };
  return {
    name: 'the files of `file_sd_configs`',
    interval: Math.min(refresh_interval, SOON),
    async discover() {
      const paths = await findFiles(files, resolvePath('.'));
      const now = new Map<string, Known>();
      for (const path of paths) {
        const one = read(path);
        if (one) now.set(path, one);
      }
      for (const path of broken.keys()) if (!paths.includes(path)) broken.delete(path);
      const isSame = now.size === known.size && [...now].every(([path, one]) => known.get(path) === one);
      if (!isSame) last = [...now.values()].flatMap(({ targets }) => targets);
      known = now;
      return last;
    },
  };
}

/** Parses JSON and YAML, of which JSON is a part. */
function parsed(text: string): unknown {
  return parse(text, { logLevel: 'error' });
}
