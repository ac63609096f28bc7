import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ExportResponse, IExporterTransport } from '@opentelemetry/otlp-exporter-base';
import { type Fetch, remedyForStatus } from 'wattline/http';
import type { PartialSuccess } from 'wattline/otlp';
import { RejectedError } from 'wattline/plugin';
import { Deadline } from './deadline.ts';
import type { RequestContents } from './sdk-exporter.ts';
import { reasonIn } from './server-answer.ts';

const compress = promisify(gzip);
/** The answers after which OTLP lets a client send the same again. */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** How to reach a server, and how to read its answers. */
export interface SingleAttemptOptions {
  /** Where metrics are taken, such as `http://127.0.0.1:4318/v1/metrics`. */
  readonly url: string;
  /** The valid headers of every request; `content-type` is among them. */
  readonly headers: Headers;
  readonly compression: 'gzip' | 'none';
  readonly fetch: Fetch;
  /** What is in a request. */
  contentsOf(request: Uint8Array): RequestContents | undefined;
  /** Reads the partial success in the body of a 2xx answer; may throw where there is none. */
  readPartialSuccess(body: Uint8Array): PartialSuccess | undefined;
  /** Takes what a server says that took everything nonetheless, or nearly so. */
  warn(message: string): void;
}

/**
 * A transport for the SDK's OTLP exporters that sends a request once. Theirs tries up to six times within the timeout
 * before a queue learns of it, does not tell a 503 from a 429, and leaves a partial success to a global logger.
 */
export class SingleAttempt implements IExporterTransport {
  readonly #options: SingleAttemptOptions;
  readonly #closed = new AbortController();
  #ended: AbortSignal = this.#closed.signal;
  #lastWarning = '';

  constructor(options: SingleAttemptOptions) {
    this.#options = options;
  }

  /** Has requests from now on end when the signal is aborted; the SDK's exporters do not pass one on. */
  endWith(signal: AbortSignal): void {
    this.#ended = signal;
  }

  async send(data: Uint8Array, timeout: number): Promise<ExportResponse> {
    const { url } = this.#options;
    const deadline = new Deadline(timeout, [this.#ended, this.#closed.signal]);
    try {
      const response = await this.#post(data, deadline.signal);
      const body = new Uint8Array(await response.arrayBuffer());
      return response.ok ? this.#taken(data, body) : this.#refused(response, body);
    } catch (error) {
      const within = deadline.isPassed ? ` within ${timeout / 1000} s` : '';
      return { status: 'retryable', error: new Error(`no answer from ${url}${within}`, { cause: error }) };
    } finally {
      deadline.release();
    }
  }

  shutdown(): void {
    this.#closed.abort();
  }

  async #post(data: Uint8Array, signal: AbortSignal): Promise<Response> {
    const { url, compression, fetch } = this.#options;
    const headers = new Headers(this.#options.headers);
    if (compression === 'gzip') headers.set('content-encoding', 'gzip');
    const body = compression === 'gzip' ? await compress(data, { level: constants.Z_BEST_SPEED }) : data;
    // A redirected POST would turn into a GET, and its points would be lost.
    return fetch(url, { method: 'POST', headers, body: Buffer.from(body), redirect: 'manual', signal });
  }

  /**
   * What is rejected must not be sent again, and of several runs nobody says whose it is: only where all of it is
   * rejected, or all of it is one run, is the request.
   */
  #taken(request: Uint8Array, body: Uint8Array): ExportResponse {
    const { url, contentsOf } = this.#options;
    const partial = this.#partialSuccess(body);
    if (!partial) return { status: 'success' };
    const { rejectedDataPoints: rejected, errorMessage: said } = partial;
    const { runs, points } = contentsOf(request) ?? { runs: 1, points: rejected };
    if (rejected > 0 && (runs === 1 || rejected >= points)) {
      const message = `${url} rejected ${rejected} data points${said && `: ${said}`}`;
      return { status: 'failure', error: new RejectedError(message) };
    }
    this.#warn(
      rejected > 0
        ? `${url} rejected ${rejected} of the ${points} data points of ${runs} runs${said && `: ${said}`}`
        : `${url} took everything, and says: ${said}`,
    );
    return { status: 'success' };
  }

  #warn(warning: string): void {
    if (warning !== this.#lastWarning) this.#options.warn(warning);
    this.#lastWarning = warning;
  }

  #partialSuccess(body: Uint8Array): PartialSuccess | undefined {
    try {
      return this.#options.readPartialSuccess(body);
    } catch {
      // Servers that are not strict answer 200 with a text of their own.
      return undefined;
    }
  }

  #refused({ status, headers }: Response, body: Uint8Array): ExportResponse {
    const said = reasonIn(body, headers.get('content-type'));
    const message = `${this.#options.url} answered ${status}${said && `: ${said}`}`;
    if (RETRYABLE.has(status)) return { status: 'retryable', error: new Error(message) };
    return { status: 'failure', error: new RejectedError(`${message}; ${remedyFor(status)}`) };
  }
}

function remedyFor(status: number): string {
  if (status === 413) return 'raise the limit of the server';
  const correctUrl = 'set `endpoint` to the base URL of the server, without /v1/metrics';
  return remedyForStatus(status, correctUrl) ?? 'it will not take this run';
}
