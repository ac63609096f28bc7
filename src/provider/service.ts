import { z } from 'zod';
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
  /** The length of its periods, in seconds. */
  readonly resolution: number;
  /** Returns the service's name of a place; undefined where it does not know the place, for the reason `unknown`. */
  locate(place: Place): string | undefined;
  readonly unknown: string;
  /** Returns the earliest start of a span that ends at `to` and is read at once. */
  earliest(to: number): number;
  /** Reads a span of whole periods. It may return more periods than these, and fewer where there are no more. */
  read(place: string, from: number, to: number, get: Get): Promise<readonly Reading[]>;
}

/** A schema of a time with `Z` or an offset, such as `2018-01-20T12:00Z`; the value is in seconds since 1970. */
export const instant = () =>
  z.string().transform((text, ctx) => {
    const time = readTime(text, 'UTC');
    if (time === undefined) ctx.addIssue({ code: 'custom', message: 'expected a time such as 2018-01-20T12:00Z' });
    return time ?? z.NEVER;
  });
