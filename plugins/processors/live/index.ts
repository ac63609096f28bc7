import { definePlugin, emitsOf } from 'wattline/plugin';
import { Live } from './live.ts';
import { configSchema } from './settings.ts';

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
const late = {
  name: 'wattline_live_late_points_total',
  unit: '{point}',
  description: 'Points of live streams that were not after the last one of their meter, such as those sent again',
};
const streams = {
  name: 'wattline_live_streams',
  unit: '{stream}',
  description: 'Meters of live streams that are followed',
};

const residual = {
  name: 'wattline_attribution_residual_ratio',
  unit: '1',
  description: 'The part of the energy of a host that was left over when it was shared among workloads last, by host',
};

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'live',
  stability: 'beta',
  streams: 'slices',
  configSchema,
  emits: emitsOf([uncovered, resets, late, streams, residual]),
  notes: ({ identity, without_meter }) => [
    `machines are told apart by ${identity.join(', ')}`,
    ...(without_meter.cited_curves
      ? ['the power of machines without a meter is modelled, by published servers with their CPU']
      : []),
  ],
  create: (ctx, config) => {
    const counter = ({ name, ...rest }: typeof uncovered) => ctx.meter.createCounter(name, rest);
    const live = new Live(ctx, config, {
      uncovered: counter(uncovered),
      resets: counter(resets),
      late: counter(late),
    });
    const gauge = ({ name, ...rest }: typeof streams) => ctx.meter.createObservableGauge(name, rest);
    gauge(streams).addCallback((result) => result.observe(live.meters, { processor: ctx.id }));
    gauge(residual).addCallback((result) => {
      for (const { host, ratio } of live.residuals) result.observe(ratio, { processor: ctx.id, host });
    });
    return live;
  },
});
