import {
  type Batch,
  datasetSetting,
  definePlugin,
  describeRun,
  extendRun,
  figureGauge,
  hostPower,
  measure,
  observeFactors,
  operationalEmissions,
  regionIsKnown,
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

const factors = {
  value: {
    name: 'wattline_intensity_kg_per_kwh',
    unit: 'kg{CO2e}/kW.h',
    description: 'Carbon intensity of electricity that was used',
  },
  year: { name: 'wattline_intensity_year', unit: 'a', description: 'The year that this intensity is from' },
};

const configSchema = z
  .strictObject({
    ...regionSettings,
    dataset: datasetSetting,
    kg_per_kwh: z
      .number()
      .min(0)
      .optional()
      .describe('Carbon intensity of electricity in kg CO₂e/kWh, in place of the region’s'),
  })
  .check(regionIsKnown);

type Config = z.output<typeof configSchema>;

export default definePlugin({
  kind: 'processor',
  type: 'co2',
  stability: 'beta',
  configSchema,
  emits: Object.fromEntries(
    [emissions, factors.value, factors.year].map(({ name, unit, description }) => [name, { unit, description }]),
  ),
  create: (ctx, config) => {
    const noteFactor = observeFactors(ctx, factors);
    return transform(ctx.next, (batch) => withEmissions(batch, config, ctx.skip, noteFactor));
  },
});

function withEmissions(
  batch: Batch,
  config: Config,
  skip: (skipped: Skipped) => void,
  noteFactor: ReturnType<typeof observeFactors>,
): Batch {
  const without = (reason: string, problem: string): Batch => {
    skip({ item: emissions.name, reason, message: `no ${emissions.name}: ${problem}` });
    return batch;
  };
  const joules = measure(batch, hostPower);
  if (joules.value === undefined) return without(joules.reason, joules.problem);
  const place = resolveRegion(batch, config);
  if (config.kg_per_kwh === undefined && !place.region) return without(place.reason, place.problem);
  const factor = config.kg_per_kwh === undefined ? place.region?.intensity : undefined;
  const intensity = config.kg_per_kwh ?? factor?.value;
  if (intensity === undefined) {
    const problem = `the carbon intensity in the region of ${describeRun(batch)} is not known; give \`kg_per_kwh\`, or one for it in \`regions\``;
    return without('no_intensity', problem);
  }
  if (factor) noteFactor(place, factor);
  const kilograms = operationalEmissions(joules.value, intensity);
  return extendRun(batch, 'wattline/co2', [figureGauge(emissions, kilograms, batch, place.labels)]);
}
