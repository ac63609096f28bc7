import {
  type Batch,
  definePlugin,
  extendRun,
  figureGauge,
  hostPower,
  measure,
  operationalEmissions,
  regionSettings,
  resolveRegion,
  type Skipped,
  transform,
  z,
} from 'wattline/plugin';

const emissions = {
  name: 'co2_emissions_kg',
  unit: 'kg{CO2e}',
  description:
    'Emissions of the energy that a run used, in kg of CO2 equivalent, by the average intensity of the grid of its region',
};

const configSchema = z.strictObject({
  ...regionSettings,
  kg_per_kwh: z
    .number()
    .min(0)
    .optional()
    .describe('Carbon intensity of electricity in kg CO₂e/kWh, in place of the region’s'),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  kind: 'processor',
  type: 'co2',
  stability: 'beta',
  configSchema,
  emits: { [emissions.name]: { unit: emissions.unit, description: emissions.description } },
  create: (ctx, config) => transform(ctx.next, (batch) => withEmissions(batch, config, ctx.skip)),
});

function withEmissions(batch: Batch, config: Config, skip: (skipped: Skipped) => void): Batch {
  const without = (reason: string, problem: string): Batch => {
    skip({ item: emissions.name, reason, message: `no ${emissions.name}: ${problem}` });
    return batch;
  };
  const joules = measure(batch, hostPower);
  if (joules.value === undefined) return without(joules.reason, joules.problem);
  const place = resolveRegion(batch, config);
  const intensity = config.kg_per_kwh ?? place.region?.kg_per_kwh.value;
  if (intensity === undefined) return without(place.reason, place.problem);
  const kilograms = operationalEmissions(joules.value, intensity);
  return extendRun(batch, 'wattline/co2', [figureGauge(emissions, kilograms, batch, place.labels)]);
}
