import { LaterError } from '../errors.ts';

/** Returns the error for an answer after which the same request may be taken later, and not before the server asks for it. */
export function laterError(message: string, headers: Headers): Error {
  const after = retryAfterOf(headers);
  return after === undefined ? new Error(message) : new LaterError(message, after);
}

/**
 * Returns how long a server asks to be left alone by the header `Retry-After`, a number of seconds or a date, in milliseconds;
 * undefined where it does not.
 */
export function retryAfterOf(headers: Headers): number | undefined {
  const asked = headers.get('retry-after');
  if (asked === null) return undefined;
  const milliseconds = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return milliseconds > 0 ? milliseconds : undefined;
}
