import type { Counter } from '@opentelemetry/api';
import {
  deferAll,
  errorOf,
  joinOutcomes,
  type Outcome,
  Pace,
  type Refusal,
  type Run,
  refuseAll,
  type SourceContext,
  type StoredState,
} from 'wattline/plugin';
import type { Ledger } from './feeds.ts';
import { forgetSilent } from './forgetting.ts';
import type { Host, Hosts } from './hosts.ts';
import type { HostName } from './identity.ts';
import { updateLedger } from './ledger.ts';
import type { Counted, LedgerUpdate, Sent, UpdateOptions } from './ledger-update.ts';
import { PodNames } from './pod-names.ts';
import type { Resource } from './resources.ts';
import type { LiveOptions } from './settings.ts';
import { emptySlice, type Sliced, slicesOf } from './slices.ts';
import { joinLedgers, parseLedger, textOf } from './stored-ledger.ts';

/** How many hosts are counted together, and how many points: others have a turn between. */
const MOST_HOSTS = 256;
const MOST_POINTS = 5000;

/** The own metrics that count what live streams come to. */
export interface Counters {
  readonly uncovered: Counter;
  readonly resets: Counter;
  readonly late: Counter;
}

/** What a resource sent, and the run that it came as. */
export interface SentRun extends Pick<Sent, 'readings' | 'cores'> {
  readonly run: Run;
  readonly resource: Resource;
}

/** What counts the points of hosts. */
export interface CountingOptions extends LiveOptions, Pick<UpdateOptions, 'powerOf'> {
  readonly state: StoredState;
  readonly hosts: Hosts;
  readonly counters: Counters;
  /** What the keys of hosts begin with. */
  readonly prefix: string;
}

/** What a host sent. */
export interface OfHost {
  readonly host: Host;
  readonly sent: readonly SentRun[];
}

/** When something is counted: the own clock, and when processes must have begun that count from their start, in seconds since 1970. */
export interface CountingTimes {
  readonly now: number;
  readonly countedFrom: number;
}

/** What a host came to, until it is taken: its slices, of which the last moves its position to that after them. */
interface Batch extends OfHost {
  readonly updates: readonly LedgerUpdate[];
  readonly position: string;
  readonly wasSettled: boolean;
  readonly slices: readonly Run[];
}

/**
 * Counts what hosts sent, and hands on the slices that it comes to, all hosts of a list at once. Of one host it must be asked
 * one thing at a time.
 */
export class Counting {
  readonly #ctx: SourceContext;
  readonly #options: CountingOptions;

  constructor(ctx: SourceContext, options: CountingOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Returns what became of the points of each host. What is not taken leaves nothing behind. */
  async count(all: readonly OfHost[], times: CountingTimes, signal: AbortSignal): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    let failure: Outcome | undefined;
    const pace = new Pace();
    for (const part of partsOf(all)) {
      // What a host sent later must not be counted before.
      const outcome = failure
        ? deferAll(part.flatMap(runsOf), failure.cause ?? new Error('what came before was not taken'))
        : await this.#countSome(part, times, pace, signal);
      if (outcome.deferred.length) failure = outcome;
      outcomes.push(outcome);
    }
    return joinOutcomes(outcomes);
  }

