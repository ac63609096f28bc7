import type { Feed, Ledger } from './feeds.ts';

/** When the processes that a host was known to have began: one that says more of itself than before is another resource. */
export class Starts {
  readonly #feeds = new Map<string, Feed>();

  constructor({ feeds }: Ledger) {
    for (const feed of Object.values(feeds)) {
      for (const [, , , , , starts = []] of Object.values(feed.meters)) {
        for (const start of starts) this.#feeds.set(keyOf(feed, start), feed);
      }
    }
  }

  /** Whether a process that began then, in seconds since 1970, was counted before under other attributes of its resource. */
  isOfOther(feed: Feed, start: number): boolean {
    const known = this.#feeds.get(keyOf(feed, start));
    return known !== undefined && known !== feed;
  }
}

function keyOf({ name }: Feed, start: number): string {
  return `${start} ${name}`;
}
