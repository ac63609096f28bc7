import { messageOf, type SourceContext, type StoredState } from 'wattline/plugin';
import { ageOf, DigestRows, digestsOf, type Row } from './digest-rows.ts';
import { RunDigests } from './run-digests.ts';

/**
 * What a run is to a receiver that comes across it: `new`, or `replayed` where an earlier process has handed it over and
 * this one has not, or `known` where it is not to be handed over.
 */
export type Standing = 'new' | 'replayed' | 'known';

const RUNS = 'run/';
const LEFT_OUT = 'left_out/';
const BEGUN = 'begun';
/** What is known of a digest: that it was written when this process began, or as left out, or that this process has met it. */
const WRITTEN = 1;
const WRITTEN_AS_LEFT_OUT = 2;
const MET = 3;
const FORGOTTEN = 4;
/** How many digests are written in one go. */
const MOST_AT_ONCE = 16_384;
/** Days. */
const KEPT = 30;

/**
 * Knows the runs that were acknowledged by the digests of their texts, over a restart where there is a storage, and else
 * as long as the process lives.
 */
export class KnownRuns {
  readonly #ctx: SourceContext;
  readonly #storage: string | undefined;
  readonly #digests = new RunDigests();
  readonly #rows = new DigestRows(RUNS);
  readonly #leftOutRows = new DigestRows(LEFT_OUT);
  #state: StoredState | undefined;
  #isNew = false;
  #unwritten: string[] = [];
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(ctx: SourceContext, storage: string | undefined) {
    this.#ctx = ctx;
    this.#storage = storage;
  }

  /** Whether nothing had been written when it was opened, so that this is the first start. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Reads what is known. Rejects where that cannot be opened. */
  async open(): Promise<void> {
    const state = await this.#ctx.states(this.#storage).openState(`receiver_${this.#ctx.id}`, 'file');
    this.#state = state;
    this.#isNew = state.get(BEGUN) === undefined;
    for (const [prefix, rows, standing] of [
      [RUNS, this.#rows, WRITTEN],
      [LEFT_OUT, this.#leftOutRows, WRITTEN_AS_LEFT_OUT],
    ] as const) {
      for (const row of state.entries(prefix)) {
        rows.skip(row[0]);
        for (const digest of digestsOf(row)) this.#digests.set(digest, standing);
      }
    }
  }

  /** Returns what the run of that digest is, which is met by that. */
  meet(digest: string): Standing {
    const known = this.#digests.get(digest);
    if (known === MET) return 'known';
    this.#digests.set(digest, MET);
    if (known === WRITTEN_AS_LEFT_OUT) return 'known';
    return known === WRITTEN ? 'replayed' : 'new';
  }

  /** Writes that runs were acknowledged. What cannot be written is said, and written with the next. */
  record(digests: readonly string[]): void {
    if (!this.#state || digests.length === 0) return;
    this.#unwritten.push(...digests);
    void this.save();
  }

  /** Resolves when everything recorded is written, or could not be. */
  save(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Writes that runs are never to be handed over. Rejects where that cannot be written. */
  async leaveOut(digests: readonly string[]): Promise<void> {
    await this.#put(this.#leftOutRows.add(digests).rows);
  }

  /** Forgets the runs that were written more than 30 days ago and that this process has not met in any file. Never rejects. */
  async forgetOld(): Promise<void> {
    const changed: [string, string | undefined][] = [];
    const rows = [RUNS, LEFT_OUT].flatMap((prefix) => this.#state?.entries(prefix) ?? []);
    for (const row of rows.filter((one) => ageOf(one) > KEPT)) {
      const all = digestsOf(row);
      const met = all.filter((digest) => this.#digests.get(digest) === MET);
      if (met.length === all.length) continue;
      changed.push([row[0], met.length ? met.join('') : undefined]);
      for (const digest of all) if (this.#digests.get(digest) !== MET) this.#digests.set(digest, FORGOTTEN);
    }
    const failed = (error: unknown) => this.#ctx.logger.warn(`runs of long ago are not forgotten: ${messageOf(error)}`);
    if (changed.length) await this.#state?.update(() => changed).catch(failed);
  }

  /** Writes what is left to be written; what is recorded from then on is not. */
  async close(): Promise<void> {
    const state = this.#state;
    await this.save();
    this.#state = undefined;
    await state?.close();
  }

  async #put(rows: readonly Row[]): Promise<void> {
    await this.#state?.update((get) =>
      get(BEGUN) === undefined ? [[BEGUN, new Date().toISOString()], ...rows] : rows,
    );
  }

  async #write(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const digests = this.#unwritten.slice(0, MOST_AT_ONCE);
      const { rows, isWritten } = this.#rows.add(digests);
      try {
        await this.#put(rows);
      } catch (error) {
        this.#failed(error);
        return;
      }
      isWritten();
      this.#unwritten.splice(0, digests.length);
      if (this.#isFailing) this.#ctx.logger.info('which runs were read is written again');
      this.#isFailing = false;
    }
  }

  #failed(error: unknown): void {
    const { length } = this.#unwritten;
    if (!this.#isFailing)
      this.#ctx.logger.error(
        `which runs were read cannot be written, and those of now are sent again after a restart: ${messageOf(error)}`,
      );
    this.#ctx.logger.debug({ unwritten: length }, 'will try again');
    this.#isFailing = true;
  }
}
