import { Attribute } from '../model/attributes.ts';
import type { Run } from '../model/run.ts';

/** Slices that count together, from the first of them on. */
interface Group<T> {
  /** When the first of them began, in seconds since 1970. */
  readonly start: number | undefined;
  readonly noted: readonly T[];
}

/**
 * Holds what is noted of slices until it is known that they were counted: slices of a list count together with the last of
 * them. One that was deferred may have been counted all the same, where the sums could not be handed on: then the next
 * slice of its stream does not begin where it began.
 */
export class SliceGroups<T> {
  readonly #noted = new WeakMap<Run, T>();
  /** The groups whose last slice is yet to come, and those that were deferred, by the ids of their streams. */
  readonly #open = new Map<string, Group<T>>();
  readonly #deferred = new Map<string, Group<T>>();

  note(run: Run, noted: T): void {
    this.#noted.set(run, noted);
  }

  /** Returns what is noted of slices that were counted, by what became of these runs. */
  settle(runs: readonly Run[], deferred: ReadonlySet<Run>): T[] {
    const counted: T[] = [];
    for (const run of runs) {
      if (!run.isSlice) continue;
      const { [Attribute.streamId]: stream, [Attribute.streamPart]: part } = run.attributes;
      const id = String(stream);
      const isFirst = part === 0 || part === undefined;
      if (isFirst) counted.push(...this.#countedBefore(id, run));
      const noted = this.#noted.get(run);
      const { start, noted: before } = (isFirst ? undefined : this.#open.get(id)) ?? {
        start: run.startTime,
        noted: [],
      };
      const group = { start, noted: noted === undefined ? before : [...before, noted] };
      this.#open.delete(id);
      const isLast = run.attributes[Attribute.streamPosition] !== undefined;
      if (deferred.has(run)) {
        if (isLast && group.noted.length) this.#deferred.set(id, group);
      } else if (isLast) counted.push(...group.noted);
      else if (group.noted.length) this.#open.set(id, group);
    }
    return counted;
  }

  #countedBefore(id: string, run: Run): readonly T[] {
    const before = this.#deferred.get(id);
    this.#deferred.delete(id);
    return before && before.start !== run.startTime ? before.noted : [];
  }
}
