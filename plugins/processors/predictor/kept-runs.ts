import { Pace, type StoredState, z } from 'wattline/plugin';
import type { LearntRun, TrainingSet } from './training-set.ts';

/** How all its keys begin. */
const OWN = 'predictor/';
/** The key of what the runs were learnt for: runs that were learnt for something else are of no use. */
const LESSON = `${OWN}lesson`;
/** How many runs are written in one change of the state. */
const MOST_AT_ONCE = 500;

const storedRun = z.tuple([z.string(), z.number().min(0), z.number().min(0), z.number().nullable()]);
type StoredRun = z.infer<typeof storedRun>;

/** The learnt runs of several targets in a state, from which they are learnt again after a restart. */
export class KeptRuns {
  readonly #state: StoredState;
  readonly #sets: ReadonlyMap<string, TrainingSet>;
  /** The change of each set that was written last. */
  readonly #written = new Map<string, number>();

  /** Keeps the runs of sets by their names. */
  constructor(state: StoredState, sets: ReadonlyMap<string, TrainingSet>) {
    this.#state = state;
    this.#sets = sets;
  }

  /**
   * Adds the runs that are there to the sets, and returns how many cannot be read, which the next writing removes. Where they
   * were learnt for another lesson, removes them.
   */
  async restore(lesson: string): Promise<{ readonly isSame: boolean; readonly damaged: number }> {
    const known = this.#state.get(LESSON);
    const isSame = known === undefined || known === lesson;
    if (!isSame) await this.#state.update(() => this.#state.entries(OWN).map(([key]) => [key, undefined] as const));
    let damaged = 0;
    for (const [name, set] of this.#sets) {
      const prefix = prefixOf(name);
      for (const [key, text] of this.#state.entries(prefix)) {
        const run = runOf(key.slice(prefix.length), text);
        if (run) set.add(run);
        else damaged++;
      }
    }
    if (known !== lesson) await this.#state.update(() => [[LESSON, lesson]]);
    return { isSame, damaged };
  }

  /** Writes what has changed since the last time, in parts between which others have a turn. */
  async save(): Promise<void> {
    for (const [name, set] of this.#sets) {
      const { changes } = set;
      if (this.#written.get(name) === changes) continue;
      await this.#saveSet(prefixOf(name), set);
      this.#written.set(name, changes);
    }
  }

  async #saveSet(prefix: string, set: TrainingSet): Promise<void> {
    const pace = new Pace();
    const gone = this.#state.entries(prefix).filter(([key]) => !set.get(key.slice(prefix.length)));
    const changes: (readonly [key: string, text: string | undefined])[] = gone.map(([key]) => [key, undefined]);
    for (const run of set) {
      const [key, text] = [prefix + run.id, textOf(run)];
      if (this.#state.get(key) !== text) changes.push([key, text]);
      if (pace.isDue) await pace.giveWay();
    }
    for (let at = 0; at < changes.length; at += MOST_AT_ONCE) {
      await this.#state.update(() => changes.slice(at, at + MOST_AT_ONCE));
    }
  }
}

function prefixOf(name: string): string {
  return `${OWN}${name}/`;
}

function textOf({ group, x, y, start }: LearntRun): string {
  return JSON.stringify([group, x, y, Number.isFinite(start) ? start : null] satisfies StoredRun);
}

/** Returns a run that was kept; undefined where it is damaged. */
function runOf(id: string, text: string): LearntRun | undefined {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = storedRun.safeParse(written);
  if (!data) return undefined;
  const [group, x, y, start] = data;
  return { id, group, x, y, start: start ?? Number.NEGATIVE_INFINITY };
}
