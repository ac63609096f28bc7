import { type Answer, type HttpClient, laterError, pushFailure, requestHeaders } from 'wattline/http';
import { RejectedError } from 'wattline/plugin';
import { type WriteMessage, writeVersions } from 'wattline/prometheus';
import type { WriteRequest } from './request.ts';

/** How much of what a server says a message shows. */
const SHOWN = 500;
const CORRECT_URL = 'set `endpoint` to the full URL of remote write, such as http://127.0.0.1:9090/api/v1/write';
const WRITTEN = 'x-prometheus-remote-write-samples-written';

/** How to reach a server. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly message: WriteMessage;
  readonly http: HttpClient;
  /** Milliseconds that one request may take; 0 is without end. */
  readonly timeout: number;
}

/** Sends requests of remote write to a server. */
export class Client {
  readonly #options: ClientOptions;
  readonly #headers: Headers;
  #compress: typeof import('snappy').compress | undefined;

  /** Throws where a header is not valid. */
  constructor(options: ClientOptions) {
    this.#options = options;
    this.#headers = requestHeaders(options.headers);
    const { header, contentType } = writeVersions[options.message];
    this.#headers.set('content-type', contentType);
    this.#headers.set('content-encoding', 'snappy');
    this.#headers.set('x-prometheus-remote-write-version', header);
  }

  /** Loads what compresses. */
  async start(): Promise<void> {
    this.#compress = (await import('snappy')).compress;
  }

  /**
   * Sends a request. Returns how many of its samples the server has dropped, as far as it says so. Throws `RejectedError`
   * where it will never take it, and what `pushFailure` says where somebody must
   * mend something.
   */
  async send({ body, samples }: WriteRequest, signal: AbortSignal): Promise<number> {
    const { endpoint, http, message, timeout } = this.#options;
    if (!this.#compress) throw new Error('the exporter has not been started');
    const content = await this.#compress(body);
    const request = { compression: 'none', headers: this.#headers } as const;
    const answer = await http.post(endpoint, content, request, { timeout, signal });
    if (answer.status < 200 || answer.status >= 300) throw failureOf(answer, endpoint);
    return message === 'prometheus.WriteRequest' ? 0 : this.#dropped(answer, samples);
  }

  /** A server that knows 1.0 only may take a message of 2.0 for an empty one. */
  #dropped({ headers }: Answer, samples: number): number {
    const written = headers.get(WRITTEN);
    if (written !== null && /^\d+$/.test(written)) return Math.max(0, samples - Number(written));
    const { endpoint } = this.#options;
    const remedy = 'set `protobuf_message: prometheus.WriteRequest`, which is version 1.0';
    throw pushFailure(
      415,
      `${endpoint} does not say that it has written anything, as version 2.0 has it; ${remedy}`,
      '',
    );
  }
}

function failureOf({ status, headers, text }: Answer, endpoint: string): Error {
  const said = text().trim().slice(0, SHOWN);
  const message = `${endpoint} answered ${status}${said && `: ${said}`}`;
  if (status === 429 || status === 408 || status >= 500) {
    // It is in no doubt, since what waits must not overtake it.
    return laterError(message, headers);
  }
  if (status === 415) return pushFailure(status, `${message}; set \`protobuf_message\` to what it takes`, CORRECT_URL);
  if (status < 400 || [401, 403, 404, 405, 407].includes(status)) return pushFailure(status, message, CORRECT_URL);
  return new RejectedError(message);
}
