import { promisify } from 'node:util';
import { constants, deflate, gzip, zstdCompress } from 'node:zlib';
import { BlockedError, DoubtfulError, RejectedError } from '../errors.ts';
import type { Context } from '../plugin/contract.ts';
import type { Credentials } from '../plugin/listening.ts';
import type { ClientAuth } from './client-settings.ts';
import { type ClientTlsOptions, createTlsFetch, type Fetch } from './tls-fetch.ts';

export { bodySizeLimit, type ClientAuth, type ClientTls, clientSettings } from './client-settings.ts';

/** How the body of a request can be compressed, by the name that its header gives it. */
export const compressions = ['gzip', 'zstd', 'deflate', 'zlib', 'none'] as const;
export type Compression = (typeof compressions)[number];

const [toGzip, toDeflate, toZstd] = [promisify(gzip), promisify(deflate), promisify(zstdCompress)];
const fast = { level: constants.Z_BEST_SPEED };
type Compress = (content: Uint8Array) => Promise<Buffer>;
const compressors: Readonly<Record<Exclude<Compression, 'none'>, Compress>> = {
  gzip: (content) => toGzip(content, fast),
  zstd: (content) => toZstd(content),
  // The Collector calls the same format by both names.
  deflate: (content) => toDeflate(content, fast),
  zlib: (content) => toDeflate(content, fast),
};
const LONGEST_TIMER = 2 ** 31 - 1;
const MIB = 1024 * 1024;
/** How many bytes are read of an answer of which nobody needs more: what a server says to a push, or of an error. */
const WITHOUT_LIMIT = 64 * 1024;

class AnswerTooLongError extends Error {}

/** When a request ends without an answer. */
interface RequestLimits {
  /** Milliseconds until the whole answer must be there; 0 is without end. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** The setting that `timeout` comes from, where errors are to name it. */
  readonly timeoutSetting?: string;
  /** What errors call the server, where it is not the URL. */
  readonly name?: string;
  /**
   * The longest answer that is read, decompressed, in MiB, as `body_size_limit_mib` has it; a longer one is an error. Without
   * it, and of an answer whose status is no success, 64 KiB are read.
   */
  readonly bodyLimitMib?: number;
}

/** The whole answer of a server. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body, or its first 64 KiB where no more were asked for. */
  readonly body: Buffer;
  /** Returns the body in UTF-8, without a byte order mark. */
  text(): string;
}

type ClientContext = Pick<Context, 'resolvePath' | 'logger'> & Partial<Pick<Context, 'clientAuth'>>;

/** Calls servers with the TLS of a configuration. Throws where `tls` stands beside a URL that is not https. */
export class HttpClient {
  readonly #ctx: ClientContext;
  readonly #tls: ClientTlsOptions | undefined;
  readonly #credentials: Credentials | undefined;
  #secure: Awaited<ReturnType<typeof createTlsFetch>> | undefined;

  constructor(ctx: ClientContext, url: string, tls: ClientTlsOptions | undefined, auth?: ClientAuth) {
    const isAsked = Object.values(tls ?? {}).some((value) => value !== undefined && value !== false);
    if (isAsked && !url.startsWith('https:'))
      throw new Error('`tls` needs a URL that begins with https:, and this one does not');
    this.#ctx = ctx;
    this.#tls = isAsked ? tls : undefined;
    this.#credentials = auth && ctx.clientAuth?.(auth.authenticator);
  }

