import type { Meaning } from 'wattline/figures';
import { secondsBetween } from 'wattline/plugin';
import { type Feed, kindOf, type Ledger } from './feeds.ts';
import { spanOf } from './moments.ts';
import { Positions } from './positions.ts';
import type { Reading } from './reading.ts';
import { type Subject, subjectOf } from './subjects.ts';

/** How feeds are told apart, and when one was heard of. */
export interface OpenOptions {
  /** The own clock, in seconds since 1970. */
  readonly now: number;
  /** Whether the counters of a metric begin at 0 with the process that sends them, whatever the table of meters says. */
  readonly isOfSender: (meaning: Meaning) => boolean;
}

/** Returns the feed of a ledger that a reading is of, a new one where there is none, and notes that it was heard of. */
export function openFeed({ feeds }: Ledger, sender: Subject, reading: Reading, options: OpenOptions): Feed {
  const { meaning, boundary, form, group, times } = reading;
  const { resource, inside, process } = sender;
  const isOfSender = options.isOfSender(meaning);
  const isShared = form === 'counter' && !meaning.isOfResource && !isOfSender;
  const key = keyOf(reading, isShared ? '' : ` ${subjectOf(boundary, sender)}`);
  const [first, last] = spanOf(times);
  const touched = Math.floor(options.now);
  // Earlier versions knew these by all that their resources say.
  const former = isShared ? key : keyOf(reading, ` ${resource}`);
  if (!feeds[key] && feeds[former]) {
    feeds[key] = { ...feeds[former], ...(process && boundary === 'process' && { process }) };
    delete feeds[former];
  }
  const known = feeds[key];
  if (known) {
    if (secondsBetween(known.seen, last) > 0) known.seen = last;
    known.touched = touched;
    return known;
  }
  const feed: Feed = {
    name: meaning.name,
    boundary,
    ...(!isShared && { resource }),
    ...(form !== 'counter' && group !== '' && { device: group }),
    ...(isOfSender && { isOfSender }),
    ...(inside.length > 0 && kindOf(boundary) === 'process' && { inside }),
    ...(process && boundary === 'process' && { process }),
    since: first,
    seen: last,
    touched,
    meters: new Positions(),
  };
  feeds[key] = feed;
  return feed;
}

function keyOf({ meaning, boundary, group }: Reading, whose: string): string {
  const key = `${boundary} ${meaning.name}${whose}`;
  return group === '' ? key : `${key} ${group}`;
}
