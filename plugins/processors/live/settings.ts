import { duration, reference, z } from 'wattline/plugin';

export const configSchema = z.strictObject({
  storage: reference('extension', 'storage')
    .optional()
    .describe(
      'The extension that keeps how far streams have been counted over a restart, such as `file_storage`; that of `totals`',
    ),
  state: z
    .string()
    .min(1)
    .default('live')
    .describe('The name under which it is kept; that of the `totals` behind, and of no other pair'),
  max_gap: duration()
    .prefault('2m30s')
    .describe('How far two points of a gauge may be apart, and after how long without points another meter takes over'),
  stream_expiration: duration()
    .prefault('24h')
    .describe('After how long a stream that has not been heard of is forgotten; what comes again later counts again'),
  run_expiration: duration()
    .prefault('2m30s')
    .describe('After how long without a request a run is complete whose requests say `run.id` and no time'),
  max_streams: z.int().positive().default(10_000).describe('How many meters are followed; points of more are skipped'),
  other_metrics: z
    .enum(['pass', 'drop'])
    .default('pass')
    .describe(
      'What becomes of the other metrics of a resource with live ones: handed on without these (`pass`), or left out (`drop`)',
    ),
});

/** A checked configuration; times in milliseconds. */
export type LiveConfig = z.output<typeof configSchema>;
