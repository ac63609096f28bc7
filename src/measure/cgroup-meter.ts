import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { succeeds } from './command.ts';
import type { CpuMeter } from './cpu-meter.ts';

/** Moves the shell into a group before it executes the command, so that no part of the command runs outside. */
const ENTER = 'echo $$ > "$0" && exec "$@"';
const SHELL = '/bin/sh';
const MICROSECONDS = 1e6;
const CLOSE_ATTEMPTS = 50;
const CLOSE_PAUSE = 20;

/**
 * Returns a meter with a control group of its own (cgroup v2, below that of this process), in which the kernel counts all
 * processes exactly; undefined where no group can be created and entered there.
 */
export function cgroupMeter(): CpuMeter | undefined {
  const group = makeGroup();
  if (!group) return undefined;
  const members = join(group, 'cgroup.procs');
  const used = () => usageOf(readFileSync(join(group, 'cpu.stat'), 'utf8')) as number;
  const processes = () => readFileSync(members, 'utf8').split('\n').filter(Boolean).map(Number);
  const before = used();
  return {
    source: 'cgroup',
    wrap: (commandLine) => [SHELL, '-c', ENTER, members, ...commandLine],
    follow() {},
    read: () => used() - before,
    processes,
    kill() {
      // The kernel has this file since 5.14; on older ones, processes that have left the process group go on.
      succeeds(() => writeFileSync(join(group, 'cgroup.kill'), '1'));
    },
    async close() {
      const parent = join(dirname(group), 'cgroup.procs');
      // The kernel can remove a group only some time after its last process has ended.
      for (let attempt = 0; attempt < CLOSE_ATTEMPTS; attempt++) {
        for (const pid of processes()) succeeds(() => writeFileSync(parent, String(pid)));
        if (succeeds(() => rmdirSync(group))) return;
        await sleep(CLOSE_PAUSE);
      }
    },
  };
}

/** Returns the path of this process's group in the cgroup v2 hierarchy, from the texts of /proc/self/{mountinfo,cgroup}. */
export function ownGroup(mountinfo: string, cgroup: string): string | undefined {
  // 36 35 98:0 /root /mount/point options … - cgroup2 source options
  const mount = mountinfo.split('\n').find((line) => / - cgroup2 /.test(line));
  const [, , , root, point] = mount?.split(' ') ?? [];
  const path = /^0::(.*)$/m.exec(cgroup)?.[1];
  if (point === undefined || root === undefined || path === undefined) return undefined;
  const inside = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  return join(point, inside);
}

/** Returns the CPU seconds in the text of a group's cpu.stat. */
export function usageOf(text: string): number | undefined {
  const microseconds = /^usage_usec (\d+)$/m.exec(text)?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / MICROSECONDS;
}

function makeGroup(): string | undefined {
  let group = '';
  const isUsable = succeeds(() => {
    const own = ownGroup(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
    if (own === undefined) throw new Error('no cgroup v2');
    const path = join(own, `wattline-${process.pid}-${Date.now().toString(36)}`);
    mkdirSync(path);
    group = path;
    // Creating a group may be allowed where entering it is not.
    execFileSync(SHELL, ['-c', ENTER, join(path, 'cgroup.procs'), 'true'], { stdio: 'ignore' });
    if (usageOf(readFileSync(join(path, 'cpu.stat'), 'utf8')) === undefined) throw new Error('no usage_usec');
  });
  if (isUsable) return group;
  if (group) succeeds(() => rmdirSync(group));
  return undefined;
}
