import type { HrTime } from '@opentelemetry/api';
import { holds } from 'wattline/figures';
import { secondsBetween } from 'wattline/plugin';
import { type Feed, isBetter, isCpuFeed, isMixed, isPowerFeed, kindOf, type Ledger, measureTheSame } from './feeds.ts';
import { after, type Increment } from './increments.ts';
import type { Meters } from './meters.ts';
import { namesContainer, shareContainer, sharePod } from './pods.ts';
import { takeOff, withMore } from './stretches.ts';
import { subjectsOf } from './subjects.ts';

/** How long what a holder holds may be more than what it measured, in seconds: then it is broken. */
const BROKEN = 600;

/** What of a feed counts now. */
export interface Settled {
  readonly counted: readonly Increment[];
  /** Of the CPU time of a whole host: what it was before what others within it used was taken off. */
  readonly whole?: readonly Increment[];
  readonly isBroken: boolean;
}

/**
 * Decides which of what the feeds of a host have measured counts. Of feeds that measure the same one counts at every time:
 * of those that have been heard of within `maxGap` seconds the one with the outermost boundary, then a counter before a
 * gauge, then the one that was there first. Of CPU time a holder counts for what is left of what others within it used.
 */
export class Settling {
  /** In the order in which they were first heard of. */
  readonly #feeds: readonly Feed[];
  readonly #order: ReadonlyMap<Feed, number>;
  /** The feeds among which another that measures the same is to be found, by what they may have in common. */
  readonly #groups = new Map<string, Feed[]>();
  readonly #neighbours = new Map<Feed, readonly Feed[]>();
  /** Feeds that may hold others: those that hold what is anywhere on the host, and the others by the places that they are. */
  readonly #holders = new Map<string, Feed[]>();
  readonly #around = new Map<Feed, readonly Feed[]>();
  readonly #maxGap: number;
  readonly #meters: Meters;
  readonly #modelledUntil: HrTime | undefined;
  #ends: Map<Feed, HrTime> | undefined;

  constructor({ feeds, modelledUntil }: Ledger, maxGap: number, meters: Meters) {
    this.#feeds = Object.values(feeds);
    this.#order = new Map(this.#feeds.map((feed, i) => [feed, i]));
    for (const feed of this.#feeds) {
      for (const group of groupsOf(feed)) note(this.#groups, group, feed);
      if (!isCpuFeed(feed) || feed.boundary === 'process') continue;
      for (const place of placesHeld(feed)) note(this.#holders, place, feed);
    }
    this.#maxGap = maxGap;
    this.#meters = meters;
    this.#modelledUntil = modelledUntil;
  }

  /** Notes what a feed measured: it may count once it is settled, and is no more for whoever holds it. */
  add(feed: Feed, increments: readonly Increment[]): void {
    if (increments.length === 0 || feed.isBroken) return;
    feed.pending = withMore(feed.pending ?? [], increments);
    if (!isCpuFeed(feed) || this.blocker(feed)) return;
    // One that has been away measures the time since when it is back.
    const holder = this.#holderOf(feed, () => true);
    const holders = holder && !this.#counts(holder, feed) ? [holder, this.#holderOf(feed)] : [holder];
    for (const one of holders) if (one) one.within = withMore(one.within ?? [], after(one.since, increments));
  }

  /** The feed that is counted in place of this one; undefined where it is counted itself. */
  blocker(feed: Feed): Feed | undefined {
    let isEarlier = true;
    const meters = this.#meters;
    for (const one of this.#near(feed)) {
      if (one === feed) isEarlier = false;
      else if (this.#counts(one, feed) && measureTheSame(one, feed, meters) && isBetter(one, feed, isEarlier, meters))
        return one;
    }
    return undefined;
  }

  /** Returns what of a feed's pending increments counts now. */
  settle(feed: Feed): Settled {
    const ends = this.#alike(feed).flatMap(({ until }) => (until ? [until] : []));
    if (this.#modelledUntil && isPowerFeed(feed)) ends.push(this.#modelledUntil);
    const floor = ends.length ? latest(ends) : undefined;
    const pending = floor ? after(floor, feed.pending ?? []) : (feed.pending ?? []);
    if (this.blocker(feed)) {
      setPending(feed, pending);
      return { counted: [], isBroken: false };
    }
    const known = this.#endOfInner(feed);
    const isKnown = ({ to }: Increment) => {
      return known === undefined || secondsBetween(to, known) >= 0 || secondsBetween(to, feed.seen) > this.#maxGap;
    };
    setPending(
      feed,
      pending.filter((one) => !isKnown(one)),
    );
    const ready = pending.filter(isKnown);
    if (ready.length === 0) return { counted: [], isBroken: false };
    const ended = latest(ready.map(({ to }) => to));
    const { until, within = [], debt = 0 } = feed;
    feed.until = until ? latest([until, ended]) : ended;
    const whole = feed.boundary === 'system' && { whole: ready };
    if (within.length === 0 && debt === 0) return { counted: ready, ...whole, isBroken: false };
    const rest = takeOff(ready, within, until, debt);
    if (rest.beyond.length) feed.within = rest.beyond;
    else delete feed.within;
    return { counted: rest.left, ...whole, isBroken: setDebt(feed, rest.debt, ended) };
  }

  /** The other feeds that measure the same as this one. */
  #alike(feed: Feed): readonly Feed[] {
    return this.#near(feed).filter((one) => one !== feed && measureTheSame(one, feed, this.#meters));
  }

  /** The feeds that may measure the same as this one, and itself, in the order in which they were first heard of. */
  #near(feed: Feed): readonly Feed[] {
    const known = this.#neighbours.get(feed);
    if (known) return known;
    const near = new Set(groupsOf(feed).flatMap((group) => this.#groups.get(group) ?? []));
    const inOrder = this.#inOrder(near);
    this.#neighbours.set(feed, inOrder);
    return inOrder;
  }

  /** Whether a feed may count in place of another: it is heard of, and can be relied on. */
  #counts(feed: Feed, other: Feed): boolean {
    return secondsBetween(feed.seen, other.seen) <= this.#maxGap && !isMixed(feed) && !feed.isBroken;
  }

  /** The innermost feed that holds what another measures, of those that count, mostly since they have been heard of. */
  #holderOf(feed: Feed, counts = (one: Feed) => this.#counts(one, feed)): Feed | undefined {
    let found: Feed | undefined;
    for (const one of this.#mayHold(feed)) {
      if (!holds(one.boundary, feed.boundary) || !counts(one) || !isHolder(one, feed)) continue;
      if (this.blocker(one)) continue;
      if (!found || isCloser(one, found, feed)) found = one;
    }
    return found;
  }

  /** The feeds that may hold this one, in the order in which they were first heard of. */
  #mayHold(feed: Feed): readonly Feed[] {
    const known = this.#around.get(feed);
    if (known) return known;
    const all = [...ALL, ...(feed.inside ?? [])].flatMap((place) => this.#holders.get(place) ?? []);
    const inOrder = this.#inOrder(new Set(all));
    this.#around.set(feed, inOrder);
    return inOrder;
  }

  #inOrder(feeds: ReadonlySet<Feed>): readonly Feed[] {
    return [...feeds].sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }

  /** Up to when all is known that a feed holds; undefined where it holds nothing. */
  #endOfInner(feed: Feed): HrTime | undefined {
    this.#ends ??= this.#findEnds();
    return this.#ends.get(feed);
  }

