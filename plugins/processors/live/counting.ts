import type { Counter } from '@opentelemetry/api';
import {
  allTaken,
  isAllTaken,
  joinOutcomes,
  type Outcome,
  type Refusal,
  type Run,
  type SourceContext,
  type StoredState,
} from 'wattline/plugin';
import type { Ledger } from './feeds.ts';
import { forgetSilent } from './forgetting.ts';
import type { Host, Hosts } from './hosts.ts';
import { type HostName, hostAttributes, ownAttributes } from './identity.ts';
import { type LedgerUpdate, type Sent, updateLedger } from './ledger.ts';
import type { LiveOptions } from './settings.ts';
import { emptySlice, type Sliced, slicesOf } from './slices.ts';
import { joinLedgers, parseLedger } from './stored-ledger.ts';

/** The own metrics that count what live streams come to. */
export interface Counters {
  readonly uncovered: Counter;
  readonly resets: Counter;
  readonly late: Counter;
}

/** What a resource sent, and the run that it came as. */
export interface SentRun extends Sent {
  readonly run: Run;
}

/** What counts the points of hosts. */
export interface CountingOptions extends LiveOptions {
  readonly state: StoredState;
  readonly hosts: Hosts;
  readonly counters: Counters;
  /** What the keys of hosts begin with. */
  readonly prefix: string;
}

/** Counts what hosts sent, and hands on the slices that it comes to. Of one host it must be asked one thing at a time. */
export class Counting {
  readonly #ctx: SourceContext;
  readonly #options: CountingOptions;

  constructor(ctx: SourceContext, options: CountingOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Counts what a host sent, at a time in seconds since 1970. Processes that began after `countedFrom` count from their start. */
  async count(
    host: Host,
    sent: readonly SentRun[],
    { now, countedFrom, signal }: { now: number; countedFrom: number; signal: AbortSignal },
  ): Promise<Outcome> {
    const { hosts, counters, maxGap, ceilings, isOfSender, expirations } = this.#options;
    await this.#join(host);
    const { ledger } = host;
    try {
      const room = { ...hosts.room };
      const options = { now, maxGap, room, ceilings, countedFrom, isOfSender };
      const updates = updateLedger(ledger, sent, options);
      for (const { skipped } of updates) for (const one of skipped) this.#ctx.skip(one);
      const refused = sent.flatMap(({ run }, i) => refusalOf(run, updates[i] as LedgerUpdate));
      forgetSilent(ledger, now, expirations);
      if (!hasMeters(ledger)) return { refused, deferred: [] };
      hosts.track(host, ledger);
      const slices = sent.flatMap(({ run }, i) => slicedOf(run, updates[i] as LedgerUpdate, ledger.names));
      const outcome = await this.#handOver(host, slices, signal);
      // What comes again is counted when it is taken.
      if (!isAllTaken(outcome)) {
        this.#reload(host);
        return outcome;
      }
      for (const { uncovered, resets, late } of updates) {
        counters.uncovered.add(uncovered);
        counters.resets.add(resets);
        counters.late.add(late);
      }
      return { refused, deferred: [] };
    } catch (error) {
      this.#reload(host);
      throw error;
    }
  }

  /** Makes one ledger of those of hosts that have turned out to be one. */
  async #join(host: Host): Promise<void> {
    const { state, hosts } = this.#options;
    const keys = [...host.joining];
    if (keys.length === 0) return;
    const ledger = joinLedgers(
      host.ledger,
      keys.map((key) => this.#stored(key)),
    );
    await state.update(() => [
      [host.key, JSON.stringify(ledger)],
      ...keys.map((key): [string, undefined] => [key, undefined]),
    ]);
    for (const key of keys) host.joining.delete(key);
    hosts.track(host, ledger);
  }

  /** Hands the slices over; the position is moved by `totals`, or here where nobody else does. */
  async #handOver(host: Host, sliced: readonly Sliced[], signal: AbortSignal): Promise<Outcome> {
    const { state } = this.#options;
    const { key } = host;
    const position = JSON.stringify(host.ledger);
    const slices = slicesOf(sliced, key, position);
    if (slices.length === 0 && !host.isSettled) slices.push(emptySlice(sliced[0]?.attributes ?? {}, key, position));
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

  /** Goes back to what the state holds, since what came after it was not taken. */
  #reload(host: Host): void {
    const { names } = host.ledger;
    const stored = this.#stored(host.key);
    this.#options.hosts.track(host, stored.names.length ? stored : { ...stored, names });
  }

  #stored(key: string): Ledger {
    const { state, prefix } = this.#options;
    return parseLedger(state.get(key), key.slice(prefix.length));
  }
}

/** What a run came to: what its host used, and what it used itself. */
function slicedOf({ attributes }: Run, { counted }: LedgerUpdate, names: readonly HostName[]): Sliced[] {
  const { own = [], host = [] } = Object.groupBy(counted, ({ isOfHost }) => (isOfHost ? 'host' : 'own'));
  return [
    { counted: host, attributes: hostAttributes(attributes, names) },
    { counted: own, attributes: ownAttributes(attributes) },
  ];
}

/** The refusal of the points of a run whose sender cannot be told. */
function refusalOf(run: Run, { refused }: LedgerUpdate): Refusal[] {
  const [first] = refused;
  if (!first) return [];
  const points = refused.reduce((sum, one) => sum + one.points, 0);
  const message = refused.map((one) => one.message).join('; ');
  return [{ run, reason: first.reason, message, ...(points < run.pointCount && { points }) }];
}

function hasMeters({ feeds }: Ledger): boolean {
  return Object.values(feeds).some(({ meters }) => Object.keys(meters).length > 0);
}

/** Returns the outcome of runs whose points of meters and other metrics went two ways: each run is deferred or refused once. */
export function settled(meters: Outcome, others: Outcome): Outcome {
  const told = new Set([...others.deferred, ...others.refused.map(({ run }) => run)]);
  return joinOutcomes([{ ...meters, refused: meters.refused.filter(({ run }) => !told.has(run)) }, others]);
}
