import { lockedPackages } from './lockfile.ts';

/** Prints the packages that are shipped, each with its version and its licence. */
for (const { name, version, license, dev } of lockedPackages()) {
  if (!dev) console.log(`${name} ${version} ${license}`);
}
