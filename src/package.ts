import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The absolute path of a file of this package, in the checkout as well as compiled under `dist/`. */
export function packagePath(name: string): string {
  const root = ['../', '../../'].find((path) => existsSync(new URL(`${path}package.json`, import.meta.url))) ?? '../';
  return fileURLToPath(new URL(root + name, import.meta.url));
}

/** The version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(packagePath('package.json'), 'utf8')).version;
}
