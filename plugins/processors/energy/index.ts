import { observeFactorRecords } from 'wattline/figures';
import { cpuUsage, definePlugin, hostPower, transform, unitsOf } from 'wattline/plugin';
import { EnergyStep } from './energy-step.ts';
import { emitted } from './figures.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'energy',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower, cpuUsage]),
  emits: emitted,
  create: (ctx, config) => {
    const step = new EnergyStep(config, ctx, observeFactorRecords(ctx));
    return transform(ctx.next, (run) => step.apply(run));
  },
});
