import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Context, messageOf, type RequestHandler } from 'wattline/plugin';
import { type Answer, jsonAnswer, send } from './answer.ts';

/** How long a request may still take to arrive when the receiver stops, in milliseconds. */
const ARRIVAL_GRACE = 1000;

/** Works out the answer to a request; the signal says that nobody waits for it any more. */
export type Respond = (request: IncomingMessage, signal: AbortSignal) => Promise<Answer>;

interface OpenRequest {
  readonly request: IncomingMessage;
  readonly answered: Promise<void>;
  /** Answers it with 503. */
  readonly turnAway: () => void;
}

/** Answers requests and knows those under way, so that a receiver can stop without dropping any. */
export class OpenRequests {
  readonly #logger: Context['logger'];
  /** The requests under way, which listen to no signal: that would cost more than a small request. */
  readonly #open = new Set<OpenRequest>();
  readonly #abandoned = new AbortController();
  #closing = false;

  constructor(logger: Context['logger']) {
    this.#logger = logger;
  }

  /** Returns a request handler that sends what `respond` works out; where that fails it is logged, and 500 is sent. */
  handler(respond: Respond): RequestHandler {
    return (request, response) => {
      if (this.#closing) {
        send(request, response, stopping);
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      respond(request, this.#abandoned.signal).then(resolve, reject);
      const answered = this.#answer(promise, request, response).finally(() => this.#open.delete(open));
      const open = { request, answered, turnAway: () => resolve(stopping) };
      this.#open.add(open);
    };
  }

  /** Turns new requests away and resolves when all others have been answered; at `signal` these are turned away too. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closing = true;
    const abandon = () => {
      this.#abandoned.abort();
      for (const { turnAway } of this.#open) turnAway();
    };
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    const timer = setTimeout(() => this.#cutUnfinished(), ARRIVAL_GRACE);
    await Promise.all([...this.#open].map(({ answered }) => answered));
    clearTimeout(timer);
    signal.removeEventListener('abort', abandon);
  }

  /** Ends requests that have still not arrived whole: their sender may never go on. */
  #cutUnfinished(): void {
    for (const { request } of this.#open) {
      if (request.complete) continue;
      this.#logger.warn(`cut off a request to ${request.url} that had not arrived whole`);
      request.destroy();
    }
  }

  async #answer(answer: Promise<Answer>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(request, response, await answer);
    } catch (error) {
      this.#logger.error({ err: error }, `a request to ${request.url} failed: ${messageOf(error)}`);
      if (!response.headersSent) send(request, response, failed);
    }
  }
}

const stopping = jsonAnswer(503, { code: 14, message: 'Wattline is being stopped; send it again' });
const failed = jsonAnswer(500, { code: 13, message: 'Wattline failed on this request; its log says why' });
