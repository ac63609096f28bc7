import { countOf } from '../count.ts';
import { type PowerKind, powerKindOf, powerKinds } from '../model/power-kind.ts';
import { hostPower, type Run } from '../plugin/index.ts';

/** Counts runs by how their power came about. */
export class PowerCounts {
  readonly #runs = new Map<PowerKind | 'none', number>();

  /** Counts a run. */
  add(run: Run): void {
    const kind = run.samplesOf(hostPower) ? powerKindOf(run) : 'none';
    this.#runs.set(kind, (this.#runs.get(kind) ?? 0) + 1);
  }

  /** Returns the counts as text, such as `measured in 2 runs, none in 1 run`. */
  toString(): string {
    const counts = [...powerKinds, 'none' as const].flatMap((kind) => {
      const runs = this.#runs.get(kind);
      return runs === undefined ? [] : [`${kind} in ${countOf(runs, 'run')}`];
    });
    return counts.join(', ');
  }
}
