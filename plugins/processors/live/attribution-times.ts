import type { HrTime } from '@opentelemetry/api';
import { addSeconds, secondsBetween } from 'wattline/plugin';
import { type Feed, isMixed, isPowerFeed, type Ledger } from './feeds.ts';
import { latest, type Settling } from './settling.ts';

/** After how many times `maxGap` nobody waits any more for who used a host: what holds others waits for one of these itself. */
const PATIENCE = 2;

/**
 * Returns up to when it is known who used a host: what every meter of use has been counted for that has been heard of within
 * `maxGap` seconds. Where there is none, a new host is given as long to be heard of. At `now`, in seconds since 1970, a host
 * may have fallen silent, of which no more will be known.
 */
export function knownUntil(ledger: Ledger, settling: Settling, maxGap: number, now: number): HrTime | undefined {
  const feeds = Object.values(ledger.feeds);
  if (feeds.length === 0) return undefined;
  const newest = latest(feeds.map(({ seen }) => seen));
  if (isSilent(ledger, maxGap, now)) return newest;
  const floor = addSeconds(newest, -PATIENCE * maxGap);
  const uses = feeds.filter((one) => isOfUse(one) && isHeard(one, newest, settling, maxGap));
  const isNew = feeds.every(({ since }) => secondsBetween(since, newest) <= maxGap);
  if (uses.length === 0) return isNew ? floor : newest;
  return latest([earliest(uses.map(({ pending, seen }) => pending?.[0]?.from ?? seen)), floor]);
}

/** Returns whether a host has not been heard of for so long that nobody waits any more for who used it. */
export function isSilent({ feeds }: Ledger, maxGap: number, now: number): boolean {
  return Object.values(feeds).every(({ touched }) => now - touched > PATIENCE * maxGap);
}

/** Returns from when on it matters who used a host: since the end of the energy of each meter that is counted. */
export function neededFrom(ledger: Ledger, settling: Settling, until: HrTime, maxGap: number): HrTime {
  const feeds = Object.values(ledger.feeds);
  const newest = latest(feeds.map(({ seen }) => seen));
  const meters = feeds.filter((one) => !isOfUse(one) && isHeard(one, newest, settling, maxGap));
  return earliest([until, ...meters.map(({ seen }) => seen)]);
}

function isOfUse(feed: Feed): boolean {
  return !isPowerFeed(feed);
}

function isHeard(feed: Feed, newest: HrTime, settling: Settling, maxGap: number): boolean {
  return secondsBetween(feed.seen, newest) <= maxGap && !isMixed(feed) && !settling.blocker(feed);
}

/** Returns the earliest of some times. */
export function earliest(times: readonly HrTime[]): HrTime {
  return times.reduce((a, b) => (secondsBetween(a, b) < 0 ? b : a));
}
