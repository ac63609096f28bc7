import type { handleUnaryCall, Metadata, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { forSender } from 'wattline/http';
import { type OtlpLimits, protobufEncoding } from 'wattline/otlp';
import { messageOf, type SourceContext } from 'wattline/plugin';
import { limitsOf, RequestError, takeOtlp } from 'wattline/receiving';
import type { Config } from './settings.ts';

type Grpc = typeof import('@grpc/grpc-js');
type Call = ServerUnaryCall<Buffer, Buffer>;

/** Seconds after which a sender that is pushed back may try again. */
const RETRY_AFTER = 1;
/** The part of the time that a sender waits after which it is answered. */
const PATIENCE = 0.9;
/** The longest time that a timer can hold, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** Why a request is answered before its runs are settled; they are dropped, and their sender sends them again. */
const GONE = new DOMException('the sender has gone', 'NetworkError');
const LATE = new DOMException('it could not be delivered in time', 'TimeoutError');
const STOPPING = new DOMException('Wattline is being stopped', 'AbortError');

/** A request under way. */
interface OpenCall {
  readonly answered: Promise<void>;
  turnAway(reason: DOMException): void;
}

/** Answers `Export` requests and knows those under way, so that a receiver can stop without dropping any. */
export class ExportCalls {
  readonly #ctx: SourceContext;
  readonly #limits: OtlpLimits;
  readonly #patience: number;
  readonly #encoding = protobufEncoding();
  readonly #open = new Set<OpenCall>();
  #closing = false;

  constructor(ctx: SourceContext, config: Config) {
    this.#ctx = ctx;
    this.#limits = limitsOf(config);
    this.#patience = config.sender_timeout > 0 ? config.sender_timeout : Number.POSITIVE_INFINITY;
  }

  /** Returns the handler of the method. */
  handler(grpc: Grpc): handleUnaryCall<Buffer, Buffer> {
    return (call, done) => {
      if (this.#closing) return done(this.#unavailable(grpc, `${STOPPING.message}; send it again`));
      const given = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      const answer: sendUnaryData<Buffer> = (...args) => {
        if (!this.#open.delete(open)) return;
        clearTimeout(timer);
        done(...args);
        resolve();
      };
      const turnAway = (reason: DOMException) => {
        // The library says of each call that it is cancelled, once it has ended.
        if (!this.#open.has(open)) return;
        answer(this.#unavailable(grpc, `${reason.message}; send it again`));
        given.abort(reason);
      };
      const open: OpenCall = { answered: promise, turnAway };
      this.#open.add(open);
      const timer = setTimeout(turnAway, this.#timeFor(call), LATE);
      call.once('cancelled', () => turnAway(GONE));
      this.#take(call, given.signal).then(
        (response) => answer(null, response),
        (error) => answer(this.#statusOf(grpc, error)),
      );
    };
  }

  /** Turns new requests away and resolves when all others have been answered; at `signal` these are turned away too. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closing = true;
    const abandon = () => {
      for (const open of [...this.#open]) open.turnAway(STOPPING);
    };
    signal.addEventListener('abort', abandon, { once: true });
    if (signal.aborted) abandon();
    await Promise.all([...this.#open].map(({ answered }) => answered));
    signal.removeEventListener('abort', abandon);
  }

  async #take(call: Call, signal: AbortSignal): Promise<Buffer> {
    const address = call.getPeer().replace(/:\d+$/, '');
    const options = { encoding: this.#encoding, limits: this.#limits, address, signal };
    return Buffer.from(this.#encoding.encodeResponse(await takeOtlp(this.#ctx, call.request, options)));
  }

  /** How long a request may take, in milliseconds. */
  #timeFor(call: Call): number {
    const left = Number(call.getDeadline()) - Date.now();
    return Math.min(LONGEST, Math.max(0, Math.min(this.#patience, left) * PATIENCE));
  }

  #statusOf(grpc: Grpc, error: unknown) {
    if (!(error instanceof RequestError)) {
      this.#ctx.logger.error({ err: error }, `a request failed: ${messageOf(error)}`);
      return { code: grpc.status.INTERNAL, details: 'the request failed; the log says why' };
    }
    const details = forSender(error.message);
    if (error.status === 503) return this.#unavailable(grpc, details);
    return { code: error.status === 413 ? grpc.status.RESOURCE_EXHAUSTED : grpc.status.INVALID_ARGUMENT, details };
  }

  /** Asks a sender to send its request again. */
  #unavailable(grpc: Grpc, details: string) {
    const code = grpc.status.UNAVAILABLE;
    const metadata: Metadata = new grpc.Metadata();
    const status = this.#encoding.encodeStatus({ code, message: details, retryAfter: RETRY_AFTER });
    metadata.set('grpc-status-details-bin', Buffer.from(status));
    return { code, details, metadata };
  }
}
