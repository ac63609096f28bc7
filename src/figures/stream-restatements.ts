import type { Run } from '../model/run.ts';
import type { Signal } from '../model/signals.ts';
import type { SourceContext } from '../plugin/contract.ts';
import { type KeptPeriod, type KeptStream, KeptStreams } from './kept-streams.ts';
import type { RestatementConfig } from './restatement-settings.ts';
import { runOfText, textOfRun } from './run-text.ts';
import { correctionOf, extentOfStream, sliceOf } from './stream-slices.ts';
import type { Basis } from './valuation.ts';
import { type FoundFigures, isSame, plus, type Valued, type Valuer } from './valued.ts';

export interface StreamRestatementOptions {
  readonly restatement: RestatementConfig;
  readonly basis: Basis;
  readonly value: Valuer;
  /** What each valuation is of. */
  readonly signals: readonly Signal[];
  /** Resolves when what is known now is known after a restart too. */
  readonly save: () => Promise<void>;
  /** Counts what was revised. */
  readonly count: (found: FoundFigures, before: FoundFigures) => void;
}

/** A period of a stream as it is valued now. */
interface Revalued extends Valued {
  readonly period: KeptPeriod;
  /** How many slices it was made of, which may be more by now. */
  readonly slices: number;
}

/**
 * Values what slices came to again. They are added up behind, so that what is handed on is what their figures differ by:
 * once for each stream, and again, as the same slice, until it is taken.
 */
export class StreamRestatements {
  readonly kept: KeptStreams;
  readonly #ctx: SourceContext;
  readonly #options: StreamRestatementOptions;
  /** Corrections are known behind, where they come again, by their number since this start: no clock that is set counts. */
  readonly #start = crypto.randomUUID();
  #number = 0;
  #unsent: readonly Run[] = [];

  constructor(ctx: SourceContext, options: StreamRestatementOptions) {
    this.#ctx = ctx;
    this.#options = options;
    this.kept = new KeptStreams(options.restatement);
  }

  /** Runs that say which times and places are kept. */
  get extents(): readonly Run[] {
    return this.kept.all.map(extentOfStream);
  }

  /** The corrections that were not taken yet, as a text; undefined where there are none. */
  get unsentText(): string | undefined {
    return this.#unsent.length ? JSON.stringify(this.#unsent.map(textOfRun)) : undefined;
  }

  set unsentText(text: string) {
    this.#unsent = (JSON.parse(text) as string[]).map(runOfText);
  }

  /** Whether corrections were not taken yet, or a stream was not valued since so many revisions were read. */
  isDue(revisions: number): boolean {
    return this.#unsent.length > 0 || this.kept.all.some(({ valuedAt }) => valuedAt < revisions);
  }

  /**
   * Values the periods again of streams that were not since so many revisions were read, and hands on the corrections;
   * resolves with how many streams have some.
   */
  async look(revisions: number, signal: AbortSignal): Promise<number> {
    if (!(await this.#send(signal))) return 0;
    for (const stream of this.kept.all) {
      if (stream.valuedAt >= revisions) continue;
      // What is added meanwhile says itself when it was valued.
      stream.valuedAt = revisions;
      await this.#revise(stream, signal);
    }
    this.kept.expire();
    const { length: corrected } = this.#unsent;
    // What was handed on must be known after a crash.
    await this.#options.save();
    await this.#send(signal);
    return corrected;
  }

  /** Hands on corrections; resolves with whether all were taken. */
  async #send(signal: AbortSignal): Promise<boolean> {
    if (this.#unsent.length === 0) return true;
    const { deferred } = await this.#ctx.next.consume(this.#unsent, signal);
    this.#unsent = deferred;
    return deferred.length === 0;
  }

  /** Notes what the figures of a stream differ by from what was handed on as a correction, and forgets periods that are final. */
  async #revise(stream: KeptStream, signal: AbortSignal): Promise<void> {
    const before = stream.found;
    const extent = extentOfStream(stream);
    const revalued = await this.#revalue(stream, signal);
    const rank = Math.max(...revalued.map((one) => one.rank));
    const isKnown = before.every((one, index) => !one || revalued.every((now) => this.#isValued(now, index)));
    // What stands in while a service is away is no better than what is known.
    if (rank > stream.rank || !isKnown) return;
    const now = revalued.reduce<FoundFigures>(
      (sum, { found }) => plus(sum, found),
      before.map(() => undefined),
    );
    const changed = now.map((one, index) => (isSame(one, before[index]) ? undefined : one));
    const differences = plus(
      changed,
      before.map((one, index) => changed[index] && one),
      -1,
    );
    // More may have been added meanwhile.
    this.kept.revise(stream, differences, rank);
    for (const one of revalued) {
      const isSettled = !one.mayChange || this.kept.isOver(one.period);
      if (isSettled && one.slices === one.period.slices) this.kept.forget(stream, one.period, one.found);
    }
    const figures = differences.flatMap((one, index) => {
      return one ? { ...one, labels: (before[index] ?? one).labels } : [];
    });
    if (figures.length === 0) return;
    this.#options.count(now, before);
    const position = `${this.#start} ${++this.#number}`;
    this.#unsent = [...this.#unsent, correctionOf(extent, figures, this.#ctx.id, position)];
  }

  /** Whether a period has a figure, or nothing that it would be of. */
  #isValued({ found, period }: Revalued, index: number): boolean {
    return found[index] !== undefined || !period.amounts.has(this.#options.signals[index] as Signal);
  }

  async #revalue(stream: KeptStream, signal: AbortSignal): Promise<readonly Revalued[]> {
    const given = [...stream.periods.values()].map((period) => {
      return { period, slices: period.slices, run: sliceOf(stream, period) };
    });
    const find = await this.#options.value(
      given.map(({ run }) => run),
      signal,
    );
    return given.map(({ period, slices, run }) => {
      const found = [...find(run)];
      const { mayChange, rank } = this.#options.basis;
      return { period, slices, found, rank, mayChange };
    });
  }
}
