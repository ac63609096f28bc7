import { knownFigures, withBounds } from 'wattline/figures';
import {
  cpuUsage,
  definePlugin,
  emitsOf,
  filledCpu,
  filledPower,
  hostPower,
  transform,
  unitsOf,
} from 'wattline/plugin';
import { EnergyStep } from './energy-step.ts';
import { configSchema } from './settings.ts';

const { energy, energyFilled, cpu, cpuFilled, coverage } = knownFigures;

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'energy',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower, cpuUsage]),
  emits: emitsOf([...withBounds([energy, cpu, coverage, energyFilled, cpuFilled]), filledPower, filledCpu]),
  create: (ctx, config) => {
    const step = new EnergyStep(config, ctx);
    return transform(ctx.next, (run) => step.apply(run));
  },
});
