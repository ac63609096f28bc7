import type { ZodType, z } from 'zod';
import { messageOf, RejectedError } from '../errors.ts';
import type { Answer, HttpClient } from '../http/client.ts';
import { retryAfterOf } from '../http/retry-after.ts';
import type { Outcome } from './telemetry.ts';
import type { TokenBucket } from './token-bucket.ts';

/**
 * Requests JSON of a shape from a service. Throws `RejectedError` where the service refuses just this request,
 * `LimitedError` where the rate limit holds it back, and `ServiceError` where the service needs a pause.
 */
export type Get = <S extends ZodType>(url: string, schema: S, headers?: Headers) => Promise<z.output<S>>;

/** Says that the own rate limit holds a request back. */
export class LimitedError extends Error {}

/** Says that a service gave no answer, or none that can be used. */
export class ServiceError extends Error {
  /** The HTTP status, if there was one. */
  readonly status: number | undefined;
  /** The pause that the service asks for, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number; retryAfter?: number | undefined } = {}) {
    super(message, options);
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

export interface RequestOptions {
  readonly http: HttpClient;
  /** The longest time of one request, in milliseconds. */
  readonly timeout: number;
  /** The longest answer that is read, in MiB. */
  readonly bodyLimitMib: number;
  readonly bucket: TokenBucket;
  readonly count: (outcome: Outcome) => void;
  /** Aborts every request. */
  readonly ended: AbortSignal;
}

/** Makes the function that calls a service within the rate limit, and counts the outcome of each request. */
export function createGet({ http, timeout, bodyLimitMib, bucket, count, ended }: RequestOptions): Get {
  return async (url, schema, headers) => {
    if (!bucket.take()) {
      count('limited');
      throw new LimitedError('no request is left by `rate_limit`');
    }
    const name = nameOf(url);
    try {
      const all = { accept: 'application/json', ...Object.fromEntries(headers ?? []) };
      const answer = await http
        .request(url, { headers: all }, { timeout, signal: ended, name, bodyLimitMib })
        .catch((error: Error) => {
          throw new ServiceError(error.message, { cause: error.cause });
        });
      if (answer.status < 200 || answer.status >= 300) throw refusalOf(name, answer);
      const parsed = schema.safeParse(parseJson(answer.text(), name));
      if (!parsed.success) {
        throw new ServiceError(`${name} does not answer as documented: ${messageOf(parsed.error)}`);
      }
      count('success');
      return parsed.data;
    } catch (error) {
      if (!ended.aborted) count(outcomeOf(error));
      throw error;
    }
  };
}

/** Returns a URL without its query. */
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function refusalOf(name: string, { status, headers }: Answer): Error {
  const message = `${name} answered ${status}${remedyFor(status)}`;
  const isOfService = status < 400 || status >= 500 || [401, 407, 408, 429].includes(status);
  if (!isOfService) return new RejectedError(message);
  return new ServiceError(message, { status, retryAfter: retryAfterOf(headers) });
}

function remedyFor(status: number): string {
  if (status === 401) return '; check the credentials';
  if (status === 429) return '; it asks for fewer requests, see `rate_limit`';
  if (status === 403) return '; the account may not have this place, or this time';
  if (status < 400 || status === 404) return '; check `endpoint`, and whether the service knows this place';
  return '';
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The error would quote the answer.
    throw new ServiceError(`${name} does not answer with JSON`);
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof RejectedError) return 'refused';
  return error instanceof ServiceError && error.status === 429 ? 'throttled' : 'failed';
}
