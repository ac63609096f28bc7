import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Attribute,
  allTaken,
  deferAll,
  isAllTaken,
  joinOutcomes,
  type Outcome,
  type Processor,
  type Run,
  refuseAll,
  type SourceContext,
  type StateChange,
  type States,
  type StoredState,
} from 'wattline/plugin';
import { CounterTexts } from './counter-texts.ts';
import {
  type Addend,
  add,
  addendsOf,
  type Counter,
  type CounterOptions,
  isComplete,
  netOf,
  sumsOf,
} from './counters.ts';
import { HandOver } from './hand-over.ts';
import { LabelSets } from './label-sets.ts';
import type { Room } from './room.ts';

/** The last of the slices that count together: the position of its stream after them, and what they add. */
interface Move {
  readonly run: Run;
  readonly id: string;
  readonly position: string;
  readonly addends: readonly Addend[];
}

/** The attributes by which `live` marks its slices. */
const { streamId: ID, streamPart: PART, streamPosition: POSITION } = Attribute;
/** How the keys of streams begin: whoever sends another one, such as that of a counter, sends no slice. */
const STREAM = 'stream/';
/** How the keys of sequences of corrections begin. */
const RESTATED = 'restated/';
/** How many counters are handed on in a run. */
const MOST_AT_ONCE = 2000;
/** Of how many streams slices are kept whose last one is yet to come. */
const MOST_PENDING = 100_000;

/**
 * Sums the figures of slices. It writes the sums and the positions of the streams in one update, and then hands the sums
 * on: a slice that is sent again is not counted again, and sums that were not handed on go with the next ones.
 */
export class Totals implements Processor {
  readonly #ctx: SourceContext;
  readonly #states: States;
  readonly #stateName: string;
  readonly #options: CounterOptions;
  readonly #room: Room;
  /** The counters that were written and may have to be handed on. */
  readonly #written = new Map<string, Counter>();
  /** The counters that owe something. */
  readonly #owed = new Map<string, Counter>();
  /** What each counter came to, without what it owes, when it was handed on last. */
  readonly #handedOn = new Map<string, number>();
  /** What the slices of a stream that count together add, until the last of them arrives. */
  readonly #pending = new Map<string, Addend[]>();
  readonly #labelSets = new LabelSets();
  readonly #texts = new CounterTexts();
  readonly #ended = new AbortController();
  readonly #handOver = new HandOver(() => this.#handOn());
  #state: StoredState | undefined;

  /** Sums figures in the state of that name, which `live` reads. */
  constructor(ctx: SourceContext, states: States, stateName: string, options: CounterOptions, room: Room) {
    this.#ctx = ctx;
    this.#states = states;
    this.#stateName = stateName;
    this.#options = options;
    this.#room = room;
  }

