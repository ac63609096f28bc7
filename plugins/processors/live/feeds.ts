import type { Attributes, HrTime } from '@opentelemetry/api';
import { type Boundary, holds, overlap } from 'wattline/figures';
import { secondsBetween } from 'wattline/plugin';
import type { Attribution } from './attribution-state.ts';
import type { Doubt } from './doubts.ts';
import type { HostName } from './identity.ts';
import type { Increment } from './increments.ts';
import type { Meters } from './meters.ts';
import type { Inside } from './pods.ts';
import type { Positions } from './positions.ts';
import { haveOneSubject, type ProcessName } from './subjects.ts';

/** What a feed measured in ten minutes of the clock: which, from when to when in seconds since 1970, and the joules. */
export interface Tally {
  readonly window: number;
  readonly from: number;
  readonly to: number;
  readonly joules: number;
  /** The mean watts of the window before, where it was measured nearly whole. */
  readonly before?: number;
}

/** What is known of the meters of one metric at one boundary of a host, and how far they have been counted. */
export interface Feed {
  readonly name: string;
  readonly boundary: Boundary;
  /** Whose meters they are, where they are not the host's; of a gauge who sends it. */
  readonly resource?: string;
  /** The device that a gauge measures, where it says which. */
  readonly device?: string;
  /** Whether its counters begin with the process that sends them, and are what that used itself. */
  readonly isOfSender?: true;
  readonly inside?: Inside;
  readonly process?: ProcessName;
  readonly since: HrTime;
  /** Its newest point. */
  seen: HrTime;
  /** The end of what has been counted of it. */
  until?: HrTime;
  /** When it was last heard of, in whole seconds since 1970 by the own clock. */
  touched: number;
  /** Up to where each of its meters has been read. */
  readonly meters: Positions;
  /** Where it is in doubt who sends them: all of them under '', of a host's containers each. */
  doubts?: Record<string, Doubt>;
  /** What was measured and is not counted yet, since another feed may measure it too. */
  pending?: readonly Increment[];
  /** The attributes of its slices, where it waits for others of its host. */
  attributes?: Attributes;
  /** What others within it have been counted for, beyond `until`, and what they have beyond all that it measured. */
  within?: readonly Increment[];
  debt?: number;
  /** Since when there was a debt, in seconds since 1970. */
  debtSince?: number;
  /** What it measured in ten minutes, where that is power. */
  tally?: Tally;
  /** Whether it reads less than what it holds. */
  isBroken?: true;
}

/** What is known of all meters of a host, as it is stored. */
export interface Ledger {
  readonly version: 2;
  /** What the host is called. */
  readonly names: readonly HostName[];
  readonly feeds: Record<string, Feed>;
  /** How many cores the host has, as far as somebody has said. */
  cores?: number;
  /** The newest point of what was forgotten, in seconds since 1970. What began before may have been counted already. */
  forgottenUntil?: number;
  /** The end of the energy that was modelled since there was no meter of it: no meter counts before. */
  modelledUntil?: HrTime;
  /** What is to be attributed to workloads, where that is done. */
  attribution?: Attribution;
}

/** Meters of one kind do not make room for those of the other: hosts are few, while processes come and go. */
export type MeterKind = 'host' | 'process';

export type MeterCounts = Readonly<Record<MeterKind, number>>;

/** Returns the ledger of a host of which nothing is known. */
export function newLedger(): Ledger {
  return { version: 2, names: [], feeds: {} };
}

/** Of which kind the meters of a boundary are. */
export function kindOf(boundary: Boundary): MeterKind {
  return boundary === 'share' || holds('system', boundary) ? 'process' : 'host';
}

/** How many meters of each kind a ledger keeps. */
export function countMeters({ feeds }: Ledger): MeterCounts {
  const counts = { host: 0, process: 0 };
  for (const { boundary, meters } of Object.values(feeds)) counts[kindOf(boundary)] += meters.size;
  return counts;
}

/** Whether two feeds of a host measure some of the same, so that only one of them is counted. */
export function measureTheSame(a: Feed, b: Feed, meters: Meters): boolean {
  if (kindOf(a.boundary) !== kindOf(b.boundary) || !overlap(a.boundary, b.boundary)) return false;
  if (kindOf(a.boundary) === 'process') return haveOneSubject(a, b);
  if (a.isOfSender && b.isOfSender) return a.resource === b.resource;
  return !areOtherDevices(a, b, meters);
}

/** Of these a host has one, so that two metrics measure the same of it, whatever devices they name. */
const wholes: ReadonlySet<Boundary> = new Set(['facility', 'host', 'psys', 'package+dram']);

/** Whether two feeds name their devices in one way, and have none in common; counters of one name never are. */
function areOtherDevices(a: Feed, b: Feed, meters: Meters): boolean {
  if (a.name !== b.name && wholes.has(a.boundary)) return false;
  if (a.boundary !== b.boundary || (a.device === undefined && b.device === undefined)) return false;
  const [one, other] = [a, b].map(({ name }) => meters.of(name)?.source?.join());
  if (one === undefined || one !== other) return false;
  const devices = devicesOf(b);
  return !devicesOf(a).some((device) => devices.includes(device));
}

function devicesOf({ device, meters }: Feed): readonly string[] {
  return device === undefined ? meters.sources : [device];
}

/** Whether the first of two feeds that measure the same is to be counted rather than the second. */
export function isBetter(a: Feed, b: Feed, isFirst: boolean, meters: Meters): boolean {
  if (holds(a.boundary, b.boundary)) return true;
  if (holds(b.boundary, a.boundary)) return false;
  // What an application says of itself names what it is for.
  if (a.process?.isService !== b.process?.isService) return a.process?.isService === true;
  const order = meters.orderOf(a.name) - meters.orderOf(b.name);
  if (order !== 0) return order < 0;
  const earlier = secondsBetween(a.since, b.since);
  return earlier > 0 || (earlier === 0 && isFirst);
}

/** Whether a feed is about CPU time. */
export function isCpuFeed({ boundary }: Feed): boolean {
  return overlap('system', boundary);
}

/** Whether a feed measures the power of a host or of a part of it. */
export function isPowerFeed(feed: Feed): boolean {
  return !isCpuFeed(feed) && feed.boundary !== 'share' && feed.boundary !== 'active' && feed.boundary !== 'idle';
}

/** Whether it is known that several senders share the meters of a feed. */
export function isMixed({ doubts }: Feed): boolean {
  return doubts?.['']?.isMixed === true;
}
