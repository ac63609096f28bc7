import {
  type Batch,
  computeCost,
  cpuUsage,
  definePlugin,
  describeRun,
  energyCost,
  extendRun,
  type Figure,
  figureGauge,
  hostPower,
  measure,
  observeFactors,
  regionIsKnown,
  regionSettings,
  resolveRegion,
  type Skipped,
  transform,
  z,
} from 'wattline/plugin';

const energy = {
  name: 'cost_energy_load_aware',
  unit: '{USD}',
  description: 'Price of the energy that a run used, in USD, integrated from its power samples',
};
const compute = {
  name: 'cost_compute_load_aware',
  unit: '{USD}',
  description: 'Price of the CPU time that a run used, in USD, integrated from its samples of cores in use',
};
const total = {
  name: 'cost_total_load_aware',
  unit: '{USD}',
  description: 'Price of the energy and the CPU time that a run used, in USD',
};

const factors = {
  value: { name: 'wattline_price_usd_per_kwh', unit: '{USD}/kW.h', description: 'Price of electricity that was used' },
  year: { name: 'wattline_price_year', unit: 'a', description: 'The year that this price is from' },
};

const configSchema = z
  .strictObject({
    ...regionSettings,
    usd_per_kwh: z.number().min(0).optional().describe('Price of electricity in USD/kWh, in place of the region’s'),
    usd_per_core_hour: z.number().min(0).default(0.5).describe('Price of a CPU core in USD per hour of use'),
    partial_total: z
      .boolean()
      .default(false)
      .describe('Whether a total is given where only one of energy and compute cost is known'),
  })
  .check(regionIsKnown);

type Config = z.output<typeof configSchema>;

export default definePlugin({
  kind: 'processor',
  type: 'cost',
  stability: 'beta',
  configSchema,
  emits: Object.fromEntries(
    [total, energy, compute, factors.value, factors.year].map(({ name, unit, description }) => [
      name,
      { unit, description },
    ]),
  ),
  create: (ctx, config) => {
    const noteFactor = observeFactors(ctx, factors);
    return transform(ctx.next, (batch) => withCosts(batch, config, ctx.skip, noteFactor));
  },
});

function withCosts(
  batch: Batch,
  config: Config,
  skip: (skipped: Skipped) => void,
  noteFactor: ReturnType<typeof observeFactors>,
): Batch {
  const place = resolveRegion(batch, config);
  const without = (figure: Figure, reason: string, problem: string): undefined => {
    skip({ item: figure.name, reason, message: `no ${figure.name}: ${problem}` });
  };
  const energyOf = (): number | undefined => {
    const joules = measure(batch, hostPower);
    if (joules.value === undefined) return without(energy, joules.reason, joules.problem);
    if (config.usd_per_kwh !== undefined) return energyCost(joules.value, config.usd_per_kwh);
    if (!place.region) return without(energy, place.reason, place.problem);
    const { price } = place.region;
    if (!price) {
      const problem = `the price of electricity in the region of ${describeRun(batch)} is not known; give \`usd_per_kwh\`, or one for it in \`regions\``;
      return without(energy, 'no_price', problem);
    }
    noteFactor(place, price);
    return energyCost(joules.value, price.value);
  };
  const computeOf = (): number | undefined => {
    const coreSeconds = measure(batch, cpuUsage);
    if (coreSeconds.value === undefined) return without(compute, coreSeconds.reason, coreSeconds.problem);
    return computeCost(coreSeconds.value, config.usd_per_core_hour);
  };
  const energyUsd = energyOf();
  const computeUsd = computeOf();
  const both = energyUsd !== undefined && computeUsd !== undefined;
  const totalUsd = both || config.partial_total ? sum(energyUsd, computeUsd) : undefined;
  const figures = [
    [total, totalUsd],
    [energy, energyUsd],
    [compute, computeUsd],
  ] as const;
  const metrics = figures.flatMap(([figure, value]) =>
    value === undefined ? [] : [figureGauge(figure, value, batch, place.labels)],
  );
  return metrics.length ? extendRun(batch, 'wattline/cost', metrics) : batch;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : a + b;
}
