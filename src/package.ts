import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Returns the absolute path of a file of this package, in the checkout and compiled under `dist/`. */
export function packagePath(name: string): string {
  const root = ['../', '../../'].find((path) => existsSync(new URL(`${path}package.json`, import.meta.url))) ?? '../';
  return fileURLToPath(new URL(root + name, import.meta.url));
}

/** Returns the version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(packagePath('package.json'), 'utf8')).version;
}
