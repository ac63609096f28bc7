import type { Skipped } from 'wattline/plugin';
import { attribute, notAttributed } from './attribution.ts';
import type { Ledger } from './feeds.ts';
import { type Counted, type LedgerUpdate, type Sent, Update, type UpdateOptions } from './ledger-update.ts';
import type { Meters } from './meters.ts';
import { withModelled } from './modelled-energy.ts';
import { Settling } from './settling.ts';
import { Starts } from './starts.ts';

/** What the resources of a host add to its ledger, and what is known to count by that, also of others. */
export interface LedgerUpdates {
  readonly updates: readonly LedgerUpdate[];
  readonly counted: readonly (readonly Counted[])[];
  /** What of it could not be modelled. */
  readonly skipped: readonly Skipped[];
}

/** Takes what the resources of a host sent into its ledger, and returns what each adds. */
export function updateLedger(ledger: Ledger, sent: readonly Sent[], options: UpdateOptions): LedgerUpdates {
  for (const { cores = 0 } of sent) if (cores > (ledger.cores ?? 0)) ledger.cores = cores;
  const starts = new Starts(ledger);
  const updates = sent.map((one) => new Update(ledger, one, options, starts));
  // A feed is known to be heard of before any is judged, whatever their order.
  const settling = new Settling(ledger, options.maxGap, options.meters);
  for (const update of updates) update.measure(settling);
  for (const update of updates) update.settle(settling);
  const { attribution, maxGap, meters, now, powerOf } = options;
  const settled = [...updates.map((one) => one.counted), settleWaiting(ledger, settling, meters)];
  const modelling = powerOf && { powerOf, maxGap, isShared: attribution !== undefined };
  const { counted, skipped } = modelling ? withModelled(ledger, settled, modelling) : { counted: settled, skipped: [] };
  if (!attribution) return { updates, skipped, counted: [...counted, notAttributed(ledger)] };
  const shared = attribute(ledger, counted.flat(), settling, { ...attribution, maxGap, now });
  return { updates, skipped, counted: [shared] };
}

/** What waited for others of its host, and need not any more. */
function settleWaiting({ feeds }: Ledger, settling: Settling, meters: Meters): Counted[] {
  const counted: Counted[] = [];
  for (const feed of Object.values(feeds)) {
    const { attributes, name, boundary } = feed;
    const meaning = attributes && meters.of(name);
    if (!meaning) continue;
    const settled = settling.settle(feed);
    const { counted: increments, whole } = settled;
    if (increments.length || whole)
      counted.push({ meaning, boundary, attributes, increments, ...(whole && { whole }) });
    if (!feed.pending) delete feed.attributes;
  }
  return counted;
}
