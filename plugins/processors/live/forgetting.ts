import { toSeconds } from 'wattline/plugin';
import { kindOf, type Ledger, type MeterKind } from './feeds.ts';
import { timeOf } from './points.ts';

/** After how many seconds without a point meters are forgotten. */
export type Expirations = Readonly<Record<MeterKind, number>>;

/**
 * Forgets the meters of a ledger that have not been heard of for long; the time is in seconds since 1970. A process is gone
 * where others of its host went on without it: when nothing came at all, it may be back with the rest.
 */
export function forgetSilent(ledger: Ledger, now: number, expirations: Expirations): void {
  const feeds = Object.entries(ledger.feeds);
  const heard = feeds.reduce((latest, [, { touched }]) => Math.max(latest, touched), 0);
  for (const [key, feed] of feeds) {
    const expiration = expirations[kindOf(feed.boundary)];
    for (const source of feed.meters.silentSince(toSeconds(feed.seen) - expiration)) forgetMeter(ledger, key, source);
    if (heard - feed.touched <= expiration && now - feed.touched <= expirations.host) continue;
    delete ledger.feeds[key];
    remember(ledger, toSeconds(feed.seen));
  }
}

/**
 * Forgets the meter of a kind that was heard of least recently, if that was before a time in seconds since 1970. Returns
 * whether it did.
 */
export function forgetOldest(ledger: Ledger, kind: MeterKind, before: number): boolean {
  let oldest: readonly [key: string, source: string] | undefined;
  let least = before;
  for (const [key, { boundary, meters }] of Object.entries(ledger.feeds)) {
    if (kindOf(boundary) !== kind) continue;
    for (const [source, last] of meters.entries) {
      const heard = toSeconds(timeOf(last));
      if (heard >= least) continue;
      least = heard;
      oldest = [key, source];
    }
  }
  if (oldest) forgetMeter(ledger, ...oldest);
  return oldest !== undefined;
}

function forgetMeter(ledger: Ledger, key: string, source: string): void {
  const feed = ledger.feeds[key];
  const last = feed?.meters.get(source);
  if (!feed || !last) return;
  feed.meters.delete(source);
  delete feed.doubts?.[source];
  remember(ledger, toSeconds(timeOf(last)));
}

/** What was counted up to a time and is forgotten must not be counted once more from its start. */
function remember(ledger: Ledger, seconds: number): void {
  ledger.forgottenUntil = Math.max(ledger.forgottenUntil ?? 0, seconds);
}
