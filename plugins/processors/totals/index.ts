import { getHeapStatistics } from 'node:v8';
import { knownFigures } from 'wattline/figures';
import { definePlugin, emitsOf, type FigureDefinition, reference, unitsOf, z } from 'wattline/plugin';
import { counterName, type Summed, summedFigures } from './figures.ts';
import { Room } from './room.ts';
import { Totals } from './totals.ts';

const configSchema = z.strictObject({
  storage: reference('extension', 'storage')
    .optional()
    .describe('The extension that keeps the counters over a restart, such as `file_storage`; that of `live`'),
  state: z
    .string()
    .min(1)
    .default('live')
    .describe('The name under which they are kept; that of the `live` before, and of no other pair'),
  figures: z
    .array(z.string().min(1))
    .default([])
    .describe('More figures that add up over time, such as those of a processor of your own'),
  labels: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Resource attributes of the senders that become labels too, such as `host.name` and `k8s.namespace.name`; a counter is kept for each of their values',
    ),
  series_limit: z
    .int()
    .positive()
    .optional()
    .describe('How many counters there may be; one for each 4 KiB of the heap that Node.js may use where left out'),
  label_value_length_limit: z
    .int()
    .positive()
    .default(4096)
    .describe('How many characters the value of a label may have; a counter with a longer one counts as one too many'),
  series_overflow: z
    .enum(['fold', 'refuse'])
    .default('fold')
    .describe(
      'What becomes of amounts whose counter would be one too many: added to one with the label `overflow="true"` (`fold`), so that sums stay right, or not counted (`refuse`)',
    ),
});

/** Bytes of the heap for each counter. One takes a kilobyte of it, so that a quarter is for counters. */
const BYTES_A_COUNTER = 4096;
const series = {
  name: 'wattline_processor_series',
  unit: '{series}',
  description: 'Series that a processor holds, by processor',
};
const owed = {
  name: 'wattline_processor_owed',
  unit: '1',
  description:
    'By how much counters are too high until they have grown by that, since figures were lowered, by `processor` and `counter`, in its unit',
};
const limit = {
  name: 'wattline_processor_series_limit',
  unit: '{series}',
  description: 'Series that a processor may hold, by processor',
};

const { totalCost } = knownFigures;

const sums: readonly FigureDefinition[] = summedFigures.map(({ figure: { name, unit }, hasBoundary, what }) => {
  const description = `Sum of \`${name}\`: ${what}${hasBoundary ? ', by `boundary`' : ''}`;
  return { name: counterName(name, unit), unit, description };
});
const total: FigureDefinition = {
  name: counterName(totalCost.name, totalCost.unit),
  unit: totalCost.unit,
  description:
    'Sum of both prices over all boundaries, once both have been seen (or `cost_total_load_aware` has), without energy that the price of CPU time includes',
};

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'totals',
  stability: 'beta',
  streams: 'adds',
  configSchema,
  reads: unitsOf([totalCost, ...summedFigures.map(({ figure }) => figure)]),
  emits: emitsOf([...sums, total, series, limit, owed]),
  create: (ctx, { storage, state, figures, labels, ...limits }) => {
    const all = new Map<string, Summed>(figures.map((name) => [name, { hasBoundary: true }]));
    for (const summed of summedFigures) all.set(summed.figure.name, summed);
    const room = new Room({
      limit: limits.series_limit ?? Math.floor(getHeapStatistics().heap_size_limit / BYTES_A_COUNTER),
      labelValueLengthLimit: limits.label_value_length_limit,
      overflow: limits.series_overflow,
      skip: ctx.skip,
    });
    const counts = [
      [series, () => room.taken],
      [limit, () => room.limit],
    ] as const;
    for (const [{ name, ...rest }, count] of counts) {
      const gauge = ctx.meter.createObservableGauge(name, rest);
      gauge.addCallback((result) => result.observe(count(), { processor: ctx.id }));
    }
    const totals = new Totals(ctx, ctx.states(storage), state, { figures: all, labels }, room);
    const { name, ...rest } = owed;
    ctx.meter.createObservableGauge(name, rest).addCallback((result) => {
      for (const [counter, value] of totals.owed) result.observe(value, { processor: ctx.id, counter });
    });
    return totals;
  },
});
