import type { Attributes } from '@opentelemetry/api';
import { type Boundary, depthOf, type Meaning } from 'wattline/figures';
import { type Skipped, toSeconds } from 'wattline/plugin';
import type { AttributionOptions } from './attribution-state.ts';
import { type CeilingOptions, ceilingOf } from './ceilings.ts';
import { describeDoubt } from './counter.ts';
import { believe } from './doubts.ts';
import { type Feed, isCpuFeed, kindOf, type Ledger, type MeterKind } from './feeds.ts';
import { forgetOldest } from './forgetting.ts';
import { isPerCpu } from './groups.ts';
import { type Advanced, advance, type Increment, type MeterRules } from './increments.ts';
import { witnessOf } from './levels.ts';
import type { Meters } from './meters.ts';
import { byTime, spanOf } from './moments.ts';
import { type OpenOptions, openFeed } from './open-feed.ts';
import type { Inside } from './pods.ts';
import type { Reading } from './reading.ts';
import { leastNoise } from './rivals.ts';
import type { Settling } from './settling.ts';
import type { Starts } from './starts.ts';
import type { ProcessName } from './subjects.ts';
import { readsTooLittle, tallied } from './tallies.ts';
import type { PowerOf } from './without-meter-settings.ts';

/** What a resource of a host sent. */
export interface Sent {
  /** What tells the resource from others. */
  readonly resource: string;
  readonly inside: Inside;
  readonly process?: ProcessName | undefined;
  /** How to name it in messages. */
  readonly who: string;
  /** The attributes of the slices of what its host used, and of what it used itself. */
  readonly ofHost: Attributes;
  readonly own: Attributes;
  /** Whether anything tells its sender from others. */
  readonly isNamed: boolean;
  readonly readings: readonly Reading[];
  /** How many cores the host has, as far as it says so. */
  readonly cores: number | undefined;
  /** The address that it came from, where that is known. */
  readonly peer?: string | undefined;
}

/** What belongs to one boundary of what a resource came to. */
export interface Counted {
  readonly meaning: Pick<Meaning, 'unit'>;
  readonly boundary: Boundary;
  /** Those of its slices. */
  readonly attributes: Attributes;
  readonly increments: readonly Increment[];
  /** Of the CPU time of a whole host: what it was before what others within it used was taken off. */
  readonly whole?: readonly Increment[];
}

/** Points that are refused, since it cannot be told whose they are. */
export interface RefusedPoints {
  readonly reason: string;
  readonly message: string;
  points: number;
}

/** What a resource adds to a ledger. */
export interface LedgerUpdate {
  readonly counted: readonly Counted[];
  readonly skipped: readonly Skipped[];
  readonly refused: readonly RefusedPoints[];
  readonly resets: number;
  /** Seconds of gauges that are not counted since points are missing. */
  readonly uncovered: number;
  /** How many points were not after the last one of their meter. */
  readonly late: number;
}

/** How what a host sent is taken into its ledger. */
export interface UpdateOptions extends OpenOptions {
  /** Seconds. */
  readonly maxGap: number;
  /** How many meters more of each kind there may be; those that are new are taken off. */
  readonly room: Record<MeterKind, number>;
  readonly ceilings: CeilingOptions;
  readonly meters: Meters;
  /** The counters of processes that began after this time, in seconds since 1970, are counted from their start. */
  readonly countedFrom: number;
  /** What hosts without a meter draw; undefined where nothing is modelled. */
  readonly powerOf?: PowerOf | undefined;
  /** How energy is attributed to workloads; undefined where it is the host's alone. */
  readonly attribution?: AttributionOptions | undefined;
}

/** Points of the meters of a feed, mostly of one time. */
type Moment = Pick<Reading, 'meaning' | 'meters'>;

/** What one resource of a host adds to its ledger, in three steps: it is made, all are measured, and all are settled. */
export class Update implements LedgerUpdate {
  readonly counted: Counted[] = [];
  readonly skipped: Skipped[] = [];
  readonly refused: RefusedPoints[] = [];
  resets = 0;
  uncovered = 0;
  late = 0;
  readonly #ledger: Ledger;
  readonly #starts: Starts;
  readonly #sent: Sent;
  readonly #options: UpdateOptions;
  readonly #feeds: (readonly [feed: Feed, reading: Reading])[];
  /** The kinds of which no meter has fallen silent. */
  readonly #full = new Set<MeterKind>();

