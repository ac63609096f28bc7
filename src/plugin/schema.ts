import { z } from 'zod';
import type { QueueOptions, RetryOptions } from './contract.ts';
import type { Endpoint } from './listening.ts';

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const DURATION = new RegExp(`^(?:0|(?:${PART.source})+)$`);

const DURATION_WANTED = 'expected a duration such as 5s, 200ms or 1h30m';

/** What a schema says of a value beside its form, which the core reads. */
export interface Marks {
  readonly reference?: Reference;
  /** Whether it is shown nowhere: a token, a password, a header that may hold one. */
  readonly secret?: true;
  /** Whether the component listens there. */
  readonly listens?: true;
  /** Whether the component calls the server there. */
  readonly calls?: true;
  /** What values were called before, by what they are called now: the old name still counts, with a warning. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** A length of time as the Collector writes it, such as `5s`, `200ms` or `1h30m`; the value is in milliseconds. */
export const duration = () =>
  z
    .union([z.string(), z.literal(0)], { error: DURATION_WANTED })
    .refine((text) => DURATION.test(String(text)), { error: DURATION_WANTED })
    .transform((text) => {
      let milliseconds = 0;
      for (const [, amount, unit] of String(text).matchAll(PART)) {
        milliseconds += Number(amount) * UNITS[unit as keyof typeof UNITS];
      }
      return milliseconds;
    });

const ENDPOINT = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:/\s]*):(?<port>\d{1,5})$/;

const ENDPOINT_WANTED = 'expected host:port such as 0.0.0.0:9514';

/**
 * `host:port` to listen on, such as `0.0.0.0:9514` or `[::1]:4318`; that components do not get into each other's way there
 * is checked with the configuration.
 */
export const endpoint = () =>
  z
    .string({ error: ENDPOINT_WANTED })
    .refine((text) => Number(ENDPOINT.exec(text)?.groups?.port ?? Number.NaN) <= 65_535, { error: ENDPOINT_WANTED })
    .meta({ listens: true } satisfies Marks)
    .transform((text): Endpoint => {
      const { host = '', port } = ENDPOINT.exec(text)?.groups ?? {};
      return { host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
    });

/**
 * The base URL of a server to call, without a slash at its end. With `isBare` it has neither user and password nor query
 * and fragment.
 */
export const serverUrl = ({ isBare = false }: { readonly isBare?: boolean } = {}) =>
  z
    .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:8428' })
    .meta({ calls: true } satisfies Marks)
    .transform((url) => url.replace(/\/+$/, ''))
    .refine((url) => !isBare || isBareUrl(url), {
      error: 'expected a URL without user, password and query; put credentials into `headers`',
    });

function isBareUrl(url: string): boolean {
  const { username, password, search, hash } = new URL(url);
  return username === '' && password === '' && search === '' && hash === '';
}

/** What a string of a configuration refers to: a configured component, and what it must offer. */
export interface Reference {
  readonly kind: 'extension' | 'provider';
  readonly offers?: 'storage';
}

/** The id of another component; that it is configured, started and of use is checked with the configuration. */
export const reference = (kind: Reference['kind'], offers?: Reference['offers']) =>
  z
    .string()
    .min(1)
    .meta({ reference: { kind, ...(offers && { offers }) } } satisfies Marks);

/** A text that no message and no output shows, such as a token or a password. */
export const secret = () => z.string().meta({ secret: true } satisfies Marks);

/** The Collector's settings of a push exporter: `timeout`, `sending_queue`, `retry_on_failure`; made for who asks for them. */
export const pushSettings = {
  get timeout() {
    return duration().prefault('10s').describe('How long one request may take');
  },
  get sending_queue() {
    return z
      .strictObject({
        queue_size: z.int().positive().default(1000).describe('How many runs may wait; one more is pushed back'),
        num_consumers: z.int().positive().default(10).describe('How many requests may be under way at once'),
        storage: reference('extension', 'storage')
          .optional()
          .describe(
            'The extension that keeps what waits on disk, such as `file_storage`: a run is then acknowledged once it is synced there, not once it has arrived. In memory where left out',
          ),
      })
      .prefault({});
  },
  get retry_on_failure() {
    return z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a request that failed is sent again'),
        initial_interval: duration().prefault('5s').describe('The pause before the first retry'),
        randomization_factor: z
          .number()
          .min(0)
          .max(1)
          .default(0.5)
          .describe('How far a pause may differ from its length, as a fraction'),
        multiplier: z.number().min(1).default(1.5).describe('How much longer each pause is than the one before'),
        max_interval: duration().prefault('30s').describe('The longest pause'),
        max_elapsed_time: duration()
          .optional()
          .describe(
            'When to give up, and drop the run where it is stored; `0s` is never. Where left out `5m`, with `storage` `0s`, and under `run --once` `15s`, after which what is stored is left for the next start',
          ),
      })
      .prefault({});
  },
};

interface PushConfig {
  readonly sending_queue: {
    readonly queue_size: number;
    readonly num_consumers: number;
    readonly storage?: string | undefined;
  };
  readonly retry_on_failure: {
    readonly enabled: boolean;
    readonly initial_interval: number;
    readonly randomization_factor: number;
    readonly multiplier: number;
    readonly max_interval: number;
    readonly max_elapsed_time?: number | undefined;
  };
}

/**
 * The queue that a configuration with `pushSettings` asks for; `maxRuns` runs are sent in one request. Throws where
 * what is stored would be lost by the first request that fails.
 */
export function queueOptions(config: PushConfig, maxRuns: number): QueueOptions {
  const retry = config.retry_on_failure;
  const { storage } = config.sending_queue;
  if (storage !== undefined && !retry.enabled) {
    throw new Error(
      '`sending_queue.storage` needs retries, since nobody else can send a run again; remove `retry_on_failure.enabled: false`',
    );
  }
  return {
    queueSize: config.sending_queue.queue_size,
    consumers: config.sending_queue.num_consumers,
    maxRuns,
    ...(storage !== undefined && { storage }),
    retry: {
      enabled: retry.enabled,
      initialInterval: retry.initial_interval,
      randomizationFactor: retry.randomization_factor,
      multiplier: retry.multiplier,
      maxInterval: retry.max_interval,
      maxElapsedTime: retry.max_elapsed_time,
    } satisfies RetryOptions,
  };
}
