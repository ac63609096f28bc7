import type { HrTime } from '@opentelemetry/api';
import { type Boundary, depthOf, isCpu, type Meaning, overlap } from 'wattline/figures';
import { type Skipped, secondsBetween, toSeconds } from 'wattline/plugin';
import { type CeilingOptions, ceilingOf } from './ceilings.ts';
import { describeDoubt, timeOf } from './counter.ts';
import { type Feed, isBetter, kindOf, type Ledger, type MeterKind, orderOf } from './feeds.ts';
import { forgetOldest } from './forgetting.ts';
import { advance, after, type Increment, type MeterRules } from './increments.ts';
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
  /** How many cores the host has, as far as the run says so. */
  readonly cores: number | undefined;
  /** How many meters more of each kind there may be; those that are new are taken off. */
  readonly room: Record<MeterKind, number>;
  readonly ceilings: CeilingOptions;
  /** The counters of processes that began after this time, in seconds since 1970, are counted from their start. */
  readonly countedFrom: number;
  /** Whether the counters of a metric begin at 0 with the process that sends them, whatever the table of meters says. */
  readonly isOfSender: (meaning: Meaning) => boolean;
}

/**
 * Takes the readings of a run into the ledger of their host, and returns what they add. At every time only one of the
 * feeds that overlap is counted: of those that have been heard of within `maxGap` the one with the outermost boundary,
 * then a counter before a gauge, then the one that was there first. What another has been counted for is not counted again.
 */
export function updateLedger(ledger: Ledger, readings: readonly Reading[], options: UpdateOptions): LedgerUpdate {
  if (options.cores !== undefined && options.cores > (ledger.cores ?? 0)) ledger.cores = options.cores;
  const update = new Update(ledger, options);
  const feeds = readings.map((reading) => [update.open(reading), reading] as const);
  feeds.sort(([, a], [, b]) => depthOf(a.boundary) - depthOf(b.boundary) || orderOf(a.meaning) - orderOf(b.meaning));
  for (const [key, reading] of feeds) update.take(key, reading);
  return update;
}

class Update implements LedgerUpdate {
  readonly counted: Counted[] = [];
  readonly skipped: Skipped[] = [];
  resets = 0;
  uncovered = 0;
  readonly #ledger: Ledger;
  readonly #options: UpdateOptions;
  /** The kinds of which no meter has fallen silent. */
  readonly #full = new Set<MeterKind>();

  constructor(ledger: Ledger, options: UpdateOptions) {
    this.#ledger = ledger;
    this.#options = options;
  }

  /** Notes that a feed was heard of. */
  open({ meaning, boundary, meters }: Reading): string {
    const { resource, now } = this.#options;
    const key = `${boundary} ${meaning.name} ${resource}`;
    const times = [...meters.values()].flatMap((points) => points.map(({ time }) => time));
    const { feeds } = this.#ledger;
    const known = feeds[key];
    const seen = latest(known ? [known.seen, ...times] : times);
    const touched = Math.floor(now);
    const scope = isCpu(meaning) ? resource : '';
    const fresh: Feed = { name: meaning.name, boundary, scope, since: earliest(times), seen, touched, meters: {} };
    feeds[key] = known ? Object.assign(known, { seen, touched }) : fresh;
    return key;
  }

  /** Counts what a feed has to say, unless a better one is there. */
  take(key: string, reading: Reading): void {
    const feed = this.#ledger.feeds[key] as Feed;
    const others = Object.entries(this.#ledger.feeds).filter(
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

  #count(feed: Feed, reading: Reading, floor: HrTime | undefined): void {
    const { meaning, boundary, meters } = reading;
    const rules = this.#rulesFor(reading);
    const counted: Increment[] = [];
    for (const [source, points] of meters) {
      if (!this.#admit(feed, source)) continue;
      const known = feed.meters[source];
      const start = rules.origin === 'process' ? points[0]?.start : undefined;
      const isMoved = !known && start !== undefined && this.#isFollowed(feed, toSeconds(start));
      const own = isMoved ? { ...rules, countedFrom: Number.POSITIVE_INFINITY } : rules;
      const { increments, last, late, resets, gaps, doubts } = advance(points, known, own);
      if (last) feed.meters[source] = last;
      if (start) feed.starts = { ...feed.starts, [source]: toSeconds(start) };
      counted.push(...(floor ? after(floor, increments) : increments));
      this.resets += resets;
      for (let i = 0; i < late; i++) this.#skip(feed.name, 'late_point', 'has a point that is not after the last one');
      for (const gap of gaps) {
        this.uncovered += gap;
        this.#skip(feed.name, 'gap', `has two points ${gap} s apart; the time between is not counted`);
      }
      for (const doubt of doubts) this.#skip(feed.name, doubt, describeDoubt(doubt, rules));
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

  #rulesFor({ meaning, boundary, form }: Reading): MeterRules {
    const { maxGap, ceilings, countedFrom, isOfSender } = this.#options;
    const { cores, forgottenUntil = 0 } = this.#ledger;
    return {
      form,
      origin: isOfSender(meaning) ? 'process' : meaning.origin,
      ranges: meaning.ranges ?? [],
      ceiling: ceilingOf(meaning, boundary, ceilings, cores),
      maxGap,
      countedFrom: Math.max(countedFrom, forgottenUntil),
    };
  }

  /** Whether a process that began then is counted already, under other attributes of its resource. */
  #isFollowed(feed: Feed, start: number): boolean {
    const others = Object.values(this.#ledger.feeds).filter((other) => other !== feed && other.name === feed.name);
    return others.some(({ starts = {} }) => Object.values(starts).includes(start));
  }

  /** Whether a meter is known, or there is room for it; one of its kind that has fallen silent makes room. */
  #admit({ name, boundary, seen, meters }: Feed, source: string): boolean {
    if (meters[source]) return true;
    const kind = kindOf(boundary);
    const { room } = this.#options;
    if (room[kind] > 0) {
      room[kind]--;
      return true;
    }
    const isFull = this.#full.has(kind) || !forgetOldest(this.#ledger, kind, toSeconds(seen) - this.#options.maxGap);
    if (!isFull) return true;
    this.#full.add(kind);
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
