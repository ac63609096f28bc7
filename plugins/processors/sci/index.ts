import { knownFigures } from 'wattline/figures';
import { definePlugin, emitsOf, transform, unitsOf } from 'wattline/plugin';
import { sciStep } from './sci-step.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'sci',
  stability: 'beta',
  configSchema,
  reads: unitsOf([knownFigures.emissions]),
  emits: emitsOf([knownFigures.embodied, knownFigures.sci]),
  create: (ctx, config) => transform(ctx.next, sciStep(config, ctx)),
});
