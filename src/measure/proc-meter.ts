import { succeeds } from './command.ts';
import type { CpuMeter } from './cpu-meter.ts';
import { type ProcessStat, readProcess, readProcesses, TICKS_PER_SECOND } from './proc-stat.ts';
import { ProcessTree } from './process-tree.ts';

/** The maximum number of snapshots until one is taken during which no process ended. */
const ATTEMPTS = 5;

/** Returns a meter that reads /proc: the started process, its descendants, and all processes of its session. */
export function procMeter(): CpuMeter {
  let tree: ProcessTree | undefined;
  const before = readProcess('self') as ProcessStat;
  const members = (): ProcessStat[] => tree?.membersOf(readProcesses()) ?? [];
  const processes = () => members().flatMap(({ pid, isZombie }) => (isZombie || pid === process.pid ? [] : [pid]));
  return {
    source: 'proc',
    wrap: (commandLine) => commandLine,
    follow(pid) {
      tree = new ProcessTree(pid, before);
    },
    read() {
      if (!tree) return 0;
      let snapshot: ProcessStat[] = [];
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        snapshot = members();
        if (isConsistent(snapshot)) return tree.update(snapshot) / TICKS_PER_SECOND;
      }
      return tree.estimate(snapshot) / TICKS_PER_SECOND;
    },
    processes,
    kill() {
      for (const pid of processes()) succeeds(() => process.kill(pid, 'SIGKILL'));
    },
    async close() {},
  };
}

/** Whether no process ended or was reaped during the snapshot; otherwise its time would count twice or not at all. */
function isConsistent(snapshot: readonly ProcessStat[]): boolean {
  return snapshot.every((stat) => {
    const now = readProcess(stat.pid);
    return now?.started === stat.started && now.reaped === stat.reaped;
  });
}