  /** Reads the certificate files. Throws, with the key and the path, where one cannot be used. */
  async start(): Promise<void> {
    if (this.#tls) this.#secure = await createTlsFetch(this.#ctx, this.#tls);
  }

  readonly fetch: Fetch = (url, init) => {
    if (this.#tls && !this.#secure) throw new Error('the client has not been started');
    const authorized = this.#credentials ? withHeader(init, this.#credentials()) : init;
    return (this.#secure?.fetch ?? fetch)(url, authorized);
  };

  /**
   * Sends a request, and resolves with the whole answer, whatever its status; a redirect is not followed, since a POST would
   * lose its body. Throws where there is no answer, or too long a one. The connection of an answer that is not read to its
   * end is closed. Nothing of a request stays in memory once it is answered.
   */
  async request(
    url: string,
    init: RequestInit,
    { timeout, timeoutSetting, signal, name = url, bodyLimitMib }: RequestLimits,
  ): Promise<Answer> {
    const ending = new AbortController();
    const end = () => ending.abort(signal.reason);
    let within = '';
    const expire = () => {
      within = ` within ${timeout / 1000} s${timeoutSetting ? `, which is \`${timeoutSetting}\`` : ''}`;
      ending.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    };
    const timer = timeout > 0 ? setTimeout(expire, Math.min(timeout, LONGEST_TIMER)) : undefined;
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    try {
      const response = await this.fetch(url, { redirect: 'manual', ...init, signal: ending.signal });
      const { status, headers } = response;
      const limit = response.ok ? bodyLimitMib : undefined;
      const body = await readBody(response, limit === undefined ? WITHOUT_LIMIT : limit * MIB);
      if (!body.isWhole) {
        ending.abort();
        if (limit !== undefined)
          throw new AnswerTooLongError(`${name} has more than ${limit} MiB, which is \`body_size_limit_mib\``);
      }
      const { bytes } = body;
      return { status, headers, body: bytes, text: () => new TextDecoder().decode(bytes) };
    } catch (error) {
      if (error instanceof AnswerTooLongError) throw error;
      const message = `no answer from ${name}${within}`;
      throw isTlsFailure(error) ? new BlockedError(message, { cause: error }) : new Error(message, { cause: error });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }

  /** Posts bytes, which must stay as they are until the server has answered; otherwise as `request`. */
  async post(
    url: string,
    content: Uint8Array,
    { compression, headers }: { readonly compression: Compression; readonly headers: Headers },
    limits: RequestLimits,
  ): Promise<Answer> {
    const all = new Headers(headers);
    let body = content;
    if (compression !== 'none') {
      all.set('content-encoding', compression);
      body = await compressors[compression](content);
    }
    all.set('content-length', String(body.length));
    // As a stream it is sent without a copy; of bytes `fetch` would make two, which costs more than to send them.
    return this.request(
      url,
      { method: 'POST', headers: all, body: ReadableStream.from([body]), duplex: 'half' },
      limits,
    );
  }

  async close(): Promise<void> {
    const secure = this.#secure;
    this.#secure = undefined;
    await secure?.close();
  }
}

function withHeader(init: RequestInit, [name, value]: readonly [string, string]): RequestInit {
  const headers = new Headers(init.headers);
  headers.set(name, value);
  return { ...init, headers };
}

/** Reads the first bytes of a body, and says whether these are all; of a longer one little more than that is read. */
export async function readBody(response: Response, most: number): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) return { bytes: Buffer.concat(chunks, length).subarray(0, most), isWhole: false };
  }
  return { bytes: Buffer.concat(chunks, length), isWhole: true };
}

/**
 * Returns what to change in the configuration after a server has refused a request with this HTTP status, or undefined where
 * no setting helps. `correctUrl` says how to correct the URL.
 */
export function remedyForStatus(status: number, correctUrl: string): string | undefined {
  if (status === 401 || status === 403) return 'set `headers` with what the server asks for';
  return status < 400 || status === 404 || status === 405 ? correctUrl : undefined;
}

/** The answers after which the same request may be taken later. */
const FOR_NOW = new Set([408, 429, 502, 503, 504]);
/** The answers to what a sender has got wrong. */
const FOR_GOOD = new Set([400, 422]);

/**
 * Returns the error for an answer to a push that is no success: a `RejectedError` where the data are at fault, a
 * `BlockedError` where somebody must mend something, a `DoubtfulError` where it may be either. `correctUrl` says how to
 * correct the URL.
 */
export function pushFailure(status: number, message: string, correctUrl: string): Error {
  if (FOR_NOW.has(status)) return new Error(message);
  if (FOR_GOOD.has(status)) return new RejectedError(`${message}; it will not take this run`);
  if (status === 413) return new DoubtfulError(`${message}; raise the limit of the server`);
  if (status >= 500) return new DoubtfulError(message);
  return new BlockedError(`${message}; ${remedyForStatus(status, correctUrl) ?? 'change what the server refuses'}`);
}

/** The codes of errors that TLS has, such as a certificate that has expired. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO$)/;

/** Whether TLS is why a server could not be reached, which somebody must mend. */
function isTlsFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && TLS_CODE.test(code)) || isTlsFailure(error.cause);
}

/** The headers of every request, from the configuration. Throws where HTTP does not allow one; the value is not shown. */
export function requestHeaders(configured: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(configured)) {
    try {
      headers.append(name, 'any');
    } catch {
      throw new Error(`\`${name}\` cannot be the name of a header; use letters, digits and -`);
    }
    try {
      headers.set(name, value);
    } catch {
      throw new Error(
        `the value of the header \`${name}\` has a character that HTTP does not allow, such as a line end`,
      );
    }
  }
  return headers;
}
