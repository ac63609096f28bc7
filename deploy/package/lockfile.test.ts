import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { projectRoot } from '../../test/kit/checkout.ts';
import { flawsOf, type LockedPackage, lockedPackages } from './lockfile.ts';

const { allowScripts } = JSON.parse(readFileSync(`${projectRoot}/package.json`, 'utf8')) as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const mayRun = Object.keys(allowScripts).filter((name) => allowScripts[name]);

it('every package comes from the registry with its checksum, runs no script, and is shipped under a licence that allows it', () => {
  const packages = lockedPackages();
  expect(packages.length).toBeGreaterThan(50);
  expect(packages.flatMap((one) => flawsOf(one, mayRun))).toEqual([]);
});

it.each([
  [{ resolved: 'git+ssh://git@github.com/a/b.git' }, 'a comes from git'],
  [{ resolved: undefined }, undefined],
  [{ integrity: 'sha1-x' }, 'has no checksum'],
  [{ hasInstallScript: true }, 'runs a script'],
  [{ license: 'GPL-3.0-only' }, 'shipped under GPL-3.0-only'],
  [{ license: undefined }, 'shipped under no licence'],
  [{ license: '(GPL-2.0-only OR MIT)' }, undefined],
  [{ license: 'GPL-3.0-only', dev: true }, undefined],
] as const)('a package with %j', (change, flaw) => {
  const sound = { resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz', integrity: 'sha512-x', license: 'MIT' };
  const found = flawsOf({ place: 'node_modules/a', name: 'a', ...sound, ...change } as LockedPackage, []);
  expect(found).toEqual(flaw === undefined ? [] : [expect.stringContaining(flaw)]);
});
