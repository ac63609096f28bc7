import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU time in hundredths of a second on every architecture that Node.js supports. */
export const TICKS_PER_SECOND = 100;

/** A process in /proc; CPU times in ticks. */
export interface ProcessStat {
  readonly pid: number;
  /** Whether it has ended and its parent has not reaped it. */
  readonly isZombie: boolean;
  readonly parent: number;
  readonly session: number;
  /** Its start in ticks since the boot, which with the pid identifies a process. */
  readonly started: number;
  /** The CPU time of the process itself, and of its reaped children with theirs. */
  readonly own: number;
  readonly reaped: number;
}

/** Parses /proc/<pid>/stat. Returns undefined where the text is invalid. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  // The program's name is in parentheses and may itself contain parentheses and spaces.
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

/** Returns the process with that pid, or undefined where there is none (any more). */
export function readProcess(pid: number | 'self'): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Returns all processes of the host. */
export function readProcesses(): ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** Returns the CPU seconds of all processes of the host since its boot, from the text of /proc/stat. */
export function hostCpuSeconds(text = readFileSync('/proc/stat', 'utf8')): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(text)?.[1] ?? '')
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}
