import { definePlugin, duration, type Processor, z } from 'wattline/plugin';

const NOTE = 'it does nothing here, since exporters fill their requests with what waits; remove it';

const whole = (least: number, fallback: number) => z.int().min(least).default(fallback).describe('No effect');

const configSchema = z.strictObject({
  timeout: duration().prefault('200ms').describe('No effect'),
  send_batch_size: whole(0, 8192),
  send_batch_max_size: whole(0, 0),
  metadata_keys: z.array(z.string()).default([]).describe('No effect'),
  metadata_cardinality_limit: whole(0, 1000),
});

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'batch',
  stability: 'beta',
  configSchema,
  notes: () => [NOTE],
  create: ({ logger, next }): Processor => ({
    async start() {
      logger.warn(NOTE);
    },
    consume: (runs, signal) => next.consume(runs, signal),
  }),
});
