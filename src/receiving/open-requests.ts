import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Context, messageOf, type RequestHandler } from '../plugin/index.ts';
import { type Answer, jsonAnswer, send } from './answer.ts';

/** How long a request may still take to arrive when the receiver stops, in milliseconds. */
const ARRIVAL_GRACE = 1000;

/** How often it is looked whether a request has been held for too long, as parts of that time. */
const LOOKS = 10;

/** Works out the answer to a request; the signal says that nobody waits for it any more. */
export type Respond = (request: IncomingMessage, signal: AbortSignal) => Promise<Answer>;

/** The part of a sender's patience after which one that still waits shows that more would wait in vain. */
const BEHIND = 0.5;

interface OpenRequest {
  readonly request: IncomingMessage;
  readonly answered: Promise<void>;
  /** Answers it with 503, and gives up what is under way for it. */
  readonly turnAway: (answer: Answer, reason?: DOMException) => void;
}

/** Answers requests and knows those under way, so that a receiver can stop without dropping any. */
export class OpenRequests {
  readonly #logger: Context['logger'];
  readonly #patience: number;
  readonly #open = new Set<OpenRequest>();
  /** Since when requests that have arrived whole wait for their answers, the first of them first. */
  readonly #waiting = new Map<IncomingMessage, number>();
  #closing = false;

  /** Senders wait for an answer for `patience` milliseconds after they have sent their request; 0 is without end. */
  constructor(logger: Context['logger'], patience: number) {
    this.#logger = logger;
    this.#patience = patience;
  }

  /** Returns a request handler that sends what `respond` works out; where that fails it is logged, and 500 is sent. */
  handler(respond: Respond): RequestHandler {
    return (request, response) => {
      if (this.#closing) {
        send(request, response, stopping);
        return;
      }
      if (this.#isBehind) {
        send(request, response, behind);
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const abandoned = new AbortController();
      const turnAway = (answer: Answer, reason?: DOMException) => {
        resolve(answer);
        abandoned.abort(reason);
      };
      respond(request, abandoned.signal).then(resolve, reject);
      const timer = this.#patience > 0 ? this.#watch(request, turnAway) : undefined;
      response.once('close', () => {
        if (!response.writableFinished) turnAway(stopping, new DOMException('the sender has gone', 'NetworkError'));
      });
      const answered = this.#answer(promise, request, response).finally(() => {
        clearInterval(timer);
        this.#open.delete(open);
        this.#waiting.delete(request);
      });
      const open = { request, answered, turnAway };
      this.#open.add(open);
      request.once('end', () => {
        // The rest of one that was answered early is read too.
        if (this.#open.has(open)) this.#waiting.set(request, performance.now());
      });
    };
  }

  /** Whether requests come faster than they are answered: what more of them come to would be done for nobody. */
  get #isBehind(): boolean {
    const [first] = this.#waiting.values();
    return this.#patience > 0 && first !== undefined && performance.now() - first > BEHIND * this.#patience;
  }

  /** Turns a request away before its sender gives up, which would send it again beside what is under way. */
  #watch({ socket }: IncomingMessage, turnAway: OpenRequest['turnAway']): NodeJS.Timeout {
    let looks = 0;
    let read = socket.bytesRead;
    return setInterval(() => {
      // As long as more of it comes, its sender is not waiting for an answer.
      looks = socket.bytesRead === read ? looks + 1 : 0;
      read = socket.bytesRead;
      if (looks === LOOKS - 1) turnAway(late, new DOMException('it could not be delivered in time', 'TimeoutError'));
    }, this.#patience / LOOKS);
  }

  /** Turns new requests away and resolves when all others have been answered; at `signal` these are turned away too. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closing = true;
    const abandon = () => {
      for (const { turnAway } of this.#open) turnAway(stopping);
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
      const known = await answer;
      if (!response.destroyed) send(request, response, known);
    } catch (error) {
      this.#logger.error({ err: error }, `a request to ${request.url} failed: ${messageOf(error)}`);
      if (!response.headersSent) send(request, response, failed);
    }
  }
}

const stopping = jsonAnswer(503, { code: 14, message: 'Wattline is being stopped; send it again' });
const behind = jsonAnswer(503, { code: 14, message: 'more has come than can be taken in time; send it again' });
const late = jsonAnswer(503, { code: 14, message: 'it could not be delivered in time; send it again' });
const failed = jsonAnswer(500, { code: 13, message: 'Wattline failed on this request; its log says why' });
