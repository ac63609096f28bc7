import type { Attributes } from '@opentelemetry/api';
import { labelsIn, meaningOf, sourceOf } from 'wattline/figures';
import { secondsBetween } from 'wattline/plugin';
import { type Feed, type Ledger, newLedger } from './feeds.ts';
import { labelling } from './groups.ts';
import { type Last, timeOf } from './points.ts';

/** A feed as version 0.1 stored it, by boundary, metric and resource. */
interface OldFeed extends Feed {
  readonly ahead?: unknown;
  readonly scope?: string;
  readonly starts?: Readonly<Record<string, number>>;
}

type OldFeeds = Readonly<Record<string, OldFeed>>;

/**
 * Reads a ledger as it is stored under a key. What version 0.1 stored is taken over: its counters go on where they were. Its
 * gauges begin anew, which costs them the time between two points.
 */
export function parseLedger(text: string | undefined, name: string): Ledger {
  if (text === undefined) return newLedger();
  const stored: Ledger | OldFeeds | { readonly feeds: OldFeeds } = JSON.parse(text);
  if ('version' in stored && stored.version === 2) return stored as Ledger;
  // No key of a feed is this short.
  const old = 'feeds' in stored ? (stored as { readonly feeds: OldFeeds }) : { feeds: stored as OldFeeds };
  return { ...old, version: 2, names: [['', name]], feeds: newFeeds(old.feeds) };
}

/** Returns one ledger of hosts that have turned out to be one. */
export function joinLedgers(ledger: Ledger, others: readonly Ledger[]): Ledger {
  const all = [ledger, ...others];
  const feeds: Record<string, Feed> = {};
  for (const [key, feed] of all.flatMap((one) => Object.entries(one.feeds))) feeds[key] = joined(feeds[key], feed);
  const most = (of: 'cores' | 'forgottenUntil') => {
    const known = all.flatMap(({ [of]: value }) => value ?? []);
    return known.length ? { [of]: Math.max(...known) } : {};
  };
  return { ...ledger, feeds, ...most('cores'), ...most('forgottenUntil') };
}

function newFeeds(feeds: OldFeeds): Record<string, Feed> {
  const all: Record<string, Feed> = {};
  for (const [key, { ahead, scope, starts = {}, ...old }] of Object.entries(feeds)) {
    const meaning = meaningOf(old.name);
    if (!meaning || meaning.unit === 'W') continue;
    const boundary = typeof meaning.boundary === 'string' ? meaning.boundary : old.boundary;
    const resource = key.split(' ').at(-1) as string;
    for (const [oldSource, last] of Object.entries(old.meters)) {
      const attributes: Attributes = Object.fromEntries(attributesIn(oldSource));
      const source = oldSource.startsWith('[[') ? sourceOf(meaning, attributes) : oldSource;
      const group = labelling(meaning, source, labelsIn(attributes));
      const whose = meaning.isOfResource ? [resource] : [];
      const start = starts[oldSource];
      const meter: Last = start === undefined ? last : [last[0], last[1], last[2], last[3] ?? null, null, [start]];
      const feed = { ...old, boundary, ...(meaning.isOfResource && { resource }), meters: { [source]: meter } };
      const newKey = [boundary, old.name, ...whose, ...(group === '' ? [] : [group])].join(' ');
      all[newKey] = joined(all[newKey], feed);
    }
  }
  return all;
}

/** The attributes of a key that is made of all of a point's. */
function attributesIn(source: string): [string, string][] {
  return source.startsWith('[[') ? JSON.parse(source) : [];
}

/** Returns one feed of two that follow the same metric; of each meter the later position counts. */
function joined(known: Feed | undefined, more: Feed): Feed {
  if (!known) return more;
  const meters = { ...known.meters };
  for (const [source, last] of Object.entries(more.meters)) {
    const other = meters[source];
    if (!other || secondsBetween(timeOf(other), timeOf(last)) > 0) meters[source] = last;
  }
  const isLater = secondsBetween(known.seen, more.seen) > 0;
  const until = [known.until, more.until].flatMap((one) => (one ? [one] : [])).sort((a, b) => secondsBetween(a, b))[0];
  return {
    ...known,
    seen: isLater ? more.seen : known.seen,
    touched: Math.max(known.touched, more.touched),
    meters,
    ...(until && { until }),
  };
}
