import { type Answer as HttpAnswer, type HttpClient, pushFailure, requestHeaders } from 'wattline/http';

const BODY_SHOWN = 300;

/** How to reach a server. */
export interface ClientOptions {
  /** Its base URL, without a slash at its end. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  readonly http: HttpClient;
  /** Milliseconds that one request may take; 0 is without end. */
  readonly timeout: number;
  /** The longest page and the longest result of a query that are read, in MiB. */
  readonly bodyLimitMib?: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The server's clock in milliseconds since 1970, to the second; undefined where it does not say. */
  readonly date: number | undefined;
}

/** Calls VictoriaMetrics. Everything rejects when `signal` is aborted or the timeout has passed. */
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

  /** Posts samples. Resolves when the server has taken them; throws what `pushFailure` says otherwise. */
  async push(path: string, body: string, signal: AbortSignal): Promise<void> {
    const { http, compression } = this.#options;
    const headers = new Headers(this.#headers);
    if (!headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
    const content = Buffer.from(body);
    const answer = await http.post(this.endpoint + path, content, { compression, headers }, this.#limits(signal));
    if (answer.status < 200 || answer.status >= 300) throw this.#errorOf(path, answer);
  }

  get(path: string, signal: AbortSignal): Promise<Answer> {
    return this.#read(path, { headers: this.#headers }, signal);
  }

  postForm(path: string, body: URLSearchParams, signal: AbortSignal): Promise<Answer> {
    return this.#read(path, { method: 'POST', body, headers: this.#headers }, signal);
  }

  async #read(path: string, init: RequestInit, signal: AbortSignal): Promise<Answer> {
    const { status, headers, text } = await this.#options.http.request(this.endpoint + path, init, {
      ...this.#limits(signal),
      bodyLimitMib: this.#options.bodyLimitMib ?? 16,
    });
    const date = Date.parse(headers.get('date') ?? '');
    return { status, text: text(), date: Number.isNaN(date) ? undefined : date };
  }

  #limits(signal: AbortSignal) {
    return { timeout: this.#options.timeout, signal, name: this.endpoint };
  }

  #errorOf(path: string, { status, text }: HttpAnswer): Error {
    const said = text().trim().slice(0, BODY_SHOWN);
    const message = `${this.endpoint}${path} answered ${status}${said && `: ${said}`}`;
    return pushFailure(status, message, 'set `endpoint` to the base URL of VictoriaMetrics itself');
  }
}
