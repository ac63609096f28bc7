import type { HrTime } from '@opentelemetry/api';
import { type Boundary, holds, type Meaning, meaningOf, meanings } from 'wattline/figures';
import { secondsBetween } from 'wattline/plugin';
import type { Last } from './counter.ts';

/** What is known of one metric of one resource at one boundary, and how far it has been counted. */
export interface Feed {
  readonly name: string;
  readonly boundary: Boundary;
  /** Within which boundaries overlap: the host for power, the resource for CPU time. */
  readonly scope: string;
  readonly since: HrTime;
  /** Its newest point. */
  seen: HrTime;
  /** The end of what has been counted of it. */
  until?: HrTime;
  /** When it was last heard of, in whole seconds since 1970 by the own clock. */
  touched: number;
  /** Up to where each of its meters has been counted. */
  meters: Record<string, Last>;
  /** When the processes of its meters began, in seconds since 1970, as far as they say so. */
  starts?: Record<string, number>;
  /** Of a feed that is not counted, the first point of each meter beyond what others have been counted for. */
  ahead?: Record<string, Last>;
}

/** What is known of all meters of a host, as it is stored. */
export interface Ledger {
  readonly feeds: Record<string, Feed>;
  /** How many cores the host has, as far as somebody has said. */
  cores?: number;
  /** The newest point of what was forgotten, in seconds since 1970. What began before may have been counted already. */
  forgottenUntil?: number;
}

/** Meters of one kind do not make room for those of the other: hosts are few, while processes come and go. */
export type MeterKind = 'host' | 'process';

export type MeterCounts = Readonly<Record<MeterKind, number>>;

/** Reads a ledger as it is stored: an object of this shape, or that of its feeds alone, which version 0.1 stored. */
export function parseLedger(text: string | undefined): Ledger {
  const stored: Ledger | Record<string, Feed> = JSON.parse(text ?? '{}');
  return isLedger(stored) ? stored : { feeds: stored };
}

/** Of which kind the meters of a boundary are. */
export function kindOf(boundary: Boundary): MeterKind {
  return boundary === 'container' || boundary === 'process' ? 'process' : 'host';
}

/** How many meters of each kind a ledger keeps. */
export function countMeters({ feeds }: Ledger): MeterCounts {
  const counts = { host: 0, process: 0 };
  for (const { boundary, meters } of Object.values(feeds)) counts[kindOf(boundary)] += Object.keys(meters).length;
  return counts;
}

/** Whether the first of two feeds that overlap is to be counted rather than the second. */
export function isBetter(a: Feed, b: Feed, isFirst: boolean): boolean {
  if (holds(a.boundary, b.boundary)) return true;
  if (holds(b.boundary, a.boundary)) return false;
  const order = orderOf(meaningOf(a.name)) - orderOf(meaningOf(b.name));
  if (order !== 0) return order < 0;
  const earlier = secondsBetween(a.since, b.since);
  return earlier > 0 || (earlier === 0 && isFirst);
}

/** The place of a meaning in their order, which is last where it is none. */
export function orderOf(meaning: Meaning | undefined): number {
  return meaning ? meanings.indexOf(meaning) : meanings.length;
}

/** No key of a feed is this short. */
function isLedger(stored: Ledger | Record<string, Feed>): stored is Ledger {
  return 'feeds' in stored;
}
