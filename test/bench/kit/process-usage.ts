import { existsSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second. */
const TICKS_A_SECOND = 100;

/** Whether this system tells what another process uses. */
export const knowsUsage = existsSync('/proc/self/stat');

/** Returns the CPU seconds that a running process has used so far, those of its threads among them. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Returns the most memory that a running process has had resident so far, in MiB. */
export function peakMibOf(pid: number): number {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
