import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { SeriesQuantity } from '../factors/units.ts';
import { Attribute } from '../model/attributes.ts';
import { Run } from '../model/run.ts';
import type { Signal } from '../model/signals.ts';
import { Pace } from '../pace.ts';
import type { SourceContext } from '../plugin/contract.ts';
import type { Outcome } from '../plugin/outcome.ts';
import { type KeptRun, KeptRuns } from './kept-runs.ts';
import type { RestatementConfig } from './restatement-settings.ts';
import { RestatementStore } from './restatement-store.ts';
import { observeRestatements } from './restatement-telemetry.ts';
import type { Revisions } from './revisions.ts';
import { StreamRestatements } from './stream-restatements.ts';
import { Basis } from './valuation.ts';
import { areAlike, bestOf, type FoundFigures, isSame, type Valued, type Valuer, withStateOf } from './valued.ts';

export interface RestatementOptions {
  readonly valuations: readonly { readonly quantity: SeriesQuantity; readonly signal: Signal }[];
  readonly revisions: readonly Revisions[];
  readonly restatement: RestatementConfig;
  /** Makes what values runs again, and notes in a basis what that rests on. */
  readonly valuer: (basis: Basis) => Valuer;
  /** Returns a run with its figures. */
  readonly complete: (run: Run, found: FoundFigures) => Run;
}

/** How many runs are valued before they are handed on. */
const RUNS_AT_ONCE = 500;

/**
 * Keeps runs whose figures may be revised as they came, values them again when a factor has been read again, and hands on
 * those that then have other figures: whole, with the attribute `run.restated`, so that all stages behind follow.
 */
export class Restatements {
  readonly #ctx: SourceContext;
  readonly #options: RestatementOptions;
  readonly #kept: KeptRuns;
  readonly #streams: StreamRestatements;
  readonly #store: RestatementStore | undefined;
  readonly #basis = new Basis();
  readonly #value: Valuer;
  readonly #count: (quantity: SeriesQuantity) => void;
  readonly #stopped = new AbortController();
  /** How many revisions were read. What was stored is older than all of them. */
  #revisions = 1;
  #watching: Promise<unknown> = Promise.resolve();
  #looking: Promise<unknown> = Promise.resolve();

  constructor(ctx: SourceContext, options: RestatementOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.#kept = new KeptRuns(options.restatement);
    this.#value = options.valuer(this.#basis);
    const { restatement } = options;
    const count = (found: FoundFigures, before: FoundFigures) => this.#countRestated(found, before);
    const save = () => this.save();
    const signals = options.valuations.map(({ signal }) => signal);
    const shared = { restatement, basis: this.#basis, value: this.#value, signals };
    this.#streams = new StreamRestatements(ctx, { ...shared, save, count });
    const { storage } = restatement;
    if (storage !== undefined) {
      this.#store = new RestatementStore(ctx.states(storage), `restatement ${ctx.id}`, this.#kept, this.#streams);
    }
    this.#count = observeRestatements(ctx, [this.#kept, this.#streams.kept]);
  }

  /**
   * Notes what a run was valued at, and keeps it where that may change. Returns its figures: those of a run that came before
   * stay in the series that they are in, so that no run is in two.
   */
  note(run: Run, found: FoundFigures, { mayChange, rank, periods }: Basis): FoundFigures {
    const valuedAt = this.#revisions;
    if (run.isSlice) {
      if (mayChange) this.#streams.kept.note(run, { found, rank, valuedAt }, periods);
      return found;
    }
    const before = this.#kept.of(run);
    if (!before && !mayChange) return found;
    const own = before ? withStateOf(before.found, found) : [...found];
    const known = before && isAgain(run) ? bestOf(before, own, rank) : { found: own, rank };
    // What was handed on before a restart is what the stages that keep something have.
    if (!before || !run.replayed) this.#keep(run, { ...known, mayChange, valuedAt }, before, found);
    return known.found;
  }

  /** Notes what became of runs behind: one that was deferred is not there to be restated. Never rejects. */
  async settle(runs: readonly Run[], outcome: Outcome): Promise<void> {
    this.#kept.settle(runs, outcome);
    this.#streams.kept.settle(runs, new Set(outcome.deferred));
    // What was taken must not come again; it is written with the next run, or the next look.
    await this.save().catch((error) => this.#failed('what may be valued again is not stored yet', error));
  }

  /** Resolves when what was noted so far is known after a restart too, where there is a storage. */
  async save(): Promise<void> {
    if (this.#store) return this.#store.save();
    this.#kept.changed.clear();
    this.#streams.kept.changed.clear();
  }

  /** Begins to watch what may be revised. */
  async start(): Promise<void> {
    await this.#store?.open();
    const { revisions } = this.#options;
    this.#watching = Promise.all(revisions.map((one) => this.#watch(one)));
  }

  async shutdown(): Promise<void> {
    this.#stopped.abort();
    await this.#watching;
    await this.#store?.save();
    await this.#store?.close();
  }

  #keep(run: Run, valued: Valued & Pick<KeptRun, 'valuedAt'>, before: KeptRun | undefined, found: FoundFigures): void {
    if (before && !valued.mayChange && areAlike(valued.found, found)) this.#kept.forget(before);
    else this.#kept.keep(run, valued, before);
  }

  /** Reads again what may have been revised, at its own pace, until it is stopped. */
  async #watch(revisions: Revisions): Promise<void> {
    const { signal } = this.#stopped;
    const pause = () => sleep(revisions.pace, true, { signal, ref: false }).catch(() => false);
    while (await pause()) {
      try {
        const runs = [...this.#kept.open.map(({ run }) => run), ...this.#streams.extents];
        if (await revisions.refresh(runs, signal)) this.#revisions++;
        if (this.#stale.length > 0 || this.#streams.isDue(this.#revisions)) await this.#look(signal);
        this.#kept.expire();
        await this.save();
      } catch (error) {
        if (!signal.aborted) this.#failed('figures stay as they are', error);
      }
    }
  }

  /** The runs that were not valued, or not taken behind, since the last revision. */
  get #stale(): readonly KeptRun[] {
    return this.#kept.open.filter(({ valuedAt }) => valuedAt < this.#revisions);
  }

  #failed(consequence: string, error: unknown): void {
    this.#ctx.logger.error({ err: error }, `${consequence}: ${messageOf(error)}`);
  }

  /** Values again what was not since the last revision, one look after the other. */
  #look(signal: AbortSignal): Promise<unknown> {
    const look = async () => {
      const valuedAt = this.#revisions;
      const stale = this.#stale;
      let restated = 0;
      for (let first = 0; first < stale.length; first += RUNS_AT_ONCE) {
        restated += await this.#restate(stale.slice(first, first + RUNS_AT_ONCE), valuedAt, signal);
      }
      const streams = await this.#streams.look(valuedAt, signal);
      if (restated + streams === 0) return;
      this.#ctx.logger.info({ runs: restated, streams }, 'runs were valued again: a factor was revised');
    };
    this.#looking = this.#looking.then(look, look);
    return this.#looking;
  }

