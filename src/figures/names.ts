import type { FigureDefinition } from '../model/figure.ts';
import { type Bound, bounds } from '../model/predicted.ts';

const define = <T extends FigureDefinition>(definition: T): T => Object.freeze(definition);

/** The figures that come with Wattline: the name, unit (UCUM), meaning and instrumentation scope of each. */
export const knownFigures = {
  energy: define({
    name: 'energy_joules',
    unit: 'J',
    description: 'Energy that a run used, integrated from its power samples over their own time (without the PUE)',
    scope: 'wattline/energy',
  }),
  energyFilled: define({
    name: 'energy_filled_joules',
    unit: 'J',
    description: 'Energy assumed for the time of a run without power samples, with the label `fill`',
    scope: 'wattline/energy',
  }),
  cpu: define({
    name: 'cpu_core_seconds',
    unit: '{cpu}.s',
    description: 'CPU time that a run used, integrated from its samples of cores in use',
    scope: 'wattline/energy',
  }),
  cpuFilled: define({
    name: 'cpu_filled_core_seconds',
    unit: '{cpu}.s',
    description: 'CPU time assumed for the time of a run without samples of CPU use, with the label `fill`',
    scope: 'wattline/energy',
  }),
  coverage: define({
    name: 'coverage_ratio',
    unit: '1',
    description: 'The part of a run’s duration that its samples were integrated over, by `signal` (`power` or `cpu`)',
    scope: 'wattline/energy',
  }),
  energyCost: define({
    name: 'cost_energy_load_aware',
    unit: '{USD}',
    description: 'Price of the energy that a run used, in USD: kWh, integrated from its power samples, × USD/kWh',
    scope: 'wattline/cost',
  }),
  computeCost: define({
    name: 'cost_compute_load_aware',
    unit: '{USD}',
    description:
      'Price of the CPU time that a run used, in USD: core-hours, integrated from its samples of cores in use, × USD per core-hour',
    scope: 'wattline/cost',
  }),
  totalCost: define({
    name: 'cost_total_load_aware',
    unit: '{USD}',
    description:
      'Price of the energy and the CPU time that a run used, in USD, where both are known; of the CPU time alone where its price includes the energy',
    scope: 'wattline/cost',
  }),
  energyCostFilled: define({
    name: 'cost_energy_filled',
    unit: '{USD}',
    description:
      'Price of the energy that the processor `energy` assumed for the time of a run without power samples, in USD, with the label `fill`',
    scope: 'wattline/cost',
  }),
  computeCostFilled: define({
    name: 'cost_compute_filled',
    unit: '{USD}',
    description:
      'Price of the CPU time that the processor `energy` assumed for the time of a run without samples of CPU use, in USD, with the label `fill`',
    scope: 'wattline/cost',
  }),
  emissions: define({
    name: 'co2_emissions_kg',
    unit: 'kg{CO2e}',
    description:
      'Emissions of the energy that a run used, in kg of CO2 equivalent, by the average intensity of the grid of its region unless the label `method` says otherwise',
    scope: 'wattline/co2',
  }),
  emissionsFilled: define({
    name: 'co2_emissions_filled_kg',
    unit: 'kg{CO2e}',
    description:
      'Emissions of the energy that the processor `energy` assumed for the time of a run without power samples, in kg of CO2 equivalent, with the label `fill`',
    scope: 'wattline/co2',
  }),
  embodied: define({
    name: 'embodied_emissions_kg',
    unit: 'kg{CO2e}',
    description: 'M: the part of the embodied emissions of its machine that falls to a run, in kg of CO2 equivalent',
    scope: 'wattline/sci',
  }),
  sci: define({
    name: 'sci',
    unit: 'g{CO2e}',
    description:
      'Software carbon intensity (ISO/IEC 21031:2024): (O + M) in grams of CO2 equivalent for each functional unit, which the label `functional_unit` names',
    scope: 'wattline/sci',
  }),
  costPerPixel: define({
    name: 'cost_per_pixel',
    unit: '{USD}/{pixel}',
    description: 'Price of a run for each pixel that it processed, in USD: total / `pixels_processed`',
    scope: 'wattline/unit_cost',
  }),
  costPerWatchHour: define({
    name: 'cost_per_watch_hour',
    unit: '{USD}/{watch_hour}',
    description:
      'Price of a run for each hour that one viewer of one stream watches, in USD: total / (duration in hours × streams)',
    scope: 'wattline/unit_cost',
  }),
  costPerHour: define({
    name: 'cost_per_hour',
    unit: '{USD}/h',
    description: 'Price of an hour at the rate of the run, in USD: total / duration in hours',
    scope: 'wattline/unit_cost',
  }),
  costPerMonth: define({
    name: 'cost_per_month',
    unit: '{USD}/{month}',
    description: 'Price of a month of this workload without a pause, in USD: `cost_per_hour` × `hours_per_month`',
    scope: 'wattline/unit_cost',
  }),
  costSavings: define({
    name: 'cost_savings_usd',
    unit: '{USD}',
    description:
      'What the baseline would have cost for the same work, less what the run cost, in USD; below 0 where the run cost more',
    scope: 'wattline/savings',
  }),
  costSavingsRatio: define({
    name: 'cost_savings_ratio',
    unit: '1',
    description: 'The part of what the baseline would have cost for the same work that the run saved: 0.2 is a fifth',
    scope: 'wattline/savings',
  }),
  emissionsSavings: define({
    name: 'co2_savings_kg',
    unit: 'kg{CO2e}',
    description:
      'What the baseline would have emitted for the same work, less what the run did, in kg of CO2 equivalent; below 0 where the run emitted more',
    scope: 'wattline/savings',
  }),
  emissionsSavingsRatio: define({
    name: 'co2_savings_ratio',
    unit: '1',
    description: 'The part of what the baseline would have emitted for the same work that the run saved',
    scope: 'wattline/savings',
  }),
} as const satisfies Record<string, FigureDefinition>;

