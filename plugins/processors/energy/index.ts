import { cpuUsage, definePlugin, hostPower, observeFactorRecords, transform } from 'wattline/plugin';
import { EnergyStep } from './energy-step.ts';
import { emitted } from './figures.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  kind: 'processor',
  type: 'energy',
  stability: 'beta',
  configSchema,
  reads: { [hostPower.name]: hostPower.unit, [cpuUsage.name]: cpuUsage.unit },
  emits: emitted,
  create: (ctx, config) => {
    const step = new EnergyStep(config, ctx, observeFactorRecords(ctx));
    return transform(ctx.next, (batch) => step.apply(batch));
  },
});
