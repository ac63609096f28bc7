import type { HrTime } from '@opentelemetry/api';
import { type Boundary, depthOf, isCpu, type Meaning, overlap } from 'wattline/figures';
import { type Skipped, secondsBetween } from 'wattline/plugin';
import { type Feed, isBetter, type Ledger, orderOf } from './feeds.ts';
import { advance, after, type Increment, timeOf } from './increments.ts';
import type { Reading } from './reading.ts';

/** What belongs to one boundary of what a run came to. */
export interface Counted {
  readonly meaning: Meaning;
  readonly boundary: Boundary;
  readonly increments: readonly Increment[];
}

/** What a run adds to a ledger. */
export interface LedgerUpdate {
  readonly counted: readonly Counted[];
  readonly skipped: readonly Skipped[];
  readonly resets: number;
  /** Seconds of gauges that are not counted since points are missing. */
  readonly uncovered: number;
}

/** How a run is taken into a ledger. */
export interface UpdateOptions {
  /** What tells the resource from others. */
  readonly resource: string;
  /** How to name it in messages. */
  readonly who: string;
  /** The own clock, in seconds since 1970. */
  readonly now: number;
  /** Seconds. */
  readonly maxGap: number;
  readonly expiration: number;
  /** How many meters more there may be. */
  readonly room: number;
}

/**
 * Takes the readings of a run into the ledger of their host, and returns what they add. At every time only one of the
 * feeds that overlap is counted: of those that have been heard of within `maxGap` the one with the outermost boundary,
 * then a counter before a gauge, then the one that was there first. What another has been counted for is not counted again.
 */
export function updateLedger(ledger: Ledger, readings: readonly Reading[], options: UpdateOptions): LedgerUpdate {
  const update = new Update(ledger, options);
  const feeds = readings.map((reading) => [update.open(reading), reading] as const);
  feeds.sort(([, a], [, b]) => depthOf(a.boundary) - depthOf(b.boundary) || orderOf(a.meaning) - orderOf(b.meaning));
  for (const [key, reading] of feeds) update.take(key, reading);
  update.prune();
  return update;
}

class Update implements LedgerUpdate {
  readonly counted: Counted[] = [];
  readonly skipped: Skipped[] = [];
  resets = 0;
  uncovered = 0;
  readonly #ledger: Ledger;
  readonly #options: UpdateOptions;
  #room: number;

  constructor(ledger: Ledger, options: UpdateOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#room = options.room;
  }

  /** Notes that a feed was heard of. */
  open({ meaning, boundary, meters }: Reading): string {
    const { resource, now } = this.#options;
    const key = `${boundary} ${meaning.name} ${resource}`;
    const times = [...meters.values()].flatMap((points) => points.map(({ time }) => time));
    const known = this.#ledger[key];
    const seen = latest(known ? [known.seen, ...times] : times);
    const touched = Math.floor(now);
    const scope = isCpu(meaning) ? resource : '';
    const fresh: Feed = { name: meaning.name, boundary, scope, since: earliest(times), seen, touched, meters: {} };
    this.#ledger[key] = known ? Object.assign(known, { seen, touched }) : fresh;
    return key;
  }

  /** Counts what a feed has to say, unless a better one is there. */
  take(key: string, reading: Reading): void {
    const feed = this.#ledger[key] as Feed;
    const others = Object.entries(this.#ledger).filter(
      ([other, { scope, boundary }]) => other !== key && scope === feed.scope && overlap(boundary, feed.boundary),
    );
    const newest = latest([...reading.meters.values()].flatMap((points) => points.map(({ time }) => time)));
    const better = others.find(
      ([other, candidate]) =>
        secondsBetween(candidate.seen, newest) <= this.#options.maxGap && isBetter(candidate, feed, other < key),
    )?.[1];
    const ends = others.flatMap(([, { until }]) => (until ? [until] : []));
    const floor = ends.length ? latest(ends) : undefined;
    if (better) {
      this.#skip(feed.name, 'overlapping_zone', `is not counted, since \`${better.name}\` measures it too`);
      this.#follow(feed, reading, floor);
    } else this.#count(feed, reading, floor);
  }

  /** Forgets meters that have not been heard of for long. */
  prune(): void {
    const { now, expiration } = this.#options;
    for (const [key, feed] of Object.entries(this.#ledger)) {
      if (now - feed.touched > expiration) delete this.#ledger[key];
      for (const [source, last] of Object.entries(feed.meters)) {
        if (secondsBetween(timeOf(last), feed.seen) > expiration) delete feed.meters[source];
      }
    }
  }

  #count(feed: Feed, { meaning, boundary, form, meters }: Reading, floor: HrTime | undefined): void {
    const counted: Increment[] = [];
    for (const [source, points] of meters) {
      if (!this.#admit(feed, source)) continue;
      const { increments, last, late, resets, gaps } = advance(points, form, feed.meters[source], this.#options.maxGap);
      if (last) feed.meters[source] = last;
      counted.push(...(floor ? after(floor, increments) : increments));
      this.resets += resets;
      for (let i = 0; i < late; i++) this.#skip(feed.name, 'late_point', 'has a point that is not after the last one');
      for (const gap of gaps) {
        this.uncovered += gap;
        this.#skip(feed.name, 'gap', `has two points ${gap} s apart; the time between is not counted`);
      }
    }
    delete feed.ahead;
    if (counted.length === 0) return;
    const ends = counted.map(({ to }) => to);
    feed.until = latest(feed.until ? [...ends, feed.until] : ends);
    this.counted.push({ meaning, boundary, increments: counted });
  }

  /** A feed that is not counted keeps its place at the end of what others are, from where it may take over. */
  #follow(feed: Feed, { meters }: Reading, floor: HrTime | undefined): void {
    for (const [source, points] of meters) {
      if (!this.#admit(feed, source)) continue;
      const { [source]: waiting, ...ahead } = feed.ahead ?? {};
      feed.ahead = ahead;
      const all = [...(waiting ? [waiting] : []), ...points.map(({ time, value }) => [...time, value] as const)];
      for (const point of all.sort((a, b) => secondsBetween(timeOf(b), timeOf(a)))) {
        const last = feed.meters[source];
        if (last && secondsBetween(timeOf(last), timeOf(point)) <= 0) continue;
        const isPassed = floor !== undefined && secondsBetween(timeOf(point), floor) >= 0;
        if (!last || isPassed) feed.meters[source] = point;
        else feed.ahead[source] ??= point;
      }
    }
  }

  /** Whether a meter is known, or there is room for it. */
  #admit({ name, meters }: Feed, source: string): boolean {
    if (meters[source]) return true;
    if (this.#room > 0) return this.#room-- > 0;
    this.#skip(name, 'too_many_streams', 'has one more meter than `max_streams` allows');
    return false;
  }

  #skip(item: string, reason: string, problem: string): void {
    this.skipped.push({ item, reason, message: `\`${item}\` of ${this.#options.who} ${problem}` });
  }
}

function earliest(times: readonly HrTime[]): HrTime {
  return times.reduce((a, b) => (secondsBetween(a, b) < 0 ? b : a));
}

function latest(times: readonly HrTime[]): HrTime {
  return times.reduce((a, b) => (secondsBetween(a, b) > 0 ? b : a));
}
