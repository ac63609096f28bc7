import type { Logger } from 'pino';
import { type Answer, type HttpClient, pushFailure } from 'wattline/http';
import {
  type EncodeRequest,
  jsonEncoding,
  type OtlpEncoding,
  type PartialSuccess,
  protobufEncoding,
} from 'wattline/otlp';
import { allTaken, messageOf, type QueuedExporter, RejectedError, type Run, refuseAll } from 'wattline/plugin';

/** The maximum length of a server's reason in a message. */
const REASON_SHOWN = 300;
const CORRECT_URL = 'set `endpoint` to the base URL of the server, without /v1/metrics';

type Sent = Awaited<ReturnType<QueuedExporter['send']>>;

/** Where runs are sent, and how. */
export interface DeliveryOptions {
  /** Where metrics are taken, such as `http://127.0.0.1:4318/v1/metrics`. */
  readonly url: string;
  /** The valid headers of every request; `content-type` is among them. */
  readonly headers: Headers;
  readonly compression: 'gzip' | 'none';
  /** Milliseconds that one request may take. */
  readonly timeout: number;
  /** Reads answers. */
  readonly encoding: OtlpEncoding;
}

/** Sends lists of runs to a server, each in one request. */
export class Delivery {
  readonly #client: HttpClient;
  readonly #logger: Logger;
  readonly #options: DeliveryOptions;
  #lastWarning = '';

  constructor(client: HttpClient, logger: Logger, options: DeliveryOptions) {
    this.#client = client;
    this.#logger = logger;
    this.#options = options;
  }

  /** Sends runs. Throws where they may be sent again, and `RejectedError` where the server will not take the request. */
  async send(runs: readonly Run[], encode: EncodeRequest, signal: AbortSignal): Promise<Sent> {
    const { url, timeout } = this.#options;
    const answer = await this.#client.post(url, encoded(runs, encode), this.#options, { timeout, signal });
    if (answer.status < 200 || answer.status >= 300) throw this.#errorOf(answer);
    const partial = this.#partialSuccess(answer.body);
    return partial ? this.#outcomeOf(runs, partial) : allTaken;
  }

  /**
   * What is rejected must not be sent again, and of several runs the server does not say whose it is: only where all points
   * are rejected, or all are of one run, is the run refused.
   */
  #outcomeOf(runs: readonly Run[], { rejectedDataPoints: rejected, errorMessage: said }: PartialSuccess): Sent {
    const { url } = this.#options;
    const points = runs.reduce((sum, run) => sum + run.pointCount, 0);
    const why = said && `: ${said}`;
    if (rejected > 0 && (runs.length === 1 || rejected >= points)) {
      return refuseAll(runs, 'rejected', `${url} rejected ${rejected} data points${why}`);
    }
    if (rejected > 0)
      this.#warn(`${url} rejected ${rejected} of the ${points} data points of ${runs.length} runs${why}`);
    else this.#warn(`${url} took everything, and says: ${said}`);
    return { ...allTaken, rejectedPoints: rejected };
  }

  #warn(warning: string): void {
    if (warning !== this.#lastWarning) this.#logger.warn(warning);
    this.#lastWarning = warning;
  }

  #partialSuccess(body: Uint8Array): PartialSuccess | undefined {
    try {
      return this.#options.encoding.decodeResponse(body);
    } catch {
      // Servers that are not strict answer 200 with a text of their own.
      return undefined;
    }
  }

  #errorOf(answer: Answer): Error {
    const { status } = answer;
    const said = reasonIn(answer).trim().slice(0, REASON_SHOWN);
    const message = `${this.#options.url} answered ${status}${said && `: ${said}`}`;
    return pushFailure(status, message, CORRECT_URL);
  }
}

function encoded(runs: readonly Run[], encode: EncodeRequest): Uint8Array {
  try {
    return encode(runs);
  } catch (error) {
    throw new RejectedError(`a run cannot be written as OTLP: ${messageOf(error)}`, { cause: error });
  }
}

/** Returns the reason in an error answer: the message of a `google.rpc.Status`, else the text itself. */
function reasonIn({ headers, body, text }: Answer): string {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim();
  const encoding = [jsonEncoding, protobufEncoding()].find(({ contentType }) => contentType === type);
  const isText = !encoding || encoding === jsonEncoding;
  try {
    const message = encoding?.decodeStatus(body).message;
    return message || (isText ? text() : '');
  } catch (error) {
    return isText ? text() : `an answer that is not a google.rpc.Status (${messageOf(error)})`;
  }
}
