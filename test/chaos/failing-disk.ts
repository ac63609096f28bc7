import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** A small disk of ext4 that can fail: what is synced outlasts that, and nothing else. */
export class FailingDisk {
  readonly path = mkdtempSync(join(tmpdir(), 'wattline-disk-'));
  readonly #image = `${this.path}.image`;

  /** Makes one of so many MiB. Throws where this machine does not allow it. */
  constructor(mib: number) {
    writeFileSync(this.#image, '');
    truncateSync(this.#image, mib * MIB);
    run('mkfs.ext4', '-q', this.#image);
    try {
      this.#mount();
    } catch (error) {
      this.#discard();
      throw error;
    }
  }

  /** Becomes one that can be read only, at once, also for those who have files open; what is not synced is gone. */
  fail(): void {
    run('mount', '-o', 'remount,abort', this.path);
  }

  /** Can be written to again. Throws while somebody has a file open. */
  mend(): void {
    run('umount', this.path);
    this.#mount();
  }

  remove(): void {
    run('umount', this.path);
    this.#discard();
  }

  #mount(): void {
    run('mount', '-o', 'loop,errors=remount-ro', this.#image, this.path);
  }

  #discard(): void {
    rmSync(this.#image);
    rmdirSync(this.path);
  }
}

/** Returns why this machine does not allow such disks; nothing where it does. */
export function failingDisksLack(): string[] {
  try {
    new FailingDisk(8).remove();
    return [];
  } catch (error) {
    return [`disks cannot be mounted: ${(error as Error).message}`];
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
