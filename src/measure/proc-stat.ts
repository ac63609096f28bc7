import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time for user space in hundredths of a second on every architecture that Node.js runs on. */
export const TICKS_PER_SECOND = 100;

/** A process as /proc shows it; CPU times in ticks. */
export interface ProcessStat {
  readonly pid: number;
  /** Whether it has ended, and only its parent has not taken notice. */
  readonly isZombie: boolean;
  readonly parent: number;
  readonly session: number;
  /** When it was started, in ticks since the boot: with the pid it names a process for good. */
  readonly started: number;
  /** CPU time of the process itself, and of its children that have ended and that it has waited for, with theirs. */
  readonly own: number;
  readonly reaped: number;
}

/** Reads one line of /proc/<pid>/stat; undefined where it is not one. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  // The name of the program stands in parentheses and may hold anything, parentheses and spaces too.
  const end = line.lastIndexOf(')');
  const fields = line.slice(end + 2).split(' ');
  if (end < 0 || fields.length < 20) return undefined;
  const number = (index: number) => Number(fields[index]);
  return {
    pid: Number.parseInt(line, 10),
    isZombie: fields[0] === 'Z' || fields[0] === 'X',
    parent: number(1),
    session: number(3),
    started: number(19),
    own: number(11) + number(12),
    reaped: number(13) + number(14),
  };
}

/** The process with that pid, or undefined where there is none (any more). */
export function readProcess(pid: number | 'self'): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** All processes that there are. */
export function readProcesses(): ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** CPU seconds that all processes of the host have used since its boot, from the text of /proc/stat. */
export function hostCpuSeconds(text = readFileSync('/proc/stat', 'utf8')): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '')
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}
