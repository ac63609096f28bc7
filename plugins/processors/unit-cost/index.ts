import { definePlugin, extendRun, figureGauge, findFigure, transform, z } from 'wattline/plugin';
import { perHour, perMonth, perPixel, perWatchHour, TOTAL, unitCosts } from './unit-costs.ts';

const configSchema = z.strictObject({
  hours_per_month: z
    .number()
    .positive()
    .default(730)
    .describe('How many hours a month has: 730 is a twelfth of 365 days; 160 would be the working hours'),
});

export default definePlugin({
  kind: 'processor',
  type: 'unit_cost',
  stability: 'beta',
  configSchema,
  emits: Object.fromEntries(
    [perPixel, perWatchHour, perHour, perMonth].map(({ name, unit, description }) => [name, { unit, description }]),
  ),
  create: ({ next, skip, explain }, config) =>
    transform(next, (batch) => {
      const total = findFigure(batch, TOTAL);
      const metrics = unitCosts(batch, total?.value, config.hours_per_month).flatMap((cost) => {
        const { figure, value } = cost;
        if (value === undefined) {
          skip({ item: figure.name, reason: cost.reason, message: `no ${figure.name}: ${cost.problem}` });
          return [];
        }
        explain?.(cost.lines);
        return [figureGauge(figure, value, batch, total?.attributes)];
      });
      return extendRun(batch, 'wattline/unit_cost', metrics);
    }),
});
