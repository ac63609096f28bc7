import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Context, messageOf, type RequestHandler } from 'wattline/plugin';
import { type Answer, jsonAnswer, send } from './answer.ts';

/** How long a request may still take to arrive when the receiver stops, in milliseconds. */
const ARRIVAL_GRACE = 1000;

/** Works out the answer to a request; the signal says that nobody waits for it any more. */
export type Respond = (request: IncomingMessage, signal: AbortSignal) => Promise<Answer>;

/** Answers requests and knows those under way, so that a receiver can stop without dropping any. */
export class OpenRequests {
  readonly #logger: Context['logger'];
  readonly #open = new Set<Promise<void>>();
  readonly #arriving = new Set<IncomingMessage>();
  readonly #abandoned = new AbortController();
  /** What turns away those that wait for an answer: listeners of a signal would cost more than a small request. */
  readonly #turnAways = new Set<() => void>();
  #closing = false;

  constructor(logger: Context['logger']) {
    this.#logger = logger;
  }

  /** A request handler that sends what `respond` works out; where that throws it is logged, and 500 is sent. */
  handler(respond: Respond): RequestHandler {
    return (request, response) => {
      this.#arriving.add(request);
      const answering = this.#answer(respond, request, response).finally(() => {
        this.#open.delete(answering);
        this.#arriving.delete(request);
      });
      this.#open.add(answering);
    };
  }

  /** Turns new requests away and resolves when all others have been answered; at `signal` these are turned away too. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closing = true;
    const abandon = () => {
      this.#abandoned.abort();
      for (const turnAway of this.#turnAways) turnAway();
    };
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    const timer = setTimeout(() => this.#cutUnfinished(), ARRIVAL_GRACE);
    await Promise.all(this.#open);
    clearTimeout(timer);
    signal.removeEventListener('abort', abandon);
  }

  /** Ends requests that have still not arrived whole: their sender may never go on. */
  #cutUnfinished(): void {
    for (const request of this.#arriving) {
      if (request.complete) continue;
      this.#logger.warn(`cut off a request to ${request.url} that had not arrived whole`);
      request.destroy();
    }
  }

  async #answer(respond: Respond, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#closing) {
      send(request, response, stopping);
      return;
    }
    const { signal } = this.#abandoned;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const turnAway = () => resolve(stopping);
    this.#turnAways.add(turnAway);
    try {
      respond(request, signal).then(resolve, reject);
      send(request, response, await promise);
    } catch (error) {
      this.#logger.error({ err: error }, `a request to ${request.url} failed: ${messageOf(error)}`);
      if (!response.headersSent) send(request, response, failed);
    } finally {
      this.#turnAways.delete(turnAway);
    }
  }
}

const stopping = jsonAnswer(503, { code: 14, message: 'Wattline is being stopped; send it again' });
const failed = jsonAnswer(500, { code: 13, message: 'Wattline failed on this request; its log says why' });
