import type { HrTime } from '@opentelemetry/api';
import { type Boundary, holds, type Meaning, meaningOf, meanings } from 'wattline/figures';
import { secondsBetween } from 'wattline/plugin';
import type { Last } from './increments.ts';

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
  /** Of a feed that is not counted, the first point of each meter beyond what others have been counted for. */
  ahead?: Record<string, Last>;
}

/** What is known of all meters of a host, as it is stored. */
export type Ledger = Record<string, Feed>;

/** How many meters a ledger keeps. */
export function countMeters(ledger: Ledger): number {
  return Object.values(ledger).reduce((sum, { meters }) => sum + Object.keys(meters).length, 0);
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
