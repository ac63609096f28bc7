import { z } from 'zod';
import { duration, foreignKeys, ignored, reference } from './schema.ts';

/** What a sending queue can count, by the Collector's names. */
const sizers = ['requests', 'items', 'bytes'] as const;
export type Sizer = (typeof sizers)[number];

const ACKNOWLEDGED = 'a run is acknowledged once it has arrived, or with `storage` once it is on disk';
/** The Collector's keys of the section `sending_queue`. */
const foreignQueueKeys = foreignKeys({
  enabled: ignored(ACKNOWLEDGED, true),
  wait_for_result: ignored(ACKNOWLEDGED),
  block_on_overflow: ignored('what has no room is pushed back to its sender, which sends it again', false),
  batch: ignored('a request holds what waits at that moment'),
});

/** The Collector's settings of a push exporter: `timeout`, `sending_queue`, `retry_on_failure`; made for who asks for them. */
export const pushSettings = {
  get timeout() {
    return duration().prefault('10s').describe('How long one request may take');
  },
  get sending_queue() {
    return z
      .strictObject({
        queue_size: z
          .int()
          .positive()
          .default(1000)
          .describe('How much may wait, in the unit of `sizer`; more is pushed back'),
        sizer: z
          .enum(sizers)
          .default('requests')
          .describe(
            'What `queue_size` counts: `requests` are runs, `items` data points, `bytes` those of OTLP, which are estimated in memory',
          ),
        num_consumers: z.int().positive().default(10).describe('How many requests may be under way at once'),
        storage: reference('extension', 'storage')
          .optional()
          .describe(
            'The extension that keeps what waits on disk, such as `file_storage`: a run is then acknowledged once it is synced there, not once it has arrived. In memory where left out',
          ),
      })
      .meta(foreignQueueKeys)
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
            'When to give up, and put the run aside where it is stored; `0s` is never. Where left out `5m`, with `storage` `0s`, and under `run --once` `15s`, after which what is stored is left for the next start',
          ),
      })
      .prefault({});
  },
};

type PushConfig = { readonly [Key in keyof typeof pushSettings]: z.output<(typeof pushSettings)[Key]> };

/** How a sending queue behaves; times in milliseconds. What is more than `queue_size` is deferred. */
export interface QueueOptions extends Readonly<Omit<PushConfig['sending_queue'], 'sizer'>> {
  /** What `queue_size` counts; runs where it is left out. */
  readonly sizer?: Sizer | undefined;
  /** How many waiting runs one `send` gets at most. */
  readonly maxRuns: number;
  readonly retry: RetryOptions;
}

/** When a request that failed is sent again. */
export type RetryOptions = Readonly<PushConfig['retry_on_failure']>;

/**
 * The queue that a configuration with `pushSettings` asks for; `maxRuns` runs are sent in one request. Throws where
 * what is stored would be lost by the first request that fails.
 */
export function queueOptions(
  {
    sending_queue: queue,
    retry_on_failure: retry,
  }: Pick<PushConfig, 'retry_on_failure'> & { sending_queue: Omit<QueueOptions, 'maxRuns' | 'retry'> },
  maxRuns: number,
): QueueOptions {
  if (queue.storage !== undefined && !retry.enabled) {
    throw new Error(
      '`sending_queue.storage` needs retries, since nobody else can send a run again; remove `retry_on_failure.enabled: false`',
    );
  }
  return { ...queue, maxRuns, retry };
}
