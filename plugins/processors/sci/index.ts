import { knownFigures, observeFactorRecords } from 'wattline/figures';
import { definePlugin, emitsOf, transform, unitsOf } from 'wattline/plugin';
import { SciStep } from './sci-step.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'sci',
  stability: 'beta',
  configSchema,
  reads: unitsOf([knownFigures.emissions]),
  emits: emitsOf([knownFigures.embodied, knownFigures.sci]),
  create: (ctx, config) => {
    const step = new SciStep(config, ctx, observeFactorRecords(ctx));
    return transform(ctx.next, (run) => step.apply(run));
  },
});
