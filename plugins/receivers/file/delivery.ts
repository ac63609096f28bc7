import { relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { handOver, messageOf, type Outcome, type Run, type SourceContext } from 'wattline/plugin';
import type { ParsedRun } from 'wattline/results';
import type { GrowingFile, ReadOptions } from './growing-file.ts';
import type { KnownRuns } from './known-runs.ts';

/** What became of a file: all of it was `read`, or it was `unreadable`, or it was `stopped` by the signal. */
export type FileOutcome = 'read' | 'unreadable' | 'stopped';

export interface DeliveryOptions extends Pick<ReadOptions, 'sampling' | 'timeZone'> {
  /** Knows the runs that are not new; undefined where each is handed over as often as it is read. */
  readonly known?: KnownRuns | undefined;
  /** Milliseconds after which runs that were deferred are handed over again; undefined where nobody does that. */
  readonly pause?: number | undefined;
  /** Is told of each run that is not handed over, since it is known. */
  onKnown?(): void;
  readonly signal: AbortSignal;
}

/** The longest pause before deferred runs are handed over again, in milliseconds, unless the first one is longer. */
const LONGEST_PAUSE = 60_000;
/** As many deferred runs are held before no more are read. */
const MOST_HELD = 512;

/**
 * Hands over the runs of files that are to be handed over, and holds those that are deferred until they are settled: it is
 * by the same object that a run is known to those who have taken it already.
 */
export class Delivery {
  readonly #ctx: SourceContext;
  readonly #options: DeliveryOptions;
  /** The digests of the new runs that are not settled. */
  readonly #open = new Map<Run, string>();
  /** The runs that were deferred, by the names of their files. */
  #held = new Map<string, Run[]>();
  #heldCount = 0;
  #pause = 0;
  #retryAt = Number.POSITIVE_INFINITY;
  #underWay = 0;
  #idle = Promise.withResolvers<void>();

  constructor(ctx: SourceContext, options: DeliveryOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** In how many milliseconds there are runs to be handed over again. */
  get retryIn(): number {
    return this.#heldCount ? Math.max(0, this.#retryAt - performance.now()) : Number.POSITIVE_INFINITY;
  }

  /** Reads on in a file, and hands over its runs; what is refused is counted, and the rest goes on. Waits for room. */
  async handOverFile(
    file: GrowingFile,
    options: Pick<ReadOptions, 'isLast' | 'toEnd' | 'onRead'>,
  ): Promise<FileOutcome> {
    const { signal, sampling, timeZone, known } = this.#options;
    const name = shortName(file.path);
    const count = { runs: 0, replayed: 0 };
    const chosen = (parsed: readonly ParsedRun[]) => this.#choose(name, parsed);
    const room = () => this.#room();
    const lists = async function* () {
      await room();
      for await (const parsed of file.read({ ...options, signal, sampling, timeZone, digests: known !== undefined })) {
        const list = chosen(parsed);
        count.runs += list.length;
        for (const { replayed } of list) if (replayed) count.replayed++;
        if (list.length) yield list;
        await room();
      }
    };
    let unreadable: unknown;
    let left: Left = { runs: 0 };
    try {
      left = await this.#handOver(name, lists());
    } catch (error) {
      unreadable = error;
    }
    if (signal.aborted) return 'stopped';
    if (unreadable !== undefined) {
      this.#ctx.skip({
        item: 'file',
        reason: 'unreadable',
        message: `${name} cannot be read: ${messageOf(unreadable)}`,
      });
      return 'unreadable';
    }
    const { runs, replayed } = count;
    if (left.runs > 0) this.#tell(name, left, `${left.runs} of ${countOf(runs)} of ${name} were not delivered`);
    else if (runs > 0) {
      const again = replayed ? `, ${replayed} of them again after a restart` : '';
      this.#ctx.logger.info({ file: name, runs, replayed }, `read ${countOf(runs)} from ${name}${again}`);
    }
    return 'read';
  }

  /** Hands over the deferred runs again, where their time has come. */
  async retry(): Promise<void> {
    if (this.retryIn > 0) return;
    const held = this.#held;
    this.#held = new Map();
    this.#heldCount = 0;
    for (const [name, runs] of held) {
      const left = await this.#handOver(name, [runs]);
      if (left.runs > 0 && !this.#options.signal.aborted)
        this.#tell(name, left, `still not delivered of ${name}: ${countOf(left.runs)}`);
    }
    const { pause = 0 } = this.#options;
    this.#pause = this.#heldCount ? Math.max(pause, Math.min(LONGEST_PAUSE, 2 * this.#pause)) : 0;
    this.#retryAt = performance.now() + this.#pause;
  }

  /** Resolves when no run is under way, or the time is over, in milliseconds. */
  async settled(longest: number): Promise<void> {
    const over = new AbortController();
    const late = setTimeout(longest, undefined, { signal: over.signal }).catch(() => {});
    if (this.#underWay > 0) await Promise.race([this.#idle.promise, late]);
    over.abort();
  }

  /** Waits as long as too many runs are held. */
  async #room(): Promise<void> {
    const { signal } = this.#options;
    while (this.#heldCount > 0 && !signal.aborted) {
      if (this.retryIn > 0 && this.#heldCount < MOST_HELD) return;
      if (this.retryIn > 0) await setTimeout(this.retryIn, undefined, { signal }).catch(() => {});
      else await this.retry();
    }
  }

  /** The runs of a list that are to be handed over. */
  #choose(name: string, parsed: readonly ParsedRun[]): Run[] {
    const { known, onKnown } = this.#options;
    const list: Run[] = [];
    for (const { run, refusals, digest } of parsed) {
      const standing = digest === undefined ? 'new' : (known?.meet(digest) ?? 'new');
      if (standing === 'known') {
        onKnown?.();
        continue;
      }
      for (const refusal of refusals) this.#ctx.skip({ ...refusal, message: `${name}: ${refusal.message}` });
      if (!run) continue;
      if (standing === 'new' && digest !== undefined) this.#open.set(run, digest);
      list.push(standing === 'replayed' ? run.asReplayed() : run);
    }
    return list;
  }

  /** Hands over lists, and returns how many runs were deferred. */
  async #handOver(name: string, lists: Iterable<Run[]> | AsyncIterable<Run[]>): Promise<Left> {
    const left: Left = { runs: 0 };
    const begin = (list: Run[]) => this.#begin(list);
    const counted = async function* () {
      for await (const list of lists) {
        begin(list);
        yield list;
      }
    };
    const onOutcome = (outcome: Outcome, runs: readonly Run[]) => {
      this.#settle(name, outcome, runs);
      left.runs += outcome.deferred.length;
      left.cause = outcome.cause ?? left.cause;
    };
    await handOver(this.#ctx.next, counted(), { signal: this.#options.signal, onOutcome });
    return left;
  }

  #begin(runs: readonly Run[]): void {
    if (this.#underWay === 0) this.#idle = Promise.withResolvers();
    this.#underWay += runs.length;
  }

  #settle(name: string, { refused, deferred }: Outcome, runs: readonly Run[]): void {
    for (const { reason, message } of refused) this.#ctx.skip({ item: 'run', reason, message: `${name}: ${message}` });
    const again = new Set(deferred);
    const settled: string[] = [];
    for (const run of runs) {
      const digest = again.has(run) ? undefined : this.#open.get(run);
      if (digest === undefined) continue;
      this.#open.delete(run);
      settled.push(digest);
    }
    this.#options.known?.record(settled);
    this.#hold(name, deferred);
    this.#underWay -= runs.length;
    if (this.#underWay === 0) this.#idle.resolve();
  }

  #hold(name: string, runs: readonly Run[]): void {
    const { pause } = this.#options;
    if (pause === undefined || runs.length === 0) return;
    if (this.#pause === 0) {
      this.#pause = pause;
      this.#retryAt = performance.now() + pause;
    }
    this.#held.set(name, [...(this.#held.get(name) ?? []), ...runs]);
    this.#heldCount += runs.length;
  }

  #tell(name: string, { runs, cause }: Left, what: string): void {
    this.#ctx.logger.error({ file: name, failed: runs }, `${what}: ${messageOf(cause)}`);
  }
}

/** How many runs were deferred, and why. */
interface Left {
  runs: number;
  cause?: Error | undefined;
}

function countOf(runs: number): string {
  return runs === 1 ? '1 run' : `${runs} runs`;
}

function shortName(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}