  /** Hands on those of some runs that have other figures now; resolves with how many were. */
  async #restate(some: readonly KeptRun[], valuedAt: number, signal: AbortSignal): Promise<number> {
    const find = await this.#value(
      some.map(({ run }) => run),
      signal,
    );
    const pace = new Pace();
    const revised = new Map<Run, Revised>();
    for (const kept of some) {
      const one = this.#revalue(kept, find(kept.run));
      if (one.isRevised) revised.set(this.#restated(kept, one.valued.found), one);
      else this.#settle(one, valuedAt);
      // A run over months of hourly prices takes a millisecond.
      if (pace.isDue) await pace.giveWay();
    }
    // Some may have come again meanwhile.
    for (const [run, { kept }] of revised) if (!this.#kept.has(kept)) revised.delete(run);
    if (revised.size === 0) return 0;
    const { deferred } = await this.#ctx.next.consume([...revised.keys()], signal);
    // They are tried again with the next look.
    for (const run of deferred) revised.delete(run);
    for (const one of revised.values()) {
      this.#countRestated(one.valued.found, one.kept.found);
      this.#settle(one, valuedAt);
    }
    return revised.size;
  }

  #revalue(kept: KeptRun, own: FoundFigures): Revised {
    const { mayChange, rank } = this.#basis;
    const known = bestOf(kept, withStateOf(kept.found, own), rank);
    const isRevised = !known.found.every((one, index) => isSame(one, kept.found[index]));
    const isSettled = !mayChange && known.rank === rank && areAlike(known.found, own);
    return { kept, valued: { ...known, mayChange: mayChange || known.rank !== rank }, isRevised, isSettled };
  }

  #settle({ kept, valued: { found, ...valued }, isRevised, isSettled }: Revised, valuedAt: number): void {
    if (isSettled) this.#kept.forget(kept);
    else if (isRevised) this.#kept.update(kept, { ...valued, found, valuedAt, restated: kept.restated + 1 });
    else this.#kept.update(kept, { ...valued, valuedAt });
  }

  #restated(kept: KeptRun, found: FoundFigures): Run {
    const { run } = kept;
    const restated = (run.restated ?? 0) + kept.restated + 1;
    const attributes = { ...run.attributes, [Attribute.restated]: restated };
    // A replayed run is news once it is restated.
    return this.#options.complete(Run.of(attributes, run), found);
  }

  #countRestated(found: FoundFigures, before: FoundFigures): void {
    const quantities = this.#options.valuations.flatMap(({ quantity }, index) => {
      return isSame(found[index], before[index]) ? [] : [quantity];
    });
    for (const quantity of new Set(quantities)) this.#count(quantity);
  }
}

/** A kept run as it is valued now. */
interface Revised {
  readonly kept: KeptRun;
  readonly valued: Valued;
  /** Whether its figures are others. */
  readonly isRevised: boolean;
  /** Whether they will not change any more. */
  readonly isSettled: boolean;
}

/** Returns whether a run is the same as before: one of before a restart, or one that a stage before has valued again. */
function isAgain({ replayed, restated }: Run): boolean {
  return replayed || restated !== undefined;
}
