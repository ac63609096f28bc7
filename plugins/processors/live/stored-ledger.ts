import type { Attributes } from '@opentelemetry/api';
import { labelsIn, meaningOf, sourceOf } from 'wattline/figures';
import { type StateChange, type StoredState, secondsBetween } from 'wattline/plugin';
import { joinAttributions } from './attribution-state.ts';
import { type Feed, type Ledger, newLedger } from './feeds.ts';
import { labelling } from './groups.ts';
import { type Last, timeOf } from './points.ts';
import { Positions, type StoredPositions } from './positions.ts';
import { latest } from './settling.ts';

/** A feed as version 0.1 stored it, by boundary, metric and resource. */
interface OldFeed extends Omit<Feed, 'meters'> {
  readonly meters: Readonly<Record<string, Last>>;
  readonly ahead?: unknown;
  readonly scope?: string;
  readonly starts?: Readonly<Record<string, number>>;
}

type OldFeeds = Readonly<Record<string, OldFeed>>;

/** A ledger whose feeds are of some kind. */
type LedgerOf<T> = Omit<Ledger, 'feeds'> & { readonly feeds: Readonly<Record<string, T>> };
type FeedAlone = Omit<Feed, 'meters'>;
/** A ledger as it was stored before, with the position of each meter in its feed. */
type Apart = LedgerOf<FeedAlone & { readonly meters: Readonly<Record<string, Last>> }>;

/** A ledger as it is stored, and the positions of its feeds by their keys. */
type StoredLedger = readonly [ledger: LedgerOf<FeedAlone>, positions: Readonly<Record<string, StoredPositions>>];

/**
 * Reads a ledger as it is stored under a key. What version 0.1 stored is taken over: its counters go on where they were. Its
 * gauges begin anew, which costs them the time between two points.
 */
export function parseLedger(text: string | undefined, name: string): Ledger {
  if (text === undefined) return newLedger();
  const stored = JSON.parse(text) as StoredLedger | Apart | OldFeeds | { readonly feeds: OldFeeds };
  if (Array.isArray(stored)) return restored(...(stored as unknown as StoredLedger), Positions.of);
  if ('version' in stored && stored.version === 2) {
    const { feeds } = stored as Apart;
    const meters = Object.entries(feeds).map(([key, feed]) => [key, feed.meters] as const);
    return restored(stored as Apart, Object.fromEntries(meters), (lasts) => new Positions(Object.entries(lasts)));
  }
  // No key of a feed is this short.
  const old = 'feeds' in stored ? (stored as { readonly feeds: OldFeeds }) : { feeds: stored as OldFeeds };
  return { ...old, version: 2, names: [['', name]], feeds: newFeeds(old.feeds) };
}

/** A ledger of a state that cannot be read, and why. */
interface Unreadable {
  /** Its host, by the names that can still be read, else by its key. */
  readonly host: string;
  readonly error: unknown;
}

/**
 * Hands the ledgers of a state on, each with its key. Those that cannot be read are moved away from the others, to keys that
 * begin with `unreadable/`, with more that `changes` where there are any, and returned.
 */
export async function openLedgers(
  state: StoredState,
  prefix: string,
  open: (key: string, ledger: Ledger) => void,
  changes: ReturnType<StateChange>,
): Promise<Unreadable[]> {
  const unreadable: Unreadable[] = [];
  const moved: (readonly [string, string | undefined])[] = [];
  for (const [key, text] of state.entries(prefix)) {
    const name = key.slice(prefix.length);
    let ledger: Ledger;
    try {
      ledger = parseLedger(text, name);
      if (!isWhole(ledger)) throw new Error('it is not what was written');
    } catch (error) {
      unreadable.push({ host: namesIn(text) ?? name, error });
      moved.push([key, undefined], [`unreadable/${key}`, text]);
      continue;
    }
    open(key, ledger);
  }
  if (moved.length) await state.update(() => [...moved, ...changes]);
  return unreadable;
}

/** Whether what later readers rely on is there. */
function isWhole({ names, feeds }: Ledger): boolean {
  const isTime = (time: unknown) => Array.isArray(time) && time.length >= 2 && time.slice(0, 2).every(Number.isFinite);
  const areNames = Array.isArray(names) && names.every((pair) => Array.isArray(pair) && pair.every(isText));
  return (
    areNames &&
    Object.values(feeds).every(({ name, boundary, since, seen, touched, meters }) => {
      const isKnown = isText(name) && isText(boundary) && isTime(since) && isTime(seen) && Number.isFinite(touched);
      return isKnown && meters.entries.every(([source, last]) => isText(source) && isTime(last) && isNumber(last[2]));
    })
  );
}

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';

/** What the host of a ledger is called, where its text still says so. */
function namesIn(text: string): string | undefined {
  try {
    const [{ names }] = JSON.parse(text) as StoredLedger;
    return names.map(([, name]) => name).join(', ') || undefined;
  } catch {
    return undefined;
  }
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
  const modelled = all.flatMap(({ modelledUntil }) => (modelledUntil ? [modelledUntil] : []));
  const modelledUntil = modelled.length ? { modelledUntil: latest(modelled) } : {};
  const waiting = all.flatMap(({ attribution }) => attribution ?? []);
  const attribution = waiting.length ? { attribution: joinAttributions(waiting) } : {};
  return { ...ledger, feeds, ...most('cores'), ...most('forgottenUntil'), ...modelledUntil, ...attribution };
}

/** Returns the text that a ledger is stored as. */
export function textOf(ledger: Ledger): string {
  const positions = Object.entries(ledger.feeds).map(([key, { meters }]) => `${JSON.stringify(key)}:${meters.text}`);
  return `[${JSON.stringify(ledger)},{${positions}}]`;
}

function restored<T>(
  ledger: LedgerOf<FeedAlone>,
  stored: Readonly<Record<string, T>>,
  positionsOf: (stored: T) => Positions,
): Ledger {
  const feeds = Object.entries(ledger.feeds).map(([key, feed]): [string, Feed] => {
    return [key, { ...feed, meters: positionsOf(stored[key] as T) }];
  });
  return { ...ledger, feeds: Object.fromEntries(feeds) };
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
      const meters = new Positions([[source, meter]]);
      const feed = { ...old, boundary, ...(meaning.isOfResource && { resource }), meters };
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
  const meters = new Positions(known.meters.entries);
  for (const [source, last] of more.meters.entries) {
    const other = meters.get(source);
    if (!other || secondsBetween(timeOf(other), timeOf(last)) > 0) meters.set(source, last);
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
