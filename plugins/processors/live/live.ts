import type { Counter } from '@opentelemetry/api';
import {
  Attribute,
  allTaken,
  deferAll,
  describeRun,
  errorOf,
  isAllTaken,
  isPartOfRun,
  joinOutcomes,
  type Outcome,
  outcomeFor,
  type Processor,
  type Run,
  type SourceContext,
  type States,
  type StoredState,
} from 'wattline/plugin';
import { countMeters, type Ledger } from './feeds.ts';
import { GatheredRuns } from './gathered-runs.ts';
import { fingerprint, hostOf, liveScenario } from './identity.ts';
import { type LedgerUpdate, updateLedger } from './ledger.ts';
import { type Readings, readLive } from './reading.ts';
import type { LiveConfig } from './settings.ts';
import { emptySlice, slicesOf } from './slices.ts';
import { Turns } from './turns.ts';

/** The own metrics that count what live streams come to. */
interface Counters {
  readonly uncovered: Counter;
  readonly resets: Counter;
}

/** What is known of a host in memory. */
interface Host {
  meters: number;
  touched: number;
  /** Whether everything that was counted has been handed on. */
  isSettled: boolean;
}

const PREFIX = 'stream/';
/** Seconds between two looks for hosts that have not been heard of. */
const SWEEP = 60;
/** The most milliseconds between two looks for gathered runs that are complete. */
const LOOK = 5000;

/**
 * Turns points that keep coming into slices. How far a host has been counted is in the state, where `totals` moves it
 * together with what it adds up, so that after a failure or a crash the same points count once.
 */
