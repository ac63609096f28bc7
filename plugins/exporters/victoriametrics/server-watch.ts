import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Answer, Client } from './client.ts';
import { type MetricsPage, parseMetricsPage, risen } from './metrics-page.ts';

/** How long a page is good for, in milliseconds; a server that was restarted may keep something else. */
const FRESH = 10_000;
/** VictoriaMetrics makes its page once a second, or once two, and serves the same text until then. Milliseconds. */
const PAGE_LIFETIME = 2500;
/**
 * VictoriaMetrics 1.79 keeps what it counts for a second of its own: a slow page may show counts as old as those of the
 * page before, and the next one cannot.
 */
const PAGES = 2;
const PAUSE = 100;

/** A server's page with the difference between its clock and ours, in milliseconds. */
export interface ServerState extends MetricsPage {
  readonly clockAhead: number;
}

/** Knows what a server keeps and what it has dropped, from its `/metrics`. */
export class ServerWatch {
  readonly #client: Client;
  readonly #logger: Logger;
  #state: ServerState | undefined;
  #readAt = 0;
  #reading: Promise<ServerState> | undefined;
  /** Whether the server shows nothing of what it keeps and drops. */
  #isBlind = false;

  constructor(client: Client, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** What is known as of a few seconds ago. Rejects where the server does not answer. */
  async recent(signal: AbortSignal): Promise<ServerState> {
    if (this.#state && performance.now() - this.#readAt < FRESH) return this.#state;
    this.#reading ??= this.#fetch(signal)
      .then((answer) => this.#keep(answer))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  /** Resolves with the counts that rose from `before` to now, by reason; waits until the server shows them. */
  async droppedSince(before: ServerState, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    let answer = await this.#fetch(signal);
    let rises: ReadonlyMap<string, number> = new Map();
    for (let page = 0; page < PAGES && rises.size === 0; page++) {
      answer = await this.#pageAfter(answer, signal);
      rises = risen(before, this.#keep(answer));
    }
    return rises;
  }

  async #pageAfter({ text }: Answer, signal: AbortSignal): Promise<Answer> {
    const deadline = performance.now() + PAGE_LIFETIME;
    for (;;) {
      await sleep(PAUSE, undefined, { signal });
      const answer = await this.#fetch(signal);
      if (answer.text !== text || performance.now() > deadline) return answer;
    }
  }

  #keep({ status, text, date }: Answer): ServerState {
    const page = status === 200 ? parseMetricsPage(text) : { limits: undefined, dropped: undefined };
    const isBlind = !page.limits && !page.dropped;
    if (isBlind && !this.#isBlind) {
      const what = status === 200 ? 'shows neither its retention nor what it drops' : `answered ${status}`;
      this.#logger.warn(`${this.#client.endpoint}/metrics ${what}; samples that it drops in silence go unnoticed`);
    }
    this.#isBlind = isBlind;
    const clockAhead = date === undefined ? 0 : date - Date.now();
    this.#state = { ...page, clockAhead };
    this.#readAt = performance.now();
    return this.#state;
  }

  async #fetch(signal: AbortSignal): Promise<Answer> {
    const answer = await this.#client.get('/metrics', signal);
    if (answer.status >= 500) throw new Error(`${this.#client.endpoint}/metrics answered ${answer.status}`);
    return answer;
  }
}
