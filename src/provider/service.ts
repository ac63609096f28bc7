import { type ZodType, z } from 'zod';
import { messageOf, RejectedError } from '../errors.ts';
import { readTime } from '../factors/time-text.ts';
import type { Method } from '../model/factor.ts';
import type { Place } from '../plugin/contract.ts';
import type { Reading } from './readings.ts';
import type { Get } from './requests.ts';

/** A service that gives a factor by place and time; times are in seconds since 1970. */
export interface FactorService {
  /** The last part of its factors' ids, such as `watttime`. */
  readonly name: string;
  readonly quantity: 'price' | 'intensity';
  readonly method?: Method;
  /** The currency of its prices by ISO 4217; USD where it is left out. */
  readonly currency?: string;
  /** The length of its periods, in seconds. */
  readonly resolution: number;
  /** Returns the service's name of a place; undefined where it does not know the place, for the reason `unknown`. */
  locate(place: Place): string | undefined;
  readonly unknown: string;
  /** Returns the earliest start of a span that ends at `to` and is read at once. */
  earliest(to: number): number;
  /**
   * Reads a span of whole periods. It may return more periods than these, and fewer where there are no more. A row of the
   * answer that cannot be used is returned as what is wrong with it, and costs no other.
   */
  read(place: string, from: number, to: number, get: Get): Promise<readonly (Reading | RejectedError)[]>;
}

/**
 * A schema of a list of rows. A row that does not fit the schema becomes a `RejectedError`, which says why; a list of which
 * no row fits does not fit itself.
 */
export const rowsOf = <T>(row: ZodType<T>) =>
  z.array(z.unknown()).transform((items, ctx) => {
    const rows = items.map((item) => {
      const parsed = row.safeParse(item);
      return parsed.success
        ? parsed.data
        : new RejectedError(`a value is not as documented: ${messageOf(parsed.error)}`);
    });
    const [first] = rows;
    if (!(first instanceof RejectedError) || rows.some((one) => !(one instanceof RejectedError))) return rows;
    ctx.addIssue({ code: 'custom', message: first.message });
    return z.NEVER;
  });

/** Makes readings of the rows of an answer; what is wrong with a row stays as it is. */
export function readingsOf<T>(
  rows: readonly (T | RejectedError)[],
  read: (row: T) => Reading | RejectedError | undefined,
): (Reading | RejectedError)[] {
  return rows.flatMap((row) => (row instanceof RejectedError ? row : (read(row) ?? [])));
}

/** A schema of a time with `Z` or an offset, such as `2018-01-20T12:00Z`; the value is in seconds since 1970. */
export const instant = () =>
  z.string().transform((text, ctx) => {
    const time = readTime(text, 'UTC');
    if (time === undefined) ctx.addIssue({ code: 'custom', message: 'expected a time such as 2018-01-20T12:00Z' });
    return time ?? z.NEVER;
  });
