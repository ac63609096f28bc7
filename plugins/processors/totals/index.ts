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
});

const { energy, energyFilled, cpu, cpuFilled, energyCost, computeCost, totalCost, emissions } = knownFigures;

const counted: readonly (readonly [figure: FigureDefinition, description: string])[] = [
  [energy, 'Sum of `energy_joules`: energy that was measured, by `boundary`'],
  [energyFilled, 'Sum of `energy_filled_joules`: energy that was assumed for time without samples, by `boundary`'],
  [cpu, 'Sum of `cpu_core_seconds`: CPU time that was measured'],
  [cpuFilled, 'Sum of `cpu_filled_core_seconds`: CPU time that was assumed for time without samples'],
  [energyCost, 'Sum of `cost_energy_load_aware`: price of the energy, by `boundary`'],
  [computeCost, 'Sum of `cost_compute_load_aware`: price of the CPU time'],
  [totalCost, 'Sum of both prices over all boundaries, once both have been seen (or `cost_total_load_aware` has)'],
  [emissions, 'Sum of `co2_emissions_kg`: emissions of the energy, by `boundary`'],
];

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'totals',
  stability: 'beta',
  configSchema,
  reads: unitsOf(counted.map(([figure]) => figure)),
  emits: emitsOf(
    counted.map(([{ name, unit }, description]) => ({ name: counterName(name, unit), unit, description })),
  ),
  create: (ctx, { storage, state, figures }) => {
    const own = figures.map((name): Summed => ({ name, hasBoundary: true }));
    const all = new Map([...own, ...summedFigures].map((figure) => [figure.name, figure]));
    return new Totals(ctx, { states: ctx.states(storage), state, figures: all });
  },
});