  #findEnds(): Map<Feed, HrTime> {
    const ends = new Map<Feed, HrTime>();
    if (this.#holders.size === 0) return ends;
    for (const one of this.#feeds) {
      if (!isCpuFeed(one) || this.blocker(one)) continue;
      const holder = this.#holderOf(one);
      // Whoever was there when the time began that is not settled is waited for.
      const begun = holder?.pending?.[0]?.from;
      if (!holder || !begun || secondsBetween(one.seen, begun) > this.#maxGap) continue;
      const end = ends.get(holder);
      if (!end || secondsBetween(end, one.seen) < 0) ends.set(holder, one.seen);
    }
    return ends;
  }
}

const ALL = [''] as const;

/** Feeds of which no group is the same never measure the same. */
function groupsOf(feed: Feed): readonly string[] {
  return kindOf(feed.boundary) === 'host' ? ALL : subjectsOf(feed);
}

/** The places where a feed holds what is there; the whole host is one, which has no name. */
function placesHeld({ boundary, inside = [] }: Feed): readonly string[] {
  return boundary === 'system' || boundary === 'containers' ? ALL : inside;
}

function note(groups: Map<string, Feed[]>, group: string, feed: Feed): void {
  const known = groups.get(group);
  if (known) known.push(feed);
  else groups.set(group, [feed]);
}

/** Whether a feed holds another of its host, whose boundary lies within its own. */
function isHolder(holder: Feed, { resource, inside = [], boundary }: Feed): boolean {
  if (holder.boundary === 'system') return true;
  if (holder.boundary === 'containers') return boundary !== 'process' || inside.length > 0;
  const { inside: around = [] } = holder;
  if (holder.resource === resource) return false;
  if (holder.boundary === 'pod') return sharePod(around, inside);
  return (
    shareContainer(around, inside) || (sharePod(around, inside) && !(namesContainer(around) && namesContainer(inside)))
  );
}

/** Whether the first of two holders is the closer one; of the containers of a pod the named one, else the busiest. */
function isCloser(a: Feed, b: Feed, { inside = [] }: Feed): boolean {
  if (a.boundary !== b.boundary) return holds(b.boundary, a.boundary);
  const [isIn, isInOther] = [a, b].map((one) => shareContainer(one.inside ?? [], inside));
  return isIn === isInOther ? readingOf(a) > readingOf(b) : isIn === true;
}

function readingOf({ meters }: Feed): number {
  return meters.entries.reduce((sum, [, [, , value]]) => sum + value, 0);
}

function setPending(feed: Feed, pending: readonly Increment[]): void {
  if (pending.length) feed.pending = pending;
  else delete feed.pending;
}

/** Keeps what is owed, and returns whether it has been owed for so long that the holder is broken. */
function setDebt(feed: Feed, debt: number, [seconds]: HrTime): boolean {
  delete feed.debt;
  if (debt <= 0) {
    delete feed.debtSince;
    return false;
  }
  feed.debtSince ??= seconds;
  if (seconds - feed.debtSince <= BROKEN) {
    feed.debt = debt;
    return false;
  }
  delete feed.debtSince;
  return true;
}

/** Returns the latest of some times. */
export function latest(times: readonly HrTime[]): HrTime {
  return times.reduce((a, b) => (secondsBetween(a, b) > 0 ? b : a));
}
