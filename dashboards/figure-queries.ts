/** The names of the figures that every dashboard is about, as exporters expose them. */
export const figureNames = {
  total: 'cost_total_load_aware',
  energy: 'cost_energy_load_aware',
  compute: 'cost_compute_load_aware',
  emissions: 'co2_emissions_kg',
} as const;

/** The names of the further figures of a run. */
export const furtherNames = {
  joules: 'energy_joules',
  joulesFilled: 'energy_filled_joules',
  coverage: 'coverage_ratio',
  energyFilled: 'cost_energy_filled',
  computeFilled: 'cost_compute_filled',
  emissionsFilled: 'co2_emissions_filled_kg',
  embodied: 'embodied_emissions_kg',
  sci: 'sci',
  perHour: 'cost_per_hour',
  perMonth: 'cost_per_month',
  perWatchHour: 'cost_per_watch_hour',
  perPixel: 'cost_per_pixel',
  costSavings: 'cost_savings_usd',
  costSavingsRatio: 'cost_savings_ratio',
  emissionsSavings: 'co2_savings_kg',
  emissionsSavingsRatio: 'co2_savings_ratio',
} as const;

type FigureName = (typeof figureNames)[keyof typeof figureNames] | (typeof furtherNames)[keyof typeof furtherNames];

/** Labels that the way of collecting adds: they say who was asked, not which run it was. */
const COLLECTION_LABELS = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint', 'node'].join(
  ', ',
);

/** Labels that say what a figure rests on, and not which run it is of. */
const BASIS_LABELS = 'method, state';

/**
 * Emissions of one run may be there by several methods, which never add up. Those by location are meant where none is
 * named, and have no such label where nothing else is configured.
 */
const BY_LOCATION = 'method!~"market|marginal"';

/** Matches every series of a run's figures, whichever of them the run has. */
export const anyFigure = `{__name__=~"${Object.values(figureNames).join('|')}"}`;

/**
 * The latest figure of each run in the dashboard's time range and filters, emissions by location; where a run with the
 * same labels was both predicted and measured, the measured one. It reads the same from figures that are scraped, which
 * stay, and from figures that are pushed, which are single points at the ends of the runs.
 */
export function latestFigure(name: FigureName): string {
  return `(${measuredFigure(name)} or ignoring (power) ${predictedFigure(name)})`;
}

/** The same of runs whose power was measured. */
export function measuredFigure(name: FigureName): string {
  return latest(name, 'power=""', ...locationOf(name));
}

/** The same of runs whose power was predicted. */
export function predictedFigure(name: FigureName): string {
  return latest(name, 'power!=""', ...locationOf(name));
}

/** The latest emissions of each run by another method than location. */
export function latestEmissionsBy(method: 'market' | 'marginal'): string {
  return latest(figureNames.emissions, `method="${method}"`);
}

/** The latest emissions of each run by every method, with the labels that say what they rest on. */
export const emissionsWithBasis = `max without (${COLLECTION_LABELS}) (${lastOf(figureNames.emissions)})`;

/** What a counter rises by a second, in the dashboard's filters; one that several instances expose counts once. */
export function ratePerSecond(counter: string): string {
  return `max without (${COLLECTION_LABELS}) (rate(${selectorOf(counter, locationOf(counter))}[$__rate_interval]))`;
}

/** What a counter has risen by in the dashboard's time range and filters, likewise. */
export function increaseInRange(counter: string): string {
  return `max without (${COLLECTION_LABELS}) (increase(${selectorOf(counter, locationOf(counter))}[$__range]))`;
}

/** How many scenarios a panel shows at most: a browser draws no thousands of lines. */
export const SCENARIOS_SHOWN = 25;

/** The greatest sums by scenario. */
export function greatestByScenario(figures: string): string {
  return `topk(${SCENARIOS_SHOWN}, sum by (scenario) (${figures}))`;
}

/** An expression in USD as one in the chosen currency. */
export function inCurrency(usd: string): string {
  return `${usd} * $currency`;
}

function locationOf(name: string): string[] {
  return name.startsWith('co2_emissions') ? [BY_LOCATION] : [];
}

function latest(name: FigureName, ...matchers: readonly string[]): string {
  return `max without (${COLLECTION_LABELS}, ${BASIS_LABELS}) (${lastOf(name, ...matchers)})`;
}

function lastOf(name: FigureName, ...matchers: readonly string[]): string {
  return `last_over_time(${selectorOf(name, matchers)}[$__range])`;
}

function selectorOf(name: string, matchers: readonly string[]): string {
  const filters = ['scenario=~"$scenario"', 'region=~"$region"', 'encoder=~"$encoder"', ...matchers];
  return `${name}{${filters.join(', ')}}`;
}
