import { toSeconds } from '../model/hr-time.ts';
import type { Run } from '../model/run.ts';
import { identityOf } from '../model/run-identity.ts';
import type { Outcome } from '../plugin/outcome.ts';
import { runOfText, textOfRun } from './run-text.ts';
import type { Valued } from './valued.ts';

/** A run that is kept as it came, with what was last handed on of it. */
export interface KeptRun extends Valued {
  readonly key: string;
  readonly run: Run;
  /** How often it was valued again. */
  readonly restated: number;
  /** How many revisions were read before it was valued last; 0 after a restart, since factors may be others by then. */
  readonly valuedAt: number;
}

/** How many runs are kept for how long. */
export interface KeptRunsOptions {
  /** Milliseconds after the end of a run. */
  readonly window: number;
  readonly max_runs: number;
  readonly size_limit_mib: number;
}

/** A point of a run takes two numbers at least; the rest of it is a few objects. */
const BYTES_A_POINT = 16;
const BYTES_A_RUN = 2000;

/** Keeps runs by who they are, so that one that comes again takes the place of the one before; the oldest make room. */
export class KeptRuns {
  /** How many had to make room. */
  dropped = 0;
  /** The keys of what has changed since somebody has looked. */
  readonly changed = new Set<string>();
  readonly #options: KeptRunsOptions;
  readonly #kept = new Map<string, KeptRun>();
  /** Those that were taken behind, by the run as it came. */
  readonly #taken = new WeakSet<Run>();
  #bytes = 0;

  constructor(options: KeptRunsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** The runs that were taken and may change. */
  get open(): readonly KeptRun[] {
    return [...this.#kept.values()].filter(({ run, mayChange }) => mayChange && this.#taken.has(run));
  }

  /** Returns what is kept of the same run. */
  of(run: Run): KeptRun | undefined {
    return this.#kept.size === 0 ? undefined : this.#kept.get(identityOf(run));
  }

  /** Whether it is kept still, and no other has taken its place. */
  has({ key, run }: KeptRun): boolean {
    return this.#kept.get(key)?.run === run;
  }

  /** Keeps a run in place of what was kept of it `before`, unless it is too long ago. */
  keep(run: Run, valued: Valued & Pick<KeptRun, 'valuedAt'>, before: KeptRun | undefined): void {
    if (this.#isOver(run)) return;
    const key = before?.key ?? identityOf(run);
    this.#remove(key);
    const most = this.#options.size_limit_mib * 1024 ** 2;
    if (sizeOf(run) > most) {
      // All others would make room in vain.
      this.dropped++;
      return;
    }
    this.#put({ ...valued, key, run, restated: before?.restated ?? 0 });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= this.#options.max_runs && this.#bytes <= most) break;
      this.#remove(oldest);
      this.dropped++;
    }
  }

  /** Notes which runs are behind, those too that one of several branches has refused. */
  settle(runs: readonly Run[], { deferred }: Outcome): void {
    if (this.#kept.size === 0) return;
    const missing = new Set(deferred);
    for (const run of runs) if (!missing.has(run)) this.#taken.add(run);
  }

  /** Replaces what is known of a kept run, where it is kept still. */
  update(kept: KeptRun, known: Partial<Omit<KeptRun, 'key' | 'run'>>): void {
    if (!this.has(kept)) return;
    const now = { ...kept, ...known };
    this.#kept.set(kept.key, now);
    // Thousands of runs that stay as they were need not be written.
    const { found, rank, mayChange } = kept;
    if (now.found !== found || now.rank !== rank || now.mayChange !== mayChange) this.changed.add(kept.key);
  }

  forget(kept: KeptRun): void {
    if (this.has(kept)) this.#remove(kept.key);
  }

  /** Forgets the runs that are not valued again any more. */
  expire(): void {
    for (const { key, run } of this.#kept.values()) if (this.#isOver(run)) this.#remove(key);
  }

  /** Returns what is kept under a key as a text; undefined where nothing is. */
  textOf(key: string): string | undefined {
    const kept = this.#kept.get(key);
    return kept && JSON.stringify({ ...kept, run: textOfRun(kept.run) });
  }

  /** Keeps what a text says; it was taken before a restart. */
  restore(text: string): void {
    const stored = JSON.parse(text) as Omit<KeptRun, 'run'> & { readonly run: string };
    const run = runOfText(stored.run);
    // What JSON has no word for is null.
    this.#put({ ...stored, run, found: stored.found.map((one) => one ?? undefined), valuedAt: 0 });
    this.#taken.add(run);
  }

  #put(kept: KeptRun): void {
    this.#kept.set(kept.key, kept);
    this.#bytes += sizeOf(kept.run);
    this.changed.add(kept.key);
  }

  #isOver(run: Run): boolean {
    return Date.now() - toSeconds(run.window.end) * 1000 > this.#options.window;
  }

  #remove(key: string): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    this.#kept.delete(key);
    this.changed.add(key);
    this.#bytes -= sizeOf(kept.run);
  }
}

function sizeOf({ pointCount }: Run): number {
  return pointCount * BYTES_A_POINT + BYTES_A_RUN;
}