export class Live implements Processor {
  readonly #ctx: SourceContext;
  readonly #config: LiveConfig;
  readonly #counters: Counters;
  readonly #states: States;
  readonly #turns = new Turns();
  readonly #hosts = new Map<string, Host>();
  readonly #stopping = new AbortController();
  #state: StoredState | undefined;
  #gathered: GatheredRuns | undefined;
  #looking: NodeJS.Timeout | undefined;
  #meters = 0;
  #swept = 0;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(ctx: SourceContext, config: LiveConfig, counters: Counters) {
    this.#ctx = ctx;
    this.#config = config;
    this.#counters = counters;
    this.#states = ctx.states(config.storage);
  }

  /** How many meters are followed. */
  get meters(): number {
    return this.#meters;
  }

  async start(): Promise<void> {
    this.#state = await this.#states.openState(this.#config.state, 'live');
    for (const [key, value] of this.#state.entries(PREFIX)) {
      this.#track(key, JSON.parse(value) as Ledger, { isSettled: false });
    }
    this.#gathered = new GatheredRuns(this.#ctx, this.#state, this.#config.max_streams);
    this.#lookAgain(this.#gathered);
  }

  /** Hands on the runs that are complete, from time to time. */
  #lookAgain(gathered: GatheredRuns): void {
    const { run_expiration } = this.#config;
    const look = async () => {
      await gathered.handOn(Date.now() - run_expiration, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) this.#lookAgain(gathered);
    };
    this.#looking = setTimeout(look, Math.min(LOOK, run_expiration)).unref();
  }

  async consume(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const now = Date.now() / 1000;
    await this.#sweep(now);
    const others: Run[] = [];
    const taking: Promise<Outcome>[] = [];
    for (const run of runs) {
      const readings = readLive(run, now);
      if (readings) taking.push(this.#take(run, readings, now, signal));
      else if (this.#gathered && isPartOfRun(run)) taking.push(this.#gathered.take(run));
      else others.push(run);
    }
    if (others.length) taking.push(this.#ctx.next.consume(others, signal));
    return joinOutcomes(await Promise.all(taking));
  }

  /** Hands on what is gathered in memory alone, which would be lost. */
  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error('the processor has stopped'));
    clearTimeout(this.#looking);
    if (this.#config.storage === undefined) await this.#gathered?.handOn(Number.POSITIVE_INFINITY, signal);
    this.#gathered = undefined;
    await this.#state?.close();
    this.#state = undefined;
  }

  /** Counts what is live in a run, and hands on the rest. Never rejects: the others of its list may have been taken. */
  async #take(run: Run, readings: Readings, now: number, signal: AbortSignal): Promise<Outcome> {
    const key = `${PREFIX}${hostOf(run.attributes)}`;
    const { rest } = readings;
    try {
      const counted = await this.#turns.take(key, () => this.#count(key, run, readings, now, signal));
      const isRestToCome = rest && this.#config.other_metrics === 'pass' && counted.deferred.length === 0;
      const passed = isRestToCome ? await this.#ctx.next.consume([rest], signal) : allTaken;
      return outcomeFor(joinOutcomes([counted, passed]), () => run);
    } catch (error) {
      return deferAll([run], errorOf(error));
    }
  }

  async #count(key: string, run: Run, { readings, skipped }: Readings, now: number, signal: AbortSignal) {
    const state = this.#opened();
    const stored = state.get(key);
    const ledger = JSON.parse(stored ?? '{}') as Ledger;
    const update = updateLedger(ledger, readings, {
      resource: fingerprint(run.attributes),
      who: describeRun(run),
      now,
      maxGap: this.#config.max_gap / 1000,
      expiration: this.#config.stream_expiration / 1000,
      room: this.#config.max_streams - this.#meters,
    });
    for (const one of [...skipped, ...update.skipped]) this.#ctx.skip(one);
    if (countMeters(ledger) === 0) return allTaken;
    this.#track(key, ledger, { isSettled: this.#hosts.get(key)?.isSettled ?? stored === undefined });
    const outcome = await this.#handOver(key, run, update, JSON.stringify(ledger), signal);
    // What comes again is counted when it is taken.
    if (!isAllTaken(outcome)) return outcome;
    this.#counters.uncovered.add(update.uncovered);
    this.#counters.resets.add(update.resets);
    return allTaken;
  }

  /** Hands the slices over; the position is moved by `totals`, or here where nobody else does. */
  async #handOver(key: string, run: Run, { counted }: LedgerUpdate, position: string, signal: AbortSignal) {
    const state = this.#opened();
    const host = this.#hosts.get(key) as Host;
    const scenario = liveScenario(run.attributes);
    const attributes = { ...run.attributes, ...(scenario && { [Attribute.scenario]: scenario }) };
    const slices = slicesOf(counted, attributes, key, position);
    if (slices.length === 0 && !host.isSettled) slices.push(emptySlice(attributes, key, position));
    const wasSettled = host.isSettled;
    host.isSettled = false;
    const outcome = await this.#handOn(slices, signal);
    if (!isAllTaken(outcome)) return outcome;
    if (state.get(key) !== position) await state.update(() => [[key, position]]);
    host.isSettled = wasSettled || slices.length > 0;
    return allTaken;
  }

  /** The last slice moves the position, and goes on once those before it are taken: all of them count, or none. */
  async #handOn(slices: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const { next } = this.#ctx;
    const [before, last] = [slices.slice(0, -1), slices.slice(-1)];
    const outcome = before.length ? await next.consume(before, signal) : allTaken;
    return last.length && isAllTaken(outcome) ? next.consume(last, signal) : outcome;
  }

  #track(key: string, ledger: Ledger, { isSettled }: Pick<Host, 'isSettled'>): void {
    const meters = countMeters(ledger);
    const touched = Math.max(0, ...Object.values(ledger).map((feed) => feed.touched));
    this.#meters += meters - (this.#hosts.get(key)?.meters ?? 0);
    this.#hosts.set(key, { meters, touched, isSettled });
  }

  /** Has idle hosts forgotten from time to time. Lists that come meanwhile wait as well, and stay in their order. */
  #sweep(now: number): Promise<void> {
    if (now - this.#swept < SWEEP) return this.#sweeping;
    this.#swept = now;
    this.#sweeping = this.#forgetIdle(now).catch((error) => {
      this.#sweeping = Promise.resolve();
      throw error;
    });
    return this.#sweeping;
  }

  /** Forgets hosts that have not been heard of for long; what was added up of them stays. */
  async #forgetIdle(now: number): Promise<void> {
    const expiration = this.#config.stream_expiration / 1000;
    const isIdle = (key: string) => now - (this.#hosts.get(key)?.touched ?? now) > expiration;
    const forget = async (key: string) => {
      if (!isIdle(key)) return;
      await this.#opened().update(() => [[key, undefined]]);
      this.#meters -= this.#hosts.get(key)?.meters ?? 0;
      this.#hosts.delete(key);
    };
    const idle = [...this.#hosts.keys()].filter(isIdle);
    await Promise.all(idle.map((key) => this.#turns.take(key, () => forget(key))));
  }

  #opened(): StoredState {
    if (!this.#state) throw new Error('the processor is not started');
    return this.#state;
  }
}
