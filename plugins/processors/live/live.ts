import {
  allTaken,
  deferAll,
  errorOf,
  isPartOfRun,
  joinOutcomes,
  messageOf,
  type Outcome,
  outcomeFor,
  Pace,
  type Processor,
  type Run,
  type SourceContext,
  type States,
  type StoredState,
} from 'wattline/plugin';
import { isSilent } from './attribution-times.ts';
import { outcomeOfWholes } from './by-label.ts';
import { type Counters, Counting, type OfHost, type SentRun, settled } from './counting.ts';
import { type Expirations, forgetSilent } from './forgetting.ts';
import { GatheredRuns } from './gathered-runs.ts';
import { trainHost } from './host-training.ts';
import { type Host, Hosts } from './hosts.ts';
import { namesIn } from './identity.ts';
import { type LiveConfig, type LiveOptions, optionsOf } from './settings.ts';
import { type Sorted, Sorting } from './sorting.ts';
import { openLedgers, textOf } from './stored-ledger.ts';
import { Turns } from './turns.ts';
import type { UnreadStatus } from './unread.ts';
import { powerWithoutMeter } from './without-meter-settings.ts';

const PREFIX = 'stream/';
/** The key of the time after which a process must have begun for its counters to be counted from their start. */
const COUNTED_FROM = 'live/counted_from';
/** The key of the version that wrote the state, and what this one writes. */
const VERSION = ['live/version', '2'] as const;
/** Seconds between two looks for hosts that have not been heard of. */
const SWEEP = 60;
/** How many hosts there may be for each meter before it is looked earlier: those of which no meter has room are soon many. */
const HOSTS_A_METER = 2;
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
  readonly #sorting: Sorting;
  readonly #options: LiveOptions;
  readonly #stopping = new AbortController();
  #state: StoredState | undefined;
  #counting: Counting | undefined;
  #gathered: GatheredRuns | undefined;
  #looking: NodeJS.Timeout | undefined;
  /** Lists are read one after the other, and stay in their order where one has to give way. */
  #reading: Promise<void> = Promise.resolve();
  #countedFrom = Number.POSITIVE_INFINITY;
  #swept = 0;
  #isSweeping = false;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(ctx: SourceContext, config: LiveConfig, counters: Counters) {
    this.#ctx = ctx;
    this.#config = config;
    this.#counters = counters;
    this.#states = ctx.states(config.storage);
    this.#hosts = new Hosts(config.max_streams, config.identity, PREFIX);
    this.#options = optionsOf(config);
    this.#sorting = new Sorting(ctx, this.#hosts, this.#options, config);
  }

  /** How many meters are followed. */
  get meters(): number {
    return this.#hosts.meters;
  }

  streams(): ReturnType<NonNullable<Processor['streams']>> {
    const all = [...this.#hosts.all].sort((a, b) => b.touched - a.touched);
    return all.map(({ ledger, meters, touched }) => ({
      names: namesIn(ledger, this.#config.identity),
      meters: meters.host + meters.process,
      lastHeard: new Date(touched * 1000),
    }));
  }

  unread(): UnreadStatus {
    return this.#sorting.unread;
  }

  /** Of each host whose energy is attributed to workloads: its name, and the part that was left over of what was shared last. */
  get residuals(): readonly { readonly host: string; readonly ratio: number }[] {
    return [...this.#hosts.all].flatMap(({ ledger }) => {
      const [joules, rest] = ledger.attribution?.shared ?? [0, 0];
      const [name] = namesIn(ledger, this.#config.identity);
      return joules > 0 ? [{ host: name?.[1] ?? '', ratio: rest / joules }] : [];
    });
  }

  async start(): Promise<void> {
    const state = await this.#states.openState(this.#config.state, 'live');
    this.#state = state;
    const now = String(Date.now() / 1000);
    // A process that an earlier version has counted may be of another host by now.
    await state.update((get) => (get(VERSION[0]) === VERSION[1] ? [] : [[COUNTED_FROM, now], VERSION]));
    // What a ledger had counted that cannot be read is not to be counted again either.
    const open = this.#hosts.open.bind(this.#hosts);
    for (const { host, error } of await openLedgers(state, PREFIX, open, [[COUNTED_FROM, now]])) {
      const message = `the host \`${host}\` in ${state.place} cannot be read, and is counted from now on: ${messageOf(error)}`;
      this.#ctx.logger.error(message);
      this.#ctx.skip({ item: 'host', reason: 'unreadable', message });
    }
    this.#countedFrom = Number(state.get(COUNTED_FROM));
    const powerOf = await powerWithoutMeter(this.#config.without_meter, (include) => trainHost(include, this.#ctx));
    const stored = { state, hosts: this.#hosts, counters: this.#counters, prefix: PREFIX };
    this.#counting = new Counting(this.#ctx, { ...this.#options, ...stored, powerOf });
    this.#gathered = new GatheredRuns(this.#ctx, state, this.#config.max_streams, this.#config.identity);
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
    const before = this.#reading;
    const { promise, resolve: hasRead } = Promise.withResolvers<void>();
    this.#reading = promise;
    const others: Run[] = [];
    const taking: Promise<Outcome>[] = [];
    const sorted = Sorting.begin();
    try {
      await before;
      const pace = new Pace();
      for (const run of runs) {
        if (!this.#sorting.sort(run, now, sorted)) {
          if (this.#gathered && isPartOfRun(run)) taking.push(this.#gathered.take(run));
          else others.push(run);
        }
        await pace.giveWay();
      }
    } finally {
      hasRead();
    }
    if (sorted.ofHosts.size || sorted.refused.length || sorted.rest.size) taking.push(this.#take(sorted, now, signal));
    if (others.length) taking.push(this.#ctx.next.consume(others, signal));
    const outcome = joinOutcomes(await Promise.all(taking));
    const { wholes } = sorted;
    return wholes.size === 0 ? outcome : outcomeOfWholes(outcome, (part) => wholes.get(part));
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

  /** Counts what hosts sent, and hands on the rest. Never rejects: the others of its list may have been taken. */
  async #take({ ofHosts, rest, refused, wholes }: Sorted, now: number, signal: AbortSignal): Promise<Outcome> {
    const told = [...ofHosts.values()].flatMap((sent) => sent.map(({ run }) => run));
    const runs = [...told, ...refused.map(({ run }) => run)];
    try {
      const counting = this.#started(this.#counting);
      const counted = await this.#inTurn(ofHosts, (all) => {
        return counting.count(all, { now, countedFrom: this.#countedFrom }, signal);
      });
      const deferred = new Set(counted.deferred.map((run) => wholes.get(run) ?? run));
      const passing = [...rest].filter(([, run]) => !deferred.has(run)).map(([one]) => one);
      const passes = this.#config.other_metrics === 'pass' && passing.length > 0;
      const passed = passes ? await this.#ctx.next.consume(passing, signal) : allTaken;
      return settled(
        joinOutcomes([counted, { refused, deferred: [] }]),
        outcomeFor(passed, (run) => rest.get(run) ?? run),
      );
    } catch (error) {
      return deferAll(runs, errorOf(error));
    }
  }

  /** Does the work for hosts in their turn, once that for hosts which have turned out to be one of them has ended. */
  async #inTurn<T>(
    ofHosts: ReadonlyMap<string, readonly SentRun[]>,
    work: (all: readonly OfHost[]) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const sent = Map.groupBy(ofHosts, ([key]) => this.#hosts.get(key));
      const all = [...sent].map(([host, some]) => {
        if (!host) throw new Error('a host has just been forgotten');
        return { host, sent: some.flatMap(([, runs]) => runs) };
      });
      const keys = all.flatMap(({ host }) => [host.key, ...host.joining]);
      const done = await this.#turns.take(keys, async () => {
        const isStill = all.every(({ host }) => {
          return this.#hosts.get(host.key) === host && [...host.joining].every((key) => keys.includes(key));
        });
        return isStill ? { result: await work(all) } : undefined;
      });
      if (done) return done.result;
    }
  }

  /** Has idle hosts forgotten from time to time. Lists that come meanwhile wait as well, and stay in their order. */
  #sweep(now: number): Promise<void> {
    const isCrowded = this.#hosts.size > HOSTS_A_METER * this.#config.max_streams;
    if (this.#isSweeping || (now - this.#swept < SWEEP && !isCrowded)) return this.#sweeping;
    this.#swept = now;
    this.#isSweeping = true;
    this.#sweeping = this.#forgetIdle(now).finally(() => {
      this.#isSweeping = false;
    });
    const sweeping = this.#sweeping;
    sweeping.catch(() => {
      this.#sweeping = Promise.resolve();
    });
    return sweeping;
  }

  /** Forgets meters and hosts that have not been heard of for long; what was added up of them stays. */
  async #forgetIdle(now: number): Promise<void> {
    const { expirations, maxGap } = this.#options;
    await this.#settleSilent(now, maxGap);
    const forget = (host: Host, after = expirations) =>
      this.#turns.take([host.key], () => this.#forgetWithin(host, now, after));
    // A host of which no meter has room is followed in vain.
    const idle = new Set([...this.#hosts.silentSince(now - expirations.host), ...this.#hosts.withoutMeters]);
    await Promise.all([...idle].map((host) => forget(host)));
    // Hosts that come and go must not keep others out until they expire.
    const soon = { ...expirations, host: expirations.process };
    for (const host of this.#hosts.silentSince(now - soon.host)) {
      if (this.#hosts.room.host > 0) return;
      await forget(host, soon);
    }
  }

  /** Shares the energy that waits of hosts which have fallen silent. */
  async #settleSilent(now: number, maxGap: number): Promise<void> {
    const isWaiting = ({ ledger }: Host) => ledger.attribution?.energy.length && isSilent(ledger, maxGap, now);
    const silent = this.#hosts.silentSince(now - maxGap).filter(isWaiting);
    if (silent.length === 0) return;
    const counting = this.#started(this.#counting);
    const times = { now, countedFrom: this.#countedFrom };
    await this.#inTurn(new Map(silent.map(({ key }) => [key, []])), (all) =>
      counting.count(all, times, this.#stopping.signal),
    );
  }

  async #forgetWithin(host: Host, now: number, expirations: Expirations): Promise<void> {
    const state = this.#started(this.#state);
    const { key, ledger, joining } = host;
    if (this.#hosts.get(key) !== host || joining.size > 0) return;
    forgetSilent(ledger, now, expirations);
    const isGone = Object.values(ledger.feeds).every(({ meters, pending }) => meters.size === 0 && !pending?.length);
    if (isGone) this.#countedFrom = Math.max(this.#countedFrom, ledger.forgottenUntil ?? 0);
    await state.update(() => [
      [key, isGone ? undefined : textOf(ledger)],
      [COUNTED_FROM, String(this.#countedFrom)],
    ]);
    if (isGone) this.#hosts.forget(host);
    else this.#hosts.track(host, ledger);
  }

  #started<T>(thing: T | undefined): T {
    if (!thing) throw new Error('the processor is not started');
    return thing;
  }
}
