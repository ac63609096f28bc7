import type { Feed, Ledger } from './feeds.ts';

/** When the processes that a host was known to have began: one that says more of itself than before is another resource. */
export class Starts {
  readonly #ledger: Ledger;
  #feeds: Map<string, Feed> | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * Whether a process that began then, in seconds since 1970, had been counted under other attributes of its resource when
   * this was asked first.
   */
  isOfOther(feed: Feed, start: number): boolean {
    this.#feeds ??= feedsByStart(this.#ledger);
    const known = this.#feeds.get(keyOf(feed, start));
    return known !== undefined && known !== feed;
  }
}

function feedsByStart({ feeds }: Ledger): Map<string, Feed> {
  const all = new Map<string, Feed>();
  for (const feed of Object.values(feeds)) {
    for (const [, [, , , , , starts = []]] of feed.meters.entries) {
      for (const start of starts) all.set(keyOf(feed, start), feed);
    }
  }
  return all;
}

function keyOf({ name }: Feed, start: number): string {
  return `${start} ${name}`;
}
