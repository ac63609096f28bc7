import type { ProcessStat } from './proc-stat.ts';

/**
 * The CPU time of a process tree in ticks, from snapshots of its processes. A process that has ended lives on in its
 * parent's count of reaped children; where nobody has waited for it, what it was last seen with is kept.
 */
export class ProcessTree {
  readonly #self: number;
  readonly #root: number;
  /** The members of the last snapshot by pid, with this process, the parent of the root, as one that used nothing itself. */
  #members: ReadonlyMap<number, ProcessStat>;
  /** Ticks of processes that have ended without anyone waiting for them. */
  #lost = 0;
  #total = 0;

  /** The tree of the process `root`, a child of `self`; what `self` has reaped before does not count. */
  constructor(root: number, self: ProcessStat) {
    this.#root = root;
    this.#self = self.pid;
    this.#members = new Map([[self.pid, { ...self, own: 0 }]]);
    this.#lost = -self.reaped;
  }

  /** The processes of a snapshot that belong to the tree, with this process. */
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

  /** Takes over a consistent snapshot of the members; returns the ticks that the tree has used so far, never fewer than before. */
  update(members: readonly ProcessStat[]): number {
    const now = new Map(members.map((stat) => [stat.pid, stat]));
    this.#lost += this.#unreaped(now);
    this.#members = now;
    return this.estimate(members);
  }

  /** The ticks that the tree has used so far by a snapshot that may be inconsistent, never fewer than before. */
  estimate(members: readonly ProcessStat[]): number {
    let ticks = this.#lost;
    for (const { own, reaped } of members) ticks += own + reaped;
    this.#total = Math.max(this.#total, ticks);
    return this.#total;
  }

  /** Ticks of the processes gone since the last snapshot that no living ancestor's count has taken up. */
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