/** The figures that may rest on predicted samples, and then have bounds; by their names. */
const boundFigures = boundsOf([
  ...[knownFigures.energy, knownFigures.energyFilled, knownFigures.cpu],
  ...[knownFigures.energyCost, knownFigures.computeCost, knownFigures.totalCost, knownFigures.energyCostFilled],
  ...[knownFigures.emissions, knownFigures.emissionsFilled],
]);

/**
 * Returns a bound of a figure, such as `energy_joules_lower` in J: what a run comes to with that end of the interval of its
 * predicted power or CPU use in place of the prediction. Undefined of a figure that has none.
 */
export function boundOf({ name }: Pick<FigureDefinition, 'name'>, bound: Bound): FigureDefinition | undefined {
  return boundFigures.get(name)?.[bound];
}

/** Returns these figures, each with its two bounds after it. */
export function withBounds(figures: readonly FigureDefinition[]): FigureDefinition[] {
  return figures.flatMap((one) => [one, ...bounds.flatMap((bound) => boundOf(one, bound) ?? [])]);
}

function boundsOf(figures: readonly FigureDefinition[]): ReadonlyMap<string, Record<Bound, FigureDefinition>> {
  const made = (figure: FigureDefinition, bound: Bound) =>
    define({
      ...figure,
      name: `${figure.name}_${bound}`,
      description: `The ${bound} bound of \`${figure.name}\` of a run with predicted parts: what it comes to with the ${bound} ends of their intervals in place of the predictions`,
    });
  return new Map(figures.map((one) => [one.name, { lower: made(one, 'lower'), upper: made(one, 'upper') }]));
}

/** The gauge of an exporter that runs, which is of no run. */
export const exporterAlive = {
  name: 'cost_exporter_alive',
  unit: '1',
  description: '1 while the exporter runs',
} as const;
