import { knownFigures } from 'wattline/figures';
import { definePlugin, emitsOf, figure, transform, unitsOf, z } from 'wattline/plugin';
import { costOf, unitCosts } from './unit-costs.ts';

const { totalCost, costPerPixel, costPerWatchHour, costPerHour, costPerMonth } = knownFigures;

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
  contract: 2,
  kind: 'processor',
  type: 'unit_cost',
  stability: 'beta',
  configSchema,
  reads: unitsOf([totalCost]),
  emits: emitsOf([costPerPixel, costPerWatchHour, costPerHour, costPerMonth]),
  create: ({ next, skip, explain }, config) =>
    transform(next, (run) => {
      const cost = costOf(run, config.add);
      const figures = unitCosts(run, cost, config.hours_per_month).flatMap((unitCost) => {
        const { figure: definition, value } = unitCost;
        if (value === undefined) {
          const { name } = definition;
          skip({ item: name, reason: unitCost.reason, message: `no ${name}: ${unitCost.problem}` });
          return [];
        }
        explain?.(unitCost.lines);
        return [figure(definition, value, cost?.labels)];
      });
      return run.with({ figures });
    }),
});
