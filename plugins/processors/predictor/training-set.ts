import type { TrainingRun } from 'wattline/prediction';
import { Heap } from './heap.ts';

/** A run that was learnt from. */
export interface LearntRun extends TrainingRun {
  /** When it began, in seconds since 1970; −∞ where it does not say. */
  readonly start: number;
}

/**
 * The runs that a model is fitted to, each once however often it arrives, with what it had the last time. Of too many those
 * with the latest start are kept, in whatever order they arrive.
 */
export class TrainingSet {
  readonly #maxRuns: number;
  readonly #runs = new Map<string, LearntRun>();
  /** The runs by when they are to go. */
  readonly #order = new Heap<LearntRun>(byStart);
  #changes = 0;

  /** Keeps at most so many runs. */
  constructor(maxRuns: number) {
    this.#maxRuns = maxRuns;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** The number of times that the set has become another. */
  get changes(): number {
    return this.#changes;
  }

  /** Adds a run, or replaces what the same one had before. */
  add(run: LearntRun): void {
    const known = this.#runs.get(run.id);
    if (known) {
      if (known.group === run.group && known.x === run.x && known.y === run.y) return;
    } else {
      const first = this.#runs.size < this.#maxRuns ? undefined : this.#order.first;
      if (first && byStart(run, first) < 0) return;
      if (first) this.#runs.delete(this.#order.takeFirst().id);
      this.#order.add(run);
    }
    this.#runs.set(run.id, run);
    this.#changes++;
  }

  get(id: string): LearntRun | undefined {
    return this.#runs.get(id);
  }

  [Symbol.iterator](): Iterator<LearntRun> {
    return this.#runs.values();
  }

  /** Returns all runs in an order that does not depend on that in which they came. */
  sorted(): LearntRun[] {
    return [...this.#runs.values()].sort(byValue);
  }
}

/** Compares runs by when they began, undated ones first, those that began together by their name. */
export function byStart(a: LearntRun, b: LearntRun): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function byValue(a: LearntRun, b: LearntRun): number {
  if (a.group !== b.group) return a.group < b.group ? -1 : 1;
  return a.x - b.x || a.y - b.y || byStart(a, b);
}
