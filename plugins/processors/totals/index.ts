import { knownFigures } from 'wattline/figures';
import { definePlugin, emitsOf, type FigureDefinition, reference, unitsOf, z } from 'wattline/plugin';
import { counterName, type Summed, summedFigures } from './figures.ts';
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
});

const { totalCost } = knownFigures;

const sums: readonly FigureDefinition[] = summedFigures.map(({ figure: { name, unit }, hasBoundary, what }) => {
  const description = `Sum of \`${name}\`: ${what}${hasBoundary ? ', by `boundary`' : ''}`;
  return { name: counterName(name, unit), unit, description };
});
const total: FigureDefinition = {
  name: counterName(totalCost.name, totalCost.unit),
  unit: totalCost.unit,
  description: 'Sum of both prices over all boundaries, once both have been seen (or `cost_total_load_aware` has)',
};

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'totals',
  stability: 'beta',
  streams: 'adds',
  configSchema,
  reads: unitsOf([totalCost, ...summedFigures.map(({ figure }) => figure)]),
  emits: emitsOf(sums.toSpliced(-1, 0, total)),
  create: (ctx, { storage, state, figures, labels }) => {
    const all = new Map<string, Summed>(figures.map((name) => [name, { hasBoundary: true }]));
    for (const summed of summedFigures) all.set(summed.figure.name, summed);
    return new Totals(ctx, ctx.states(storage), state, { figures: all, labels });
  },
});