  async #countSome(all: readonly OfHost[], times: CountingTimes, pace: Pace, signal: AbortSignal): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    const batches: Batch[] = [];
    for (const one of all) {
      await pace.giveWay();
      try {
        await this.#join(one.host);
        batches.push(this.#update(one, times));
      } catch (error) {
        this.#reload(one.host);
        outcomes.push(deferAll(runsOf(one), errorOf(error)));
      }
    }
    return joinOutcomes([...outcomes, await this.#settle(batches, signal)]);
  }

  #update({ host, sent }: OfHost, times: CountingTimes): Batch {
    const { hosts, maxGap, ceilings, meters, isOfSender, expirations, attribution, powerOf } = this.#options;
    const { ledger, key, isSettled } = host;
    const room = { ...hosts.room };
    const podNames = new PodNames(ledger);
    const told = sent.map((one) => toldOf(one, ledger.names, podNames));
    const options = { ...times, maxGap, room, ceilings, meters, isOfSender, attribution, powerOf };
    const { updates, counted, skipped } = updateLedger(ledger, told, options);
    for (const one of [...updates.flatMap((update) => update.skipped), ...skipped]) this.#ctx.skip(one);
    forgetSilent(ledger, times.now, expirations);
    hosts.track(host, ledger);
    const position = textOf(ledger);
    const batch = { host, sent, updates, position, wasSettled: isSettled };
    if (!hasMeters(ledger)) return { ...batch, slices: [] };
    const slices = slicesOf(counted.flatMap(slicedOf), key, position);
    if (slices.length > 0 || isSettled) return { ...batch, slices };
    return { ...batch, slices: [emptySlice(told[0]?.ofHost ?? {}, key, position)] };
  }

  /** Hands the slices over; positions are moved by `totals`, or here where nobody else does. */
  async #settle(batches: readonly Batch[], signal: AbortSignal): Promise<Outcome> {
    const { state } = this.#options;
    for (const { host, slices } of batches) if (slices.length) host.isSettled = false;
    let failed: ReadonlyMap<Batch, Outcome>;
    try {
      failed = await this.#handOn(batches, signal);
      const moved = batches.filter(
        (one) => !failed.has(one) && hasMeters(one.host.ledger) && state.get(one.host.key) !== one.position,
      );
      if (moved.length) await state.update(() => moved.map(({ host: { key }, position }) => [key, position] as const));
    } catch (error) {
      for (const { host } of batches) this.#reload(host);
      return deferAll(batches.flatMap(runsOf), errorOf(error));
    }
    return joinOutcomes(batches.map((one) => this.#end(one, failed.get(one))));
  }

  /** The last slice of a host goes on once those before it are taken: all of them count, or none. */
  async #handOn(batches: readonly Batch[], signal: AbortSignal): Promise<ReadonlyMap<Batch, Outcome>> {
    const failed = new Map<Batch, Outcome>();
    const hand = async (slicesOf: (slices: readonly Run[]) => readonly Run[]) => {
      const owners = new Map<Run, Batch>();
      for (const one of batches) {
        if (!failed.has(one)) for (const slice of slicesOf(one.slices)) owners.set(slice, one);
      }
      if (owners.size === 0) return;
      const { refused, deferred, cause } = await this.#ctx.next.consume([...owners.keys()], signal);
      for (const refusal of refused) failed.set(owners.get(refusal.run) as Batch, { refused: [refusal], deferred: [] });
      for (const slice of deferred) failed.set(owners.get(slice) as Batch, { refused: [], deferred: [slice], cause });
    };
    await hand((slices) => slices.slice(0, -1));
    await hand((slices) => slices.slice(-1));
    return failed;
  }

  /** What comes again is counted when it is taken. */
  #end(batch: Batch, failure: Outcome | undefined): Outcome {
    const { host, sent, updates, wasSettled, slices } = batch;
    if (failure) {
      this.#reload(host);
      const { refused, cause } = failure;
      const [first] = refused;
      const runs = runsOf(batch);
      if (first) return refuseAll(runs, first.reason, first.message);
      return deferAll(runs, cause ?? new Error('what it came to was not taken'));
    }
    host.isSettled = wasSettled || slices.length > 0;
    const { counters } = this.#options;
    for (const { uncovered, resets, late } of updates) {
      counters.uncovered.add(uncovered);
      counters.resets.add(resets);
      counters.late.add(late);
    }
    return { refused: sent.flatMap(({ run }, i) => refusalOf(run, updates[i] as LedgerUpdate)), deferred: [] };
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
    await state.update(() => [[host.key, textOf(ledger)], ...keys.map((key): [string, undefined] => [key, undefined])]);
    for (const key of keys) host.joining.delete(key);
    hosts.track(host, ledger);
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

/** Puts what hosts sent into parts, in each of which a host is once; mostly it is one. */
function* partsOf(all: readonly OfHost[]): Generator<readonly OfHost[]> {
  let part: OfHost[] = [];
  let points = 0;
  for (const { host, sent } of all) {
    let own: SentRun[] = [];
    for (const one of sent) {
      const isFull = points > 0 && points + one.run.pointCount > MOST_POINTS;
      if (isFull || part.length === MOST_HOSTS) {
        yield own.length ? [...part, { host, sent: own }] : part;
        [part, own, points] = [[], [], 0];
      }
      own.push(one);
      points += one.run.pointCount;
    }
    part.push({ host, sent: own });
  }
  if (part.length) yield part;
}

function runsOf({ sent }: OfHost): Run[] {
  return sent.map(({ run }) => run);
}

/** What counts by the attributes of its slices, which are the same object where they are the same. */
function slicedOf(counted: readonly Counted[]): Sliced[] {
  const [first] = counted;
  if (first && counted.every(({ attributes }) => attributes === first.attributes))
    return [{ attributes: first.attributes, counted }];
  return Array.from(
    Map.groupBy(counted, (one) => one.attributes),
    ([attributes, own]) => ({ attributes, counted: own }),
  );
}

/** What a run says of a host that has these names. */
function toldOf({ run, resource, readings, cores }: SentRun, names: readonly HostName[], podNames: PodNames): Sent {
  const { id, identity, inside, process, who } = resource;
  const { isNamed } = identity;
  return {
    peer: run.peer,
    resource: id,
    inside,
    process,
    who,
    isNamed,
    own: resource.ownBy(podNames),
    ofHost: resource.ofHost(names),
    readings,
    cores,
  };
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
  return Object.values(feeds).some(({ meters }) => meters.size > 0);
}

/** Returns the outcome of runs whose points of meters and other metrics went two ways: each run is deferred or refused once. */
export function settled(meters: Outcome, others: Outcome): Outcome {
  const told = new Set([...others.deferred, ...others.refused.map(({ run }) => run)]);
  return joinOutcomes([{ ...meters, refused: meters.refused.filter(({ run }) => !told.has(run)) }, others]);
}
