import { messageOf, type StoredState } from 'wattline/plugin';
import { KeptRuns } from './kept-runs.ts';
import type { Learners } from './predictor.ts';
import type { Quality } from './quality.ts';
import { type TargetName, targetNames, targets } from './target.ts';

/** How long after a change what was learnt is fitted and kept, in milliseconds, where nobody waits for it. */
const DELAY = 2000;

/** What happens in the background. */
export interface UpkeepOptions {
  /** What runs are learnt for, in words that are the same for the same settings only. */
  readonly lesson: string;
  /** Whether what was learnt is kept while runs arrive, and not only at the end. */
  readonly savesSoon: boolean;
  /** Is told what is worth a warning. */
  warn(message: string): void;
}

/** Fits models to what was learnt while nobody waits for a prediction, keeps what was learnt, and warns of drift. */
export class Upkeep {
  readonly #learners: Learners;
  readonly #options: UpkeepOptions;
  #kept: KeptRuns | undefined;
  #state: StoredState | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #hasEnded = false;
  #isFailing = false;
  /** How many changes had been made when its work was done last. */
  #doneAt = 0;
  /** The groups that have drifted, which were warned of. */
  readonly #drifted = new Set<string>();

  constructor(learners: Learners, options: UpkeepOptions) {
    this.#learners = learners;
    this.#options = options;
  }

  /** Learns again what a state has kept, and keeps what is learnt there until the end. */
  async start(state: StoredState): Promise<void> {
    this.#state = state;
    this.#kept = new KeptRuns(state, new Map(Object.entries(this.#learners).map(([name, { runs }]) => [name, runs])));
    const { isSame, damaged } = await this.#kept.restore(this.#options.lesson);
    if (damaged > 0)
      this.#options.warn(`${damaged} of the runs that were learnt cannot be read again, and are left out`);
    if (!isSame) this.#options.warn('what was learnt before is forgotten: it was learnt for other settings');
    this.soon();
  }

  /** Does its work in a while, once for all changes until then. */
  soon(): void {
    if (this.#timer || this.#hasEnded || this.#changes === this.#doneAt) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#work()
        .catch((error) => this.#options.warn(`what was learnt cannot be fitted: ${messageOf(error)}`))
        .finally(() => {
          this.#timer = undefined;
          this.soon();
        });
    }, DELAY).unref();
  }

  /** Resolves when it does not work any more on what is due. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async shutdown(): Promise<void> {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    await this.idle();
    await this.#save();
    await this.#state?.close();
    this.#kept = undefined;
  }

  get #changes(): number {
    return Object.values(this.#learners).reduce((sum, { runs }) => sum + runs.changes, 0);
  }

  async #work(): Promise<void> {
    this.#doneAt = this.#changes;
    for (const name of targetNames) {
      const learner = this.#learners[name];
      await learner?.settle();
      for (const [group, quality] of learner?.lastFit?.qualities ?? []) this.#judge(name, group, quality);
    }
    if (this.#options.savesSoon) await this.#save();
  }

  /** Warns of a drift once, and again only after it has been gone. */
  #judge(name: TargetName, group: string, { hasDrifted, drift, error90 }: Quality): void {
    const key = `${name} ${group}`;
    if (!hasDrifted) this.#drifted.delete(key);
    if (!hasDrifted || this.#drifted.has(key)) return;
    this.#drifted.add(key);
    const { name: what, unit } = targets[name];
    const of = group === '' ? '' : ` of ${group}`;
    const by = `the latest runs have ${drift} ${unit} more on average than those before them say`;
    this.#options.warn(
      `the ${what}${of} has drifted: ${by}, and 90 % of single runs differ by at most ${error90} ${unit}`,
    );
  }

  /** Keeps what was learnt. Where that fails, it is said once, and tried again with the next change. */
  async #save(): Promise<void> {
    try {
      await this.#kept?.save();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.warn(`what was learnt cannot be kept: ${messageOf(error)}`);
      this.#isFailing = true;
    }
  }
}
