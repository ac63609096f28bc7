import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProcessStat } from './proc-stat.ts';
import { ProcessTree } from './process-tree.ts';

const SELF = 10;
const ROOT = 20;

interface Live {
  parent: number;
  session: number;
  own: number;
  reaped: number;
}

/** A kernel that knows processes, and keeps the accounts of a tree as Linux does. */
class Kernel {
  readonly live = new Map<number, Live>();
  used = 0;
  #next = ROOT;

  constructor() {
    this.live.set(1, { parent: 0, session: 1, own: 5, reaped: 50 });
    this.live.set(SELF, { parent: 1, session: 1, own: 7, reaped: 30 });
    this.fork(SELF, true);
  }

  /** The processes of the tree. */
  get members(): number[] {
    return [...this.live.keys()].filter((pid) => pid >= ROOT);
  }

  run(pid: number, ticks: number): void {
    (this.live.get(pid) as Live).own += ticks;
    this.used += ticks;
  }

  fork(parent: number, ownSession: boolean): number {
    const pid = this.#next++;
    const session = ownSession ? pid : (this.live.get(parent) as Live).session;
    this.live.set(pid, { parent, session, own: 0, reaped: 0 });
    return pid;
  }

  /** Ends a process: its parent takes up its time, or nobody does where the parent does not wait; its children go to init. */
  exit(pid: number, isReaped = true): void {
    const { parent, own, reaped } = this.live.get(pid) as Live;
    this.live.delete(pid);
    for (const child of this.live.values()) if (child.parent === pid) child.parent = 1;
    const waiting = this.live.get(parent);
    if (waiting && isReaped) waiting.reaped += own + reaped;
  }

  snapshot(): ProcessStat[] {
    return [...this.live].map(([pid, live]) => ({ pid, isZombie: false, started: pid * 3, ...live }));
  }
}

const self = (kernel: Kernel) => kernel.snapshot().find(({ pid }) => pid === SELF) as ProcessStat;

function watch(kernel: Kernel) {
  const tree = new ProcessTree(ROOT, self(kernel));
  return () => tree.update(tree.membersOf(kernel.snapshot()));
}

const action = fc.record({
  kind: fc.constantFrom('run', 'run', 'run', 'fork', 'fork', 'exit', 'look'),
  which: fc.nat(),
  ticks: fc.integer({ min: 1, max: 500 }),
  ownSession: fc.boolean(),
});
const actions = fc.array(action, { minLength: 10, maxLength: 80, size: 'max' });

describe('ProcessTree', () => {
  it('counts every tick of processes that are waited for, whenever it looks', () => {
    fc.assert(
      fc.property(actions, (todo) => {
        const kernel = new Kernel();
        const look = watch(kernel);
        for (const { kind, which, ticks, ownSession } of todo) {
          const { members } = kernel;
          const pid = members[which % members.length];
          if (pid === undefined) break;
          if (kind === 'run') kernel.run(pid, ticks);
          else if (kind === 'fork') kernel.fork(pid, ownSession);
          else if (kind === 'look') expect(look()).toBe(kernel.used);
          // A parent that ends before its children leaves them to init; here all of them end first.
          else if (![...kernel.live.values()].some(({ parent }) => parent === pid)) kernel.exit(pid);
        }
        expect(look()).toBe(kernel.used);
      }),
    );
  });

  it('counts what orphans and unwaited children had when it last looked, and never more than there was', () => {
    fc.assert(
      fc.property(actions, (todo) => {
        const kernel = new Kernel();
        const look = watch(kernel);
        let before = 0;
        for (const { kind, which, ticks, ownSession } of todo) {
          const { members } = kernel;
          const pid = members[which % members.length];
          if (pid === undefined) break;
          if (kind === 'run') kernel.run(pid, ticks);
          else if (kind === 'fork') kernel.fork(pid, ownSession);
          else if (kind === 'exit' && (pid !== ROOT || ticks > 450)) {
            // Looked at directly before it ends, nothing of it can be missing.
            expect(look()).toBe(kernel.used);
            kernel.exit(pid, ticks % 2 === 0);
          }
          const now = look();
          expect(now).toBe(kernel.used);
          expect(now).toBeGreaterThanOrEqual(before);
          before = now;
        }
      }),
    );
  });

  it('knows a process that has taken over the pid of another', () => {
    const kernel = new Kernel();
    const tree = new ProcessTree(ROOT, self(kernel));
    const child = kernel.fork(ROOT, true);
    kernel.run(child, 40);
    expect(tree.update(tree.membersOf(kernel.snapshot()))).toBe(40);
    kernel.exit(child);
    const stranger = { pid: child, parent: 1, session: 1, started: 99_999, own: 1000, reaped: 0, isZombie: false };
    expect(tree.update(tree.membersOf([...kernel.snapshot(), stranger]))).toBe(40);
  });

  it('does not count what its parent had reaped before, or uses itself', () => {
    const kernel = new Kernel();
    const look = watch(kernel);
    kernel.live.set(SELF, { ...(kernel.live.get(SELF) as Live), own: 5000 });
    expect(look()).toBe(0);
  });
});
