import { z } from 'zod';
import { bodySizeLimit } from '../http/client.ts';
import { duration } from '../plugin/schema.ts';

/** The settings of every provider that asks a service; the rate limit is the one that the service documents. */
export const serviceSettings = (limit: { readonly requests: number; readonly interval: string }) => ({
  timeout: duration({ least: '1ms', most: '1h' })
    .transform(Math.ceil)
    .prefault('5s')
    .describe('How long a run waits for the service at most, and how long one request may take; at most 1h'),
  refresh: duration({ least: '1s' })
    .prefault('5m')
    .describe('After how long a value that may still change, or that was not there, is asked for again; at least 1s'),
  max_age: duration({ most: '24h' })
    .prefault('2h')
    .describe(
      'For how long after its period a value stands in for newer ones that cannot be had, as `cached`; at most 24h',
    ),
  body_size_limit_mib: bodySizeLimit(4),
  rate_limit: z
    .strictObject({
      requests: z
        .int()
        .positive()
        .default(limit.requests)
        .describe('How many requests may be sent at once, and in each interval in the long run'),
      interval: duration({ least: '1ms' })
        .prefault(limit.interval)
        .describe('The interval that these requests are counted in'),
    })
    .prefault({}),
});

/** A configuration with `serviceSettings`; times in milliseconds. */
export interface ServiceConfig {
  readonly timeout: number;
  readonly refresh: number;
  readonly max_age: number;
  readonly body_size_limit_mib: number;
  readonly rate_limit: { readonly requests: number; readonly interval: number };
}
