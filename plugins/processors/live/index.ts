import { definePlugin, duration, emitsOf, reference, z } from 'wattline/plugin';
import { Live } from './live.ts';

const uncovered = {
  name: 'wattline_live_uncovered_seconds_total',
  unit: 's',
  description: 'Time that gauges of live streams left open, which counts for nothing',
};
const resets = {
  name: 'wattline_live_resets_total',
  unit: '{reset}',
  description: 'Counters of live streams that began at 0 again',
};
const streams = {
  name: 'wattline_live_streams',
  unit: '{stream}',
  description: 'Meters of live streams that are followed',
};

const configSchema = z.strictObject({
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
  max_streams: z.int().positive().default(10_000).describe('How many meters are followed; points of more are skipped'),
  other_metrics: z
    .enum(['pass', 'drop'])
    .default('pass')
    .describe(
      'What becomes of the other metrics of a resource with live ones: handed on without these (`pass`), or left out (`drop`)',
    ),
});

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'live',
  stability: 'beta',
  configSchema,
  emits: emitsOf([uncovered, resets, streams]),
  create: (ctx, config) => {
    const counter = ({ name, ...rest }: typeof uncovered) => ctx.meter.createCounter(name, rest);
    const live = new Live(ctx, {
      states: ctx.states(config.storage),
      state: config.state,
      maxGap: config.max_gap / 1000,
      expiration: config.stream_expiration / 1000,
      maxStreams: config.max_streams,
      passesOthers: config.other_metrics === 'pass',
      counters: { uncovered: counter(uncovered), resets: counter(resets) },
    });
    const { name, ...rest } = streams;
    const gauge = ctx.meter.createObservableGauge(name, rest);
    gauge.addCallback((result) => result.observe(live.meters, { processor: ctx.id }));
    return live;
  },
});
