import { definePlugin, observeFactorRecords, transform } from 'wattline/plugin';
import { embodied, SciStep, sci } from './sci-step.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  kind: 'processor',
  type: 'sci',
  stability: 'beta',
  configSchema,
  reads: { co2_emissions_kg: 'kg{CO2e}' },
  emits: Object.fromEntries([embodied, sci].map(({ name, unit, description }) => [name, { unit, description }])),
  create: (ctx, config) => {
    const step = new SciStep(config, ctx, observeFactorRecords(ctx));
    return transform(ctx.next, (batch) => step.apply(batch));
  },
});
