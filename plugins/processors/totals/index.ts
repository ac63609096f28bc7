import { definePlugin, reference, z } from 'wattline/plugin';
import { counterName, knownFigures, type Summed, totalCost } from './figures.ts';
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

const emitted: readonly (readonly [figure: string, unit: string, description: string])[] = [
  ['energy_joules', 'J', 'Sum of `energy_joules`: energy that was measured, by `boundary`'],
  [
    'energy_filled_joules',
    'J',
    'Sum of `energy_filled_joules`: energy that was assumed for time without samples, by `boundary`',
  ],
  ['cpu_core_seconds', '{cpu}.s', 'Sum of `cpu_core_seconds`: CPU time that was measured'],
  [
    'cpu_filled_core_seconds',
    '{cpu}.s',
    'Sum of `cpu_filled_core_seconds`: CPU time that was assumed for time without samples',
  ],
  ['cost_energy_load_aware', '{USD}', 'Sum of `cost_energy_load_aware`: price of the energy, by `boundary`'],
  ['cost_compute_load_aware', '{USD}', 'Sum of `cost_compute_load_aware`: price of the CPU time'],
  [
    totalCost,
    '{USD}',
    'Sum of both prices over all boundaries, once both have been seen (or `cost_total_load_aware` has)',
  ],
  ['co2_emissions_kg', 'kg{CO2e}', 'Sum of `co2_emissions_kg`: emissions of the energy, by `boundary`'],
];

export default definePlugin({
  kind: 'processor',
  type: 'totals',
  stability: 'beta',
  configSchema,
  reads: Object.fromEntries(emitted.map(([figure, unit]) => [figure, unit])),
  emits: Object.fromEntries(
    emitted.map(([figure, unit, description]) => [counterName(figure, unit), { unit, description }]),
  ),
  create: (ctx, { storage, state, figures }) => {
    const own = figures.map((name): Summed => ({ name, hasBoundary: true }));
    const all = new Map([...own, ...knownFigures].map((figure) => [figure.name, figure]));
    return new Totals(ctx, { states: ctx.states(storage), state, figures: all });
  },
});
