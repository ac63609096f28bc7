import { Pace } from 'wattline/plugin';
import {
  type FittedModel,
  fitting,
  type ModelOptions,
  type Prediction,
  predict,
  type Steps,
} from 'wattline/prediction';
import { judging, type Quality } from './quality.ts';
import { type LearntRun, TrainingSet } from './training-set.ts';

/** After how many milliseconds of fitting others have a turn; a single step may take a few more. */
const SLICE = 1;
/** How many predictions are remembered: those of the same group and feature are the same. */
const MOST_REMEMBERED = 1000;

/** What a learner keeps, and how it fits. */
export interface LearnerOptions extends ModelOptions {
  readonly maxRuns: number;
  readonly maxGroups: number;
}

/** The models of all groups as they were fitted last, and how good they are. */
export interface Fit {
  readonly model: FittedModel;
  readonly qualities: ReadonlyMap<string, Quality>;
  /** How many groups have runs but no model, because there are too many groups. */
  readonly groupsLeftOut: number;
}

/** Learns one target from runs, and predicts it. What it predicts depends on the runs that it knows, not on their order. */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #set: TrainingSet;
  readonly #remembered = new Map<string, Prediction>();
  /** A model of runs that are not here. */
  #lent: FittedModel | undefined;
  #fit: Fit | undefined;
  /** The change of the set that the fit has seen last. */
  #fittedAt = 0;
  #fitting: Promise<void> | undefined;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#set = new TrainingSet(options.maxRuns);
  }

  get runs(): TrainingSet {
    return this.#set;
  }

  /** The last fit, which may not have seen the latest runs; undefined before the first. */
  get lastFit(): Fit | undefined {
    return this.#fit;
  }

  learn(run: LearntRun): void {
    this.#set.add(run);
  }

  /** Takes a model by which groups are predicted that have too few runs here for a curve of their own. */
  lend(model: FittedModel): void {
    const { most = model.options.most } = this.#options;
    this.#lent = { ...model, options: { ...this.#options, most } };
    this.#remembered.clear();
  }

  /** Resolves when the last fit has seen all runs that were learnt before the call. */
  async settle(): Promise<void> {
    while (this.#fittedAt !== this.#set.changes) {
      this.#fitting ??= this.#refit().finally(() => {
        this.#fitting = undefined;
      });
      await this.#fitting;
    }
  }

  /** Predicts a run of a group by the last fit, which should have been settled. */
  predict(group: string, x: number): Prediction {
    const key = `${x} ${group}`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const prediction = predict(this.#modelFor(group), group, x);
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, prediction);
    return prediction;
  }

  /**
   * Whether a group is predicted by a model that was lent: where that knows the group and here is no curve of its own for it,
   * or where nothing here says anything of it.
   */
  isLent(group: string): boolean {
    if (!this.#lent) return false;
    const own = this.#fit?.model.groups.get(group);
    if (this.#lent.groups.has(group)) return !own || own.borrowed !== undefined;
    return !own && this.#fit?.model.typical === undefined;
  }

  #modelFor(group: string): FittedModel {
    const model = this.isLent(group) ? this.#lent : this.#fit?.model;
    return model ?? { options: this.#options, groups: new Map(), typical: undefined };
  }

  async #refit(): Promise<void> {
    const { changes } = this.#set;
    const pace = new Pace(SLICE);
    const steps = fittingAndJudging(this.#set.sorted(), this.#options);
    for (;;) {
      const { done, value } = steps.next();
      if (done) {
        this.#fit = value;
        break;
      }
      if (pace.isDue) await pace.giveWay();
    }
    this.#remembered.clear();
    this.#fittedAt = changes;
  }
}

/** Fits models to runs, which are in the order of their groups and x, and judges them. */
export function* fittingAndJudging(runs: readonly LearntRun[], options: LearnerOptions): Steps<Fit> {
  yield;
  const all = Map.groupBy(runs, ({ group }) => group);
  const groups = largest(all, options.maxGroups);
  const model = yield* fitting([...groups.values()].flat(), options);
  const qualities = new Map<string, Quality>();
  for (const [name, members] of groups) {
    yield;
    const group = model.groups.get(name);
    if (group) qualities.set(name, yield* judging(group, members, options.model));
  }
  return { model, qualities, groupsLeftOut: all.size - groups.size };
}

/** The groups with the most runs, at most that many; of as many runs the first by name. */
function largest(groups: ReadonlyMap<string, LearntRun[]>, most: number): ReadonlyMap<string, LearntRun[]> {
  if (groups.size <= most) return groups;
  const bySize = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const kept = new Set(bySize.slice(0, most).map(([name]) => name));
  return new Map([...groups].filter(([name]) => kept.has(name)));
}
