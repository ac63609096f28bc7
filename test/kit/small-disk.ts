import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, to be filled. */
export interface SmallDisk {
  readonly path: string;
  remove(): void;
}

/** Mounts a disk in memory of so many KiB; undefined where this machine does not allow it. */
export function smallDisk(kib: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'wattline-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'wattline-test', path]).status === 0;
  if (!mounted) {
    rmdirSync(path);
    return undefined;
  }
  return {
    path,
    remove() {
      spawnSync('umount', [path]);
      rmdirSync(path);
    },
  };
}

/** Whether this machine allows small disks. */
export function canMount(): boolean {
  const disk = smallDisk(64);
  disk?.remove();
  return disk !== undefined;
}
