import type { Logger } from 'pino';
import { type Answer, type Compression, type HttpClient, pushFailure } from 'wattline/http';
import {
  type EncodeRequest,
  encodeRuns,
  jsonEncoding,
  OtlpAnswers,
  type OtlpEncoding,
  protobufEncoding,
} from 'wattline/otlp';
import { messageOf, type QueuedExporter, type Run } from 'wattline/plugin';

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
  readonly compression: Compression;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
  /** Reads answers. */
  readonly encoding: OtlpEncoding;
}

/** Sends lists of runs to a server, each in one request. */
export class Delivery {
  readonly #client: HttpClient;
  readonly #options: DeliveryOptions;
  readonly #answers: OtlpAnswers;

  constructor(client: HttpClient, logger: Logger, options: DeliveryOptions) {
    this.#client = client;
    this.#options = options;
    this.#answers = new OtlpAnswers(logger, options.url, options.encoding);
  }

  /** Sends runs. Throws where they may be sent again, and `RejectedError` where the server will not take the request. */
  async send(runs: readonly Run[], encode: EncodeRequest, signal: AbortSignal): Promise<Sent> {
    const { url, timeout } = this.#options;
    const answer = await this.#client.post(url, encodeRuns(runs, encode), this.#options, { timeout, signal });
    if (answer.status < 200 || answer.status >= 300) throw this.#errorOf(answer);
    return this.#answers.outcomeOf(runs, answer.body);
  }

  #errorOf(answer: Answer): Error {
    const { status } = answer;
    const said = reasonIn(answer).trim().slice(0, REASON_SHOWN);
    const message = `${this.#options.url} answered ${status}${said && `: ${said}`}`;
    return pushFailure(status, message, CORRECT_URL);
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
