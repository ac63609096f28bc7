import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An installed package, as `package-lock.json` has it. */
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

/** A package with its place in the lockfile, such as `node_modules/zod`. */
export interface LockedPackage extends Locked {
  readonly place: string;
  readonly name: string;
}

/** Licences under which a package may be passed on with others under Apache-2.0, by SPDX. */
const TAKEN = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];
const REGISTRY = 'https://registry.npmjs.org/';

/** Returns all packages of the lockfile of this project. */
export function lockedPackages(): LockedPackage[] {
  const path = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const places = Object.entries(packages).filter(([place]) => place !== '');
  return places.map(([place, locked]) => ({ place, name: place.replace(/^.*node_modules\//, ''), ...locked }));
}

/**
 * Returns what is wrong with a package, in words: it comes from elsewhere than the registry, which a lockfile need not name,
 * or nobody could tell if it were another; it runs a script when it is installed and `mayRun` does not say so; or it is shipped under a licence that is not
 * taken.
 */
export function flawsOf({ place, name, ...locked }: LockedPackage, mayRun: readonly string[]): string[] {
  const { resolved, integrity, license, dev, hasInstallScript } = locked;
  return [
    ...(resolved === undefined || resolved.startsWith(REGISTRY) ? [] : [`${place} comes from ${resolved}`]),
    ...(integrity?.startsWith('sha512-') ? [] : [`${place} has no checksum by SHA-512`]),
    ...(hasInstallScript && !mayRun.includes(name) ? [`${place} runs a script when it is installed`] : []),
    ...(dev || isTaken(license) ? [] : [`${place} is shipped under ${license ?? 'no licence'}`]),
  ];
}

/** One of several licences is enough. */
function isTaken(license = ''): boolean {
  return license
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((one) => TAKEN.includes(one));
}
