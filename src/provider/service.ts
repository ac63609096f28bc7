import { z } from 'zod';
import { readTime } from '../factors/time-text.ts';
import type { Method } from '../model/factor.ts';
import type { Place } from '../plugin/contract.ts';
import type { Reading } from './readings.ts';
import type { Get } from './requests.ts';

/** A service that knows a factor by place and time; times in seconds since 1970. */
export interface FactorService {
  /** The last part of its factors' ids, such as `watttime`. */
  readonly name: string;
  readonly quantity: 'price' | 'intensity';
  readonly method?: Method;
  /** The length of its periods, in seconds. */
  readonly resolution: number;
  /** What it calls a place, or undefined where it does not know it, and `unknown` says why. */
  locate(place: Place): string | undefined;
  readonly unknown: string;
  /** The earliest time at which a span may begin that ends at `to` and is read in one go. */
  earliest(to: number): number;
  /** Asks for a span of whole periods; more than was asked for may come back, and less where there is no more. */
  read(place: string, from: number, to: number, get: Get): Promise<readonly Reading[]>;
}

/** A time of an answer with `Z` or an offset, such as `2018-01-20T12:00Z`; the value is in seconds since 1970. */
export const instant = () =>
  z.string().transform((text, ctx) => {
    const time = readTime(text, 'UTC');
    if (time === undefined) ctx.addIssue({ code: 'custom', message: 'expected a time such as 2018-01-20T12:00Z' });
    return time ?? z.NEVER;
  });
