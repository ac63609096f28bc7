import type { Attributes, Counter } from '@opentelemetry/api';
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
  refuseAll,
  type SourceContext,
  type States,
  type StoredState,
} from 'wattline/plugin';
import { type Ledger, parseLedger } from './feeds.ts';
import { type Expirations, forgetSilent } from './forgetting.ts';
import { GatheredRuns } from './gathered-runs.ts';
import { type Host, Hosts } from './hosts.ts';
import { fingerprint, hostOf, liveScenario } from './identity.ts';
import { updateLedger } from './ledger.ts';
import { type Readings, readLive } from './reading.ts';
import { type LiveConfig, type LiveOptions, optionsOf } from './settings.ts';
import { emptySlice, type Sliced, slicesOf } from './slices.ts';
import { Turns } from './turns.ts';

/** The own metrics that count what live streams come to. */
interface Counters {
  readonly uncovered: Counter;
  readonly resets: Counter;
}

/** What a resource of a host sent. */
interface Sent extends Readings {
  readonly run: Run;
}

const PREFIX = 'stream/';
/** The key of the time after which a process must have begun for its counters to be counted from their start. */
const COUNTED_FROM = 'live/counted_from';
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
  readonly #hosts: Hosts;
  readonly #options: LiveOptions;
  readonly #stopping = new AbortController();
  #state: StoredState | undefined;
  #gathered: GatheredRuns | undefined;
  #looking: NodeJS.Timeout | undefined;
  #countedFrom = Number.POSITIVE_INFINITY;
  #swept = 0;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(ctx: SourceContext, config: LiveConfig, counters: Counters) {
    this.#ctx = ctx;
    this.#config = config;
    this.#counters = counters;
    this.#states = ctx.states(config.storage);
    this.#hosts = new Hosts(config.max_streams);
    this.#options = optionsOf(config);
  }

  /** How many meters are followed. */
  get meters(): number {
    return this.#hosts.meters;
  }

  async start(): Promise<void> {
    const state = await this.#states.openState(this.#config.state, 'live');
    this.#state = state;
    const now = Date.now() / 1000;
    await state.update((get) => (get(COUNTED_FROM) === undefined ? [[COUNTED_FROM, String(now)]] : []));
    this.#countedFrom = Number(state.get(COUNTED_FROM));
    for (const [key, value] of state.entries(PREFIX)) this.#hosts.track(key, parseLedger(value), false);
    this.#gathered = new GatheredRuns(this.#ctx, state, this.#config.max_streams);
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
    const ofHosts = new Map<string, Sent[]>();
    for (const run of runs) {
      const readings = readLive(run, now);
      if (readings) {
        const key = `${PREFIX}${hostOf(run.attributes)}`;
        const sent = ofHosts.get(key);
        if (sent) sent.push({ run, ...readings });
        else ofHosts.set(key, [{ run, ...readings }]);
      } else if (this.#gathered && isPartOfRun(run)) taking.push(this.#gathered.take(run));
      else others.push(run);
    }
    for (const [key, sent] of ofHosts) taking.push(this.#take(key, sent, now, signal));
    if (others.length) taking.push(this.#ctx.next.consume(others, signal));
    return joinOutcomes(await Promise.all(taking));
  }

  /** Hands on what is gathered in memory alone, which would be lost. */
  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error('the processor has stopped'));
    clearTimeout(this.#looking);
    if (this.#config.storage === undefined) await this.#gathered?.handOn(Number.POSITIVE_INFINITY, signal);
    const held = this.#config.storage === undefined ? 0 : (this.#gathered?.size ?? 0);
    if (held) this.#ctx.logger.info(`runs that may have more requests to come wait in ${this.#state?.place}: ${held}`);
    this.#gathered = undefined;
    await this.#state?.close();
    this.#state = undefined;
  }

  /** Counts what a host sent, and hands on the rest. Never rejects: the others of its list may have been taken. */
  async #take(key: string, sent: readonly Sent[], now: number, signal: AbortSignal): Promise<Outcome> {
    const runs = sent.map(({ run }) => run);
    try {
      const { refused, deferred, cause } = await this.#turns.take(key, () => this.#count(key, sent, now, signal));
      if (deferred.length) return deferAll(runs, cause ?? new Error('what it came to was not taken'));
      const origins = new Map(sent.flatMap(({ run, rest }) => (rest ? [[rest, run] as const] : [])));
      const passes = this.#config.other_metrics === 'pass' && origins.size > 0;
      const passed = passes ? await this.#ctx.next.consume([...origins.keys()], signal) : allTaken;
      const [first] = refused;
      const counted = first ? refuseAll(runs, first.reason, first.message) : allTaken;
      return outcomeFor(joinOutcomes([counted, passed]), (run) => origins.get(run) ?? run);
    } catch (error) {
      return deferAll(runs, errorOf(error));
    }
  }

  async #count(key: string, sent: readonly Sent[], now: number, signal: AbortSignal): Promise<Outcome> {
    const state = this.#opened();
    const stored = state.get(key);
    const ledger = parseLedger(stored);
    const isSettled = this.#hosts.get(key)?.isSettled ?? stored === undefined;
    const room = { ...this.#hosts.room };
    const updates = sent.map(({ run, readings, skipped, cores }) => {
      const update = updateLedger(ledger, readings, {
        resource: fingerprint(run.attributes),
        who: describeRun(run),
        now,
        cores,
        room,
        countedFrom: this.#countedFrom,
        ...this.#options,
      });
      for (const one of [...skipped, ...update.skipped]) this.#ctx.skip(one);
      return { ...update, attributes: sliceAttributes(run) };
    });
    forgetSilent(ledger, now, this.#options.expirations);
    if (!hasMeters(ledger)) return allTaken;
    this.#hosts.track(key, ledger, isSettled);
    const outcome = await this.#handOver(key, updates, JSON.stringify(ledger), signal);
    // What comes again is counted when it is taken.
    if (!isAllTaken(outcome)) return outcome;
    for (const { uncovered, resets } of updates) {
      this.#counters.uncovered.add(uncovered);
      this.#counters.resets.add(resets);
    }
    return allTaken;
  }

  /** Hands the slices over; the position is moved by `totals`, or here where nobody else does. */
  async #handOver(key: string, updates: readonly Sliced[], position: string, signal: AbortSignal): Promise<Outcome> {
    const state = this.#opened();
    const host = this.#hosts.get(key) as Host;
    const slices = slicesOf(updates, key, position);
    const [{ attributes }] = updates as readonly [Sliced];
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

  /** Forgets meters and hosts that have not been heard of for long; what was added up of them stays. */
  async #forgetIdle(now: number): Promise<void> {
    const { expirations } = this.#options;
    const forget = (key: string, after = expirations) =>
      this.#turns.take(key, () => this.#forgetWithin(key, now, after));
    await Promise.all(this.#hosts.silentSince(now - expirations.host).map((key) => forget(key)));
    // Hosts that come and go must not keep others out until they expire.
    const soon = { ...expirations, host: expirations.process };
    for (const key of this.#hosts.silentSince(now - soon.host)) {
      if (this.#hosts.room.host > 0) return;
      await forget(key, soon);
    }
  }

  async #forgetWithin(key: string, now: number, expirations: Expirations): Promise<void> {
    const state = this.#opened();
    const ledger = parseLedger(state.get(key));
    forgetSilent(ledger, now, expirations);
    const isGone = Object.keys(ledger.feeds).length === 0;
    if (isGone) this.#countedFrom = Math.max(this.#countedFrom, ledger.forgottenUntil ?? 0);
    await state.update(() => [
      [key, isGone ? undefined : JSON.stringify(ledger)],
      [COUNTED_FROM, String(this.#countedFrom)],
    ]);
    if (isGone) this.#hosts.forget(key);
    else this.#hosts.track(key, ledger, this.#hosts.get(key)?.isSettled ?? false);
  }

  #opened(): StoredState {
    if (!this.#state) throw new Error('the processor is not started');
    return this.#state;
  }
}

/** The attributes of the slices of a resource. */
function sliceAttributes({ attributes }: Run): Attributes {
  const scenario = liveScenario(attributes);
  return { ...attributes, ...(scenario && { [Attribute.scenario]: scenario }) };
}

function hasMeters({ feeds }: Ledger): boolean {
  return Object.values(feeds).some(({ meters }) => Object.keys(meters).length > 0);
}
