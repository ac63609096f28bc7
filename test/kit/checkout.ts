import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the project. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'test-results.json']);

export interface ProjectCopy {
  readonly path: string;
  /** Lends the copy the packages that are installed in the project. */
  lendPackages(): Promise<void>;
  remove(): Promise<void>;
}

/** A copy of the project as a fresh clone has it: without installed packages and build results. */
export async function copyProject(): Promise<ProjectCopy> {
  const path = await mkdtemp(join(tmpdir(), 'wattline-copy-'));
  const filter = (source: string) => !LEFT_OUT.has(relative(projectRoot, source).split('/')[0] as string);
  await cp(projectRoot, path, { recursive: true, filter });
  const lendPackages = () => symlink(join(projectRoot, 'node_modules'), join(path, 'node_modules'));
  return { path, lendPackages, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The environment of a person's shell: without what the package manager that runs the tests has put into this one. */
export function shellEnvironment(): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^NODE$|^NODE_(ENV|OPTIONS)$|^VITEST|^INIT_CWD$/i.test(name),
  );
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path.join(':') };
}
