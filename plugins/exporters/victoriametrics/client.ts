import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type Fetch, remedyForStatus, requestHeaders } from 'wattline/http';
import { RejectedError } from 'wattline/plugin';

const compress = promisify(gzip);
const BODY_SHOWN = 300;
/** Answers after which the same request may succeed later. */
const RETRYABLE = new Set([408, 429]);
const LONGEST_TIMER = 2 ** 31 - 1;

/** How to reach a server. */
export interface ClientOptions {
  /** Its base URL, without a slash at its end. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  /** How requests are made, where not by Node's own `fetch`. */
  readonly fetch?: Fetch;
  /** Milliseconds that one request may take; 0 is without end. */
  readonly timeout: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The server's clock in milliseconds since 1970, to the second; undefined where it does not say. */
  readonly date: number | undefined;
}

/** Talks HTTP to VictoriaMetrics. Everything rejects when `signal` is aborted or the timeout has passed. */
export class Client {
  readonly endpoint: string;
  readonly #options: ClientOptions;
  readonly #headers: Headers;

  /** Throws where a header is not valid. */
  constructor(options: ClientOptions) {
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#headers = requestHeaders(options.headers);
  }

  /**
   * Posts samples, which must stay as they are until the server has answered. Resolves when it has taken them; throws
   * `RejectedError` where it never will.
   */
  async push(path: string, body: string | Buffer, signal: AbortSignal): Promise<void> {
    const headers = new Headers(this.#headers);
    if (!headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
    let content: Uint8Array = typeof body === 'string' ? Buffer.from(body) : body;
    if (this.#options.compression === 'gzip') {
      headers.set('content-encoding', 'gzip');
      content = await compress(content, { level: constants.Z_BEST_SPEED });
    }
    headers.set('content-length', String(content.length));
    const answer = await this.#request(path, { method: 'POST', ...streamed(content), headers }, signal);
    if (answer.status < 200 || answer.status >= 300) throw this.#refusal(path, answer);
  }

  get(path: string, signal: AbortSignal): Promise<Answer> {
    return this.#request(path, { headers: this.#headers }, signal);
  }

  postForm(path: string, body: URLSearchParams, signal: AbortSignal): Promise<Answer> {
    return this.#request(path, { method: 'POST', body, headers: this.#headers }, signal);
  }

  async #request(path: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
    const { timeout, fetch = globalThis.fetch } = this.#options;
    const late = timeoutSignal(timeout);
    try {
      const response = await fetch(this.endpoint + path, {
        ...init,
        // A redirected POST would turn into a GET, and its samples would be lost.
        redirect: 'manual',
        signal: AbortSignal.any([signal, late]),
      });
      const date = Date.parse(response.headers.get('date') ?? '');
      const text = await response.text();
      return { status: response.status, text, date: Number.isNaN(date) ? undefined : date };
    } catch (error) {
      const within = late.aborted && !signal.aborted ? ` within ${timeout / 1000} s` : '';
      throw new Error(`no answer from ${this.endpoint}${within}`, { cause: error });
    }
  }

  #refusal(path: string, { status, text }: Answer): Error {
    const said = text.trim().slice(0, BODY_SHOWN);
    const message = `${this.endpoint}${path} answered ${status}${said && `: ${said}`}`;
    if (status >= 500 || RETRYABLE.has(status)) return new Error(message);
    const remedy = remedyForStatus(status, 'set `endpoint` to the base URL of VictoriaMetrics itself');
    return new RejectedError(`${message}; ${remedy ?? 'it will not take these samples'}`);
  }
}

/** A body that `fetch` sends as it lies there; of bytes it would make two copies, which costs more than to send them. */
function streamed(content: Uint8Array): RequestInit {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(content);
      controller.close();
    },
  });
  return { body, duplex: 'half' };
}

/** Aborts after so many milliseconds; 0 is never, as in the Collector. */
function timeoutSignal(milliseconds: number): AbortSignal {
  if (milliseconds <= 0) return new AbortController().signal;
  return AbortSignal.timeout(Math.min(Math.ceil(milliseconds), LONGEST_TIMER));
}