  async start(): Promise<void> {
    this.#state = await this.#states.openState(this.#stateName, 'totals');
    for (const [key, value] of this.#state.entries('counter/')) this.#written.set(key, this.#texts.read(key, value));
    this.#room.taken = this.#written.size;
    for (const [key, counter] of this.#written) if (counter.owed) this.#owed.set(key, counter);
  }

  /** By how much counters are too high until they have grown by that, by their names. */
  get owed(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { name, owed = 0 } of this.#owed.values()) sums.set(name, (sums.get(name) ?? 0) + owed);
    return sums;
  }

  async consume(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const others: Run[] = [];
    const moves: Move[] = [];
    const unknown: Run[] = [];
    for (const run of runs) {
      const { [ID]: id, [PART]: part, [POSITION]: position } = run.attributes;
      if (typeof id !== 'string' || !(id.startsWith(STREAM) || id.startsWith(RESTATED))) {
        others.push(run);
        continue;
      }
      const before = part === 0 || part === undefined ? [] : this.#pending.get(id);
      if (!before) {
        // Another instance got the slices before it; `live` sends all slices of the run again.
        unknown.push(run);
        continue;
      }
      const addends = [...before, ...addendsOf(run, this.#options, this.#labelSets)];
      if (typeof position !== 'string') {
        this.#keep(id, addends);
        continue;
      }
      moves.push({ run, id, position, addends });
      this.#pending.delete(id);
    }
    // A failure of the state must not send runs again that were taken.
    const taken = await this.#take(moves, signal);
    const passed = others.length ? await this.#ctx.next.consume(others, signal) : allTaken;
    if (unknown.length === 0) return joinOutcomes([taken, passed]);
    return joinOutcomes([taken, passed, deferAll(unknown, new Error('the slices before it have not come'))]);
  }

  async shutdown(): Promise<void> {
    this.#ended.abort();
    await this.#state?.close();
    this.#state = undefined;
  }

  /** Keeps what slices add until the last of them arrives; of too many streams not that of the first. */
  #keep(id: string, addends: Addend[]): void {
    const [first] = this.#pending.keys();
    if (first !== undefined && this.#pending.size >= MOST_PENDING) this.#pending.delete(first);
    this.#pending.set(id, addends);
  }

  /** Adds slices to the counters and hands these on; the outcome of the counters is that of the slices. */
  async #take(moves: readonly Move[], signal: AbortSignal): Promise<Outcome> {
    if (moves.length === 0) return allTaken;
    await this.#write(moves);
    const { refused, deferred, cause } = await this.#handOver.run(signal);
    const runs = moves.map(({ run }) => run);
    const [first] = refused;
    if (deferred.length) return deferAll(runs, cause ?? new Error('the counters were not taken'));
    return first ? refuseAll(runs, first.reason, first.message) : allTaken;
  }

  async #write(moves: readonly Move[]): Promise<void> {
    if (!this.#state) throw new Error('the processor is not started');
    const changed = new Map<string, Counter>();
    let taken = 0;
    const change: StateChange = (get) => {
      changed.clear();
      const addends = moves.flatMap((move) => (isCounted(move, get) ? [] : move.addends));
      const before = this.#room.taken;
      const placed = this.#room.place(addends, (key) => get(key) !== undefined);
      taken = this.#room.taken - before;
      for (const [key, more] of placed) {
        const stored = changed.has(key) ? undefined : get(key);
        const known = stored === undefined ? changed.get(key) : this.#texts.read(key, stored);
        changed.set(key, add(known, more));
      }
      const counters = [...changed].map(([key, counter]) => [key, this.#texts.write(key, counter)] as const);
      return [...counters, ...moves.map(({ id, position }) => [id, position] as const)];
    };
    await this.#state.update(change).catch((error) => {
      this.#room.taken -= taken;
      throw error;
    });
    for (const [key, counter] of changed) {
      this.#written.set(key, counter);
      if (counter.owed) this.#owed.set(key, counter);
      else this.#owed.delete(key);
    }
  }

  async #handOn(): Promise<Outcome> {
    const written = [...this.#written];
    const news = written.filter(([key, counter]) => isComplete(counter) && this.#handedOn.get(key) !== netOf(counter));
    for (let first = 0; first < news.length; first += MOST_AT_ONCE) {
      const some = news.slice(first, first + MOST_AT_ONCE);
      const outcome = await this.#ctx.next.consume([sumsOf(some.map(([, counter]) => counter))], this.#ended.signal);
      if (!isAllTaken(outcome)) return outcome;
      for (const [key, counter] of some) this.#handedOn.set(key, netOf(counter));
      // Thousands of counters, as after a start, must not hold up all else.
      if (first + MOST_AT_ONCE < news.length) await nextTurn();
    }
    // What is not complete yet is written again before it is. What was written meanwhile goes with the next.
    for (const [key, counter] of written) if (this.#written.get(key) === counter) this.#written.delete(key);
    return allTaken;
  }
}

/**
 * Returns whether a correction that comes again was counted the first time; slices come again only where they were not. Its
 * position is the start of who sends it, and its number since; none of the start before comes after one of the next.
 */
function isCounted({ id, position }: Move, get: (key: string) => string | undefined): boolean {
  if (!id.startsWith(RESTATED)) return false;
  const [start, number] = position.split(' ');
  const [last, counted] = (get(id) ?? '').split(' ');
  return start === last && Number(number) <= Number(counted);
}
