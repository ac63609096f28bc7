import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { projectRoot } from '../../kit/checkout.ts';

/** Where and when something was measured. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly node: string;
  /** The commit of the project; with `+` where files have changed since. Undefined outside of a repository. */
  readonly commit?: string;
}

/** This machine, now. */
export function thisMachine(): Machine {
  const commit = commitOf();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    ...(commit !== undefined && { commit }),
  };
}

/** A machine in a line. */
export function machineLine({ date, cpu, cores, memoryGib, node, commit }: Machine): string {
  return `${date}, ${cpu} × ${cores}, ${memoryGib} GiB, Node ${node}, commit ${commit ?? 'unknown'}`;
}

/** The result of git, or undefined where there is no git, no repository, or nothing of that name. */
export function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', ['-C', projectRoot, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

function commitOf(): string | undefined {
  const commit = git('rev-parse', '--short', 'HEAD')?.trim();
  if (commit === undefined) return undefined;
  return git('status', '--porcelain', '--', 'src', 'plugins')?.trim() ? `${commit}+` : commit;
}
