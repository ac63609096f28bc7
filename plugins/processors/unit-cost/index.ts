import { definePlugin, extendRun, figureGauge, transform, z } from 'wattline/plugin';
import { costOf, perHour, perMonth, perPixel, perWatchHour, unitCosts } from './unit-costs.ts';

const configSchema = z.strictObject({
  hours_per_month: z
    .number()
    .positive()
    .default(730)
    .describe(
      'How many hours a month has: 730 is a twelfth of 365 days; give 160 for a workload that runs in working hours only',
    ),
  add: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Figures in USD that are added to the total of a run where it has them, such as what is assumed for the time without samples, or a price of emissions; a label that they have, as `fill`, then says so',
    ),
});

export default definePlugin({
  kind: 'processor',
  type: 'unit_cost',
  stability: 'beta',
  configSchema,
  reads: { cost_total_load_aware: '{USD}' },
  emits: Object.fromEntries(
    [perPixel, perWatchHour, perHour, perMonth].map(({ name, unit, description }) => [name, { unit, description }]),
  ),
  create: ({ next, skip, explain }, config) =>
    transform(next, (batch) => {
      const cost = costOf(batch, config.add);
      const metrics = unitCosts(batch, cost, config.hours_per_month).flatMap((unitCost) => {
        const { figure, value } = unitCost;
        if (value === undefined) {
          skip({ item: figure.name, reason: unitCost.reason, message: `no ${figure.name}: ${unitCost.problem}` });
          return [];
        }
        explain?.(unitCost.lines);
        return [figureGauge(figure, value, batch, cost?.labels)];
      });
      return extendRun(batch, 'wattline/unit_cost', metrics);
    }),
});
