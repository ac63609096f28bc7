import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { glob } from 'tinyglobby';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFiles } from './files.ts';

let base: string;
/** So deep that no path leads up to where other programs come and go. */
let folder: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'wattline-files-'));
  folder = join(base, 'up/up/up/up/up');
  await mkdir(folder, { recursive: true });
  for (const path of ['a', 'a/b', '.c', 'a/.c']) await mkdir(join(folder, path));
  for (const path of ['a.json', 'b.json', '.c.json', 'a/a.json', 'a/b/a.json', '.c/a.json', 'a/.c/.c.json', 'a/b c'])
    await writeFile(join(folder, path), '{}');
  await symlink('a', join(folder, 'd'));
  await symlink('a.json', join(folder, 'd.json'));
  await symlink('nowhere', join(folder, 'e.json'));
});
afterAll(() => rm(base, { recursive: true }));

const name = fc.constantFrom('a', 'b', '.c', 'd', '..', '.', 'a.json', 'b.json', '.c.json', 'd.json', 'e.json', 'b c');
const relative = fc
  .tuple(
    fc.constantFrom('', './', '../', '/'),
    fc.array(name, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '/'),
  )
  .map(([start, names, end]) => `${start}${names.join('/')}${end}`);

/** The sorted paths, or the message of the error. */
async function outcome(paths: PromiseLike<string[]> | string[]): Promise<string[] | string> {
  try {
    return (await paths).sort();
  } catch (error) {
    return (error as Error).message;
  }
}

describe('finding files', () => {
  it('finds by their paths what the glob library would find', async () => {
    const paths = fc.tuple(relative, fc.boolean()).map(([path, whole]) => (whole ? `${folder}/${path}` : path));
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(paths, { maxLength: 3 }), async (include) => {
        const patterns = include.map((path) => path.replace(/^\.\//, ''));
        const options = { cwd: folder, absolute: true, expandDirectories: false };
        const [files, expected] = await Promise.all([
          outcome(findFiles(include, folder)),
          outcome(include.length ? glob(patterns, options) : []),
        ]);
        expect(files).toEqual(expected);
        if (Array.isArray(files)) found += files.length;
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it('finds nothing where nothing is looked for', async () => {
    expect(await findFiles([], folder)).toEqual([]);
  });

  it('leaves out what is excluded', async () => {
    expect(await findFiles(['a.json', 'b.json'], folder, ['./b.*'])).toEqual([join(folder, 'a.json')]);
  });
});