  constructor(ledger: Ledger, sent: Sent, options: UpdateOptions, starts: Starts) {
    this.#ledger = ledger;
    this.#starts = starts;
    this.#sent = sent;
    this.#options = options;
    this.#feeds = sent.readings.flatMap((reading) => {
      return this.#isTold(reading) ? [[openFeed(ledger, sent, reading, options), reading] as const] : [];
    });
    // What holds others is settled before them.
    this.#feeds.sort(([a], [b]) => depthOf(a.boundary) - depthOf(b.boundary));
  }

  /** Levels of two senders under one name cannot be told apart, as counts can. */
  #isTold(reading: Reading): boolean {
    if (this.#sent.isNamed || reading.form !== 'gauge' || reading.meaning.unit !== 'W') return true;
    const what =
      'is of a sender that nothing tells from others; give its resource a `host.name` or `service.instance.id`';
    this.#refuse(reading, 'no_identity', what);
    return false;
  }

  /** Reads the points of all feeds. */
  measure(settling: Settling): void {
    for (const [feed, reading] of this.#feeds) {
      const isCounted = !settling.blocker(feed);
      const rules = this.#rulesFor(feed, reading);
      const increments =
        this.#rise(feed, reading, rules) ??
        byTime(reading.meters).flatMap((meters) =>
          this.#measure(feed, { meaning: reading.meaning, meters }, rules, isCounted),
        );
      settling.add(feed, increments);
      if (isCpuFeed(feed)) continue;
      const tally = tallied(feed.tally, increments);
      if (tally) feed.tally = tally;
    }
  }

  /** Counts what is known to count by now. */
  settle(settling: Settling): void {
    for (const [feed, { meaning, boundary }] of this.#feeds) {
      this.#judge(feed);
      const { counted, whole, isBroken } = settling.settle(feed);
      if (isBroken) this.#skipBroken(feed);
      const attributes = meaning.isOfResource || feed.isOfSender ? this.#sent.own : this.#sent.ofHost;
      if (counted.length || whole)
        this.counted.push({ meaning, boundary, attributes, increments: counted, ...(whole && { whole }) });
      if (feed.pending && isCpuFeed(feed)) feed.attributes = attributes;
      else delete feed.attributes;
    }
  }

  /** A holder that reads less than what it holds does not count. */
  #judge(feed: Feed): void {
    const isBroken = isCpuFeed(feed)
      ? undefined
      : readsTooLittle(feed, Object.values(this.#ledger.feeds), this.#options.meters);
    if (isBroken === undefined || isBroken === (feed.isBroken ?? false)) return;
    if (isBroken) {
      feed.isBroken = true;
      delete feed.pending;
      this.#skipBroken(feed);
    } else delete feed.isBroken;
  }

  #skipBroken(feed: Feed): void {
    const problem = 'has read less than what it holds for ten minutes, and does not count until it reads more';
    this.#skip(feed.name, 'broken_holder', problem);
  }

  /** Mostly all counters of a feed have risen, and nothing else is to be said of them. */
  #rise(feed: Feed, reading: Reading, rules: MeterRules): Increment[] | undefined {
    if (rules.form !== 'counter' || rules.origin === 'process' || feed.doubts) return undefined;
    const risen = feed.meters.rise(reading, rules.ceiling);
    return risen && [risen];
  }

  /** Reads the points of one time. One sender sends all meters of a feed, except that containers restart one by one. */
  #measure(feed: Feed, moment: Moment, rules: MeterRules, isCounted: boolean): readonly Increment[] {
    const all: Increment[] = [];
    const spare: Increment[] = [];
    const steps: Advanced['steps'][number][] = [];
    let taken = 0;
    for (const [source, points] of moment.meters) {
      if (!this.#admit(feed, source)) continue;
      const known = feed.meters.get(source);
      const start = rules.origin === 'process' ? points[0]?.start : undefined;
      const isMoved = !known && start !== undefined && this.#starts.isOfOther(feed, toSeconds(start));
      const own = isMoved ? { ...rules, countedFrom: Number.POSITIVE_INFINITY } : rules;
      const advanced = advance(points, known, own);
      if (advanced.last) feed.meters.set(source, advanced.last);
      this.#note(feed, advanced, rules, isCounted);
      // What is sent again says nothing of who sends it.
      if (advanced.late === points.length) continue;
      taken++;
      if (feed.boundary !== 'containers') {
        all.push(...advanced.increments);
        spare.push(...advanced.spare);
        steps.push(...advanced.steps);
      } else all.push(...this.#believe(feed, moment, source, advanced));
    }
    if (taken === 0 || (steps.length === 0 && !feed.doubts?.[''])) return all;
    return this.#believe(feed, moment, '', { increments: all, spare, steps });
  }

  #note(feed: Feed, { resets, late, gaps, doubts }: Advanced, rules: MeterRules, isCounted: boolean): void {
    this.resets += resets;
    this.late += late;
    for (const doubt of doubts) this.#skip(feed.name, doubt, describeDoubt(doubt, rules));
    if (!isCounted) return;
    for (const gap of gaps) {
      this.uncovered += gap;
      this.#skip(feed.name, 'gap', `has two points ${gap} s apart; the time between is not counted`);
    }
  }

  /** What is believed of meters that one sender should send. */
  #believe(
    feed: Feed,
    moment: Moment,
    group: string,
    came: Pick<Advanced, 'increments' | 'spare' | 'steps'>,
  ): readonly Increment[] {
    const { [group]: known, ...others } = feed.doubts ?? {};
    const [, newest] = spanOf([...moment.meters.values()].flatMap((points) => points.map(({ time }) => time)));
    const { believed, doubt } = believe(known, { ...came, newest }, this.#options.maxGap);
    const doubts = doubt ? { ...others, [group]: doubt } : others;
    if (Object.keys(doubts).length) feed.doubts = doubts;
    else delete feed.doubts;
    if (doubt?.isMixed) {
      const what = 'goes back and forth or overlaps, as of two senders under one name, and counts only once it has not';
      const why = `for ${this.#options.maxGap} s; give each sender a \`host.name\` or \`service.instance.id\` of its own`;
      this.#refuse(moment, 'interleaved_senders', `${what} ${why}`, group);
    }
    return believed;
  }

  #rulesFor(feed: Feed, { meaning, boundary, form, group }: Reading): MeterRules {
    const { maxGap, ceilings, countedFrom } = this.#options;
    const { cores, forgottenUntil = 0 } = this.#ledger;
    return {
      form,
      origin: feed.isOfSender ? 'process' : meaning.origin,
      ranges: meaning.ranges ?? [],
      ceiling: ceilingOf(meaning, boundary, ceilings, isPerCpu(group) ? 1 : cores),
      noise: leastNoise[meaning.unit],
      maxGap,
      countedFrom: Math.max(countedFrom, forgottenUntil),
      witness: meaning.unit === 'W' ? witnessOf(this.#sent.peer) : undefined,
    };
  }

  /** Whether a meter is known, or there is room for it; one of its kind that has fallen silent makes room. */
  #admit({ name, boundary, seen, meters }: Feed, source: string): boolean {
    if (meters.get(source)) return true;
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
    this.skipped.push({ item, reason, message: `\`${item}\` of ${this.#sent.who} ${problem}` });
  }

  #refuse({ meaning: { name }, meters }: Moment, reason: string, problem: string, source = ''): void {
    const refused = source === '' ? [...meters.values()] : [meters.get(source) ?? []];
    const points = refused.reduce((sum, { length }) => sum + length, 0);
    const message = `\`${name}\` of ${this.#sent.who} ${problem}`;
    const known = this.refused.find((one) => one.message === message);
    if (known) known.points += points;
    else this.refused.push({ reason, message, points });
  }
}
