import { stat } from 'node:fs/promises';
import { posix } from 'node:path';

/** What a pattern has that is more than the path of a file. */
const MAGIC = /[*?[\]{}()!+@|\\]/;

/** The files that any of the globs matches and no `exclude` does, as absolute paths by name; globs start from `directory`. */
export async function findFiles(
  include: readonly string[],
  directory: string,
  exclude: readonly string[] = [],
): Promise<string[]> {
  const patterns = include.map(withoutDot);
  if (exclude.length === 0 && patterns.every(isPath)) return existing(patterns, directory);
  const { glob } = await import('tinyglobby');
  const options = { cwd: directory, absolute: true, expandDirectories: false, ignore: exclude.map(withoutDot) };
  return (await glob(patterns, options)).sort();
}

/** The glob library takes `./` at the start for the name of a folder. */
function withoutDot(pattern: string): string {
  return pattern.replace(/^\.\//, '');
}

/** Plain paths need no glob library, which takes longer to load than a small file to read. */
function isPath(pattern: string): boolean {
  return !MAGIC.test(pattern) && /[^/.]/.test(posix.basename(pattern)) && posix.normalize(pattern) === pattern;
}

async function existing(paths: readonly string[], directory: string): Promise<string[]> {
  const absolute = new Set(paths.map((path) => posix.resolve(directory, path)));
  const found = await Promise.all(
    [...absolute].map((path) =>
      stat(path).then(
        (facts) => (facts.isFile() ? [path] : []),
        () => [],
      ),
    ),
  );
  return found.flat().sort();
}
