import type { ProcessStat } from './proc-stat.ts';

/**
 * Counts the CPU time of a process tree in ticks, from snapshots of its processes. The time of an ended process is part of
 * its parent's count of reaped children; where no process has reaped it, its last known time is kept.
 */
export class ProcessTree {
  readonly #self: number;
  readonly #root: number;
  /** The members of the last snapshot by pid, with this process, the parent of the root, without a time of its own. */
  #members: ReadonlyMap<number, ProcessStat>;
  /** Ticks of processes that have ended and were not reaped by a member. */
  #lost = 0;
  #total = 0;

  /** Creates the tree of the process `root`, a child of `self`; children that `self` reaped before do not count. */
  constructor(root: number, self: ProcessStat) {
    this.#root = root;
    this.#self = self.pid;
    this.#members = new Map([[self.pid, { ...self, own: 0 }]]);
    this.#lost = -self.reaped;
  }

  /** Returns the processes of a snapshot that belong to the tree, with this process. */
  membersOf(snapshot: readonly ProcessStat[]): ProcessStat[] {
    const byParent = Map.groupBy(snapshot, ({ parent }) => parent);
    const found = new Map<number, ProcessStat>();
    const add = (stat: ProcessStat) => {
      if (found.has(stat.pid)) return;
      found.set(stat.pid, stat);
      for (const child of byParent.get(stat.pid) ?? []) add(child);
    };
    for (const stat of snapshot) {
      const known = this.#members.get(stat.pid)?.started === stat.started && stat.pid !== this.#self;
      if (stat.pid === this.#root || stat.session === this.#root || known) add(stat);
    }
    const self = snapshot.find(({ pid }) => pid === this.#self);
    return [...(self ? [{ ...self, own: 0 }] : []), ...found.values()];
  }

  /** Applies a consistent snapshot of the members. Returns the ticks of the tree so far, which never decrease. */
  update(members: readonly ProcessStat[]): number {
    const now = new Map(members.map((stat) => [stat.pid, stat]));
    this.#lost += this.#unreaped(now);
    this.#members = now;
    return this.estimate(members);
  }

  /** Returns the ticks of the tree so far by a snapshot that may be inconsistent; they never decrease. */
  estimate(members: readonly ProcessStat[]): number {
    let ticks = this.#lost;
    for (const { own, reaped } of members) ticks += own + reaped;
    this.#total = Math.max(this.#total, ticks);
    return this.#total;
  }

  /** Returns the ticks of processes that ended since the last snapshot and that no living ancestor's count contains. */
  #unreaped(now: ReadonlyMap<number, ProcessStat>): number {
    const alive = (stat: ProcessStat | undefined) =>
      stat !== undefined && now.get(stat.pid)?.started === stat.started ? now.get(stat.pid) : undefined;
    const expected = new Map<number, number>();
    let lost = 0;
    for (const gone of this.#members.values()) {
      if (alive(gone)) continue;
      let ancestor = this.#members.get(gone.parent);
      while (ancestor && !alive(ancestor)) ancestor = this.#members.get(ancestor.parent);
      const ticks = gone.own + gone.reaped;
      if (ancestor) expected.set(ancestor.pid, (expected.get(ancestor.pid) ?? 0) + ticks);
      else lost += ticks;
    }
    for (const [pid, ticks] of expected) {
      const taken = (now.get(pid)?.reaped ?? 0) - (this.#members.get(pid)?.reaped ?? 0);
      lost += Math.max(0, ticks - taken);
    }
    return lost;
  }
}
