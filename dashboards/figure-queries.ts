import { knownFigures } from '../src/figures/names.ts';
import { type PowerKind, powerKinds } from '../src/model/power-kind.ts';

/** The names of the main figures, as exporters expose them. */
export const figureNames = {
  total: knownFigures.totalCost.name,
  energy: knownFigures.energyCost.name,
  compute: knownFigures.computeCost.name,
  emissions: knownFigures.emissions.name,
} as const;

/** The names of the further figures of a run. */
export const furtherNames = {
  joules: knownFigures.energy.name,
  joulesFilled: knownFigures.energyFilled.name,
  coverage: knownFigures.coverage.name,
  energyFilled: knownFigures.energyCostFilled.name,
  computeFilled: knownFigures.computeCostFilled.name,
  emissionsFilled: knownFigures.emissionsFilled.name,
  embodied: knownFigures.embodied.name,
  sci: knownFigures.sci.name,
  perHour: knownFigures.costPerHour.name,
  perMonth: knownFigures.costPerMonth.name,
  perWatchHour: knownFigures.costPerWatchHour.name,
  perPixel: knownFigures.costPerPixel.name,
  costSavings: knownFigures.costSavings.name,
  costSavingsRatio: knownFigures.costSavingsRatio.name,
  emissionsSavings: knownFigures.emissionsSavings.name,
  emissionsSavingsRatio: knownFigures.emissionsSavingsRatio.name,
} as const;

/** The names of the bounds of figures that rest on predictions. */
export const boundNames = {
  totalLower: `${figureNames.total}_lower`,
  totalUpper: `${figureNames.total}_upper`,
  emissionsLower: `${figureNames.emissions}_lower`,
  emissionsUpper: `${figureNames.emissions}_upper`,
} as const;

export type FigureName =
  | (typeof figureNames)[keyof typeof figureNames]
  | (typeof furtherNames)[keyof typeof furtherNames]
  | (typeof boundNames)[keyof typeof boundNames];

/** Labels that collection adds: they identify the exporter, not the run. */
const COLLECTION_LABELS = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint', 'node'].join(
  ', ',
);

/** Labels that state the basis of a figure, and do not identify the run. */
const BASIS_LABELS = 'method, state, included_in, cpu, extrapolated';

/**
 * A run may have emissions by several methods, which must not be added up. Queries without a method mean those by location,
 * which have no such label where no other method is configured.
 */
const BY_LOCATION = 'method!~"market|marginal"';

/** The cost of energy that the price of CPU time includes is in no sum with that. */
const APART = 'included_in=""';

/** What a run is corrected by later stands beside it in VictoriaMetrics, and may be of an earlier run of the same name. */
const FIRST_KNOWN = 'restated=""';

/** Matches all series of a run's figures. */
export const anyFigure = `{__name__=~"${Object.values(figureNames).join('|')}"}`;

/**
 * Returns the query of each run's latest figure in the dashboard's time range and filters, emissions by location; where
 * power of a run with the same labels came about in several ways, the measured figure, else the modelled one. It gives the
 * same for scraped figures, which stay, and for pushed ones, which are single points at the ends of the runs.
 */
export function latestFigure(name: FigureName): string {
  return `(${powerKinds.map((kind) => figureOfPower(kind, name)).join(' or ignoring (power) ')})`;
}

/** The same for runs whose power came about in one way. */
export function figureOfPower(kind: PowerKind, name: FigureName): string {
  return latest(name, powerIs(kind), ...locationOf(name));
}

/** The same for what adds up to the total: without the cost of energy that the price of CPU time includes. */
export function latestPart(name: FigureName): string {
  return `(${powerKinds.map((kind) => latest(name, powerIs(kind), APART)).join(' or ignoring (power) ')})`;
}

/** Measured power has no label. */
function powerIs(kind: PowerKind): string {
  return `power="${kind === 'measured' ? '' : kind}"`;
}

/** Returns the query of the sums of figures by how the power came about that they rest on. */
export function sumsByPower(figures: string): string {
  return `sum by (power) (${labelled(figures, 'power', 'measured')})`;
}

/** Returns the query of the same series, of which those without a label have a word in it. */
export function labelled(series: string, label: string, word: string): string {
  return `label_replace(${series}, "${label}", "${word}", "${label}", "")`;
}

/** Returns the query of each run's latest emissions by another method than location. */
export function latestEmissionsBy(method: 'market' | 'marginal'): string {
  return latest(figureNames.emissions, `method="${method}"`);
}

/** The query of each run's latest emissions by every method, with the labels of their basis. */
export const emissionsWithBasis = `max without (${COLLECTION_LABELS}) (${lastOf(figureNames.emissions)})`;

/**
 * Returns the query of a counter's rate per second in the dashboard's filters; one that several instances expose counts once,
 * and emissions are by location and costs those that add up.
 */
export function ratePerSecond(counter: string, ...matchers: readonly string[]): string {
  const selector = selectorOf(counter, [...locationOf(counter), ...apartOf(counter), ...matchers]);
  return `max without (${COLLECTION_LABELS}) (rate(${selector}[$__rate_interval]))`;
}

/** Returns the query of a counter's increase in the dashboard's time range and filters, likewise. */
export function increaseInRange(counter: string, ...matchers: readonly string[]): string {
  const selector = selectorOf(counter, [...locationOf(counter), ...apartOf(counter), ...matchers]);
  return `max without (${COLLECTION_LABELS}) (increase(${selector}[$__range]))`;
}

/**
 * Returns the query of two series side by side, so that a sum over them has what is known of either: machines may count
 * energy alone, and applications CPU time alone.
 */
export function both(energy: string, compute: string): string {
  const part = (name: string, query: string) => `label_replace(${query}, "part", "${name}", "", "")`;
  return `(${part('energy', energy)} or ${part('compute', compute)})`;
}

/** The maximum number of scenarios in a panel, since browsers cannot draw thousands of lines. */
export const SCENARIOS_SHOWN = 25;

/** Returns the query of the greatest sums by scenario. */
export function greatestByScenario(figures: string): string {
  return `topk(${SCENARIOS_SHOWN}, sum by (scenario) (${figures}))`;
}

/** Converts an expression in USD to the chosen currency. */
export function inCurrency(usd: string): string {
  return `${usd} * $currency`;
}

function locationOf(name: string): string[] {
  return name.startsWith('co2_emissions') ? [BY_LOCATION] : [];
}

function apartOf(name: string): string[] {
  return name.startsWith(figureNames.energy) ? [APART] : [];
}

function latest(name: FigureName, ...matchers: readonly string[]): string {
  return `max without (${COLLECTION_LABELS}, ${BASIS_LABELS}) (${lastOf(name, ...matchers)})`;
}

function lastOf(name: FigureName, ...matchers: readonly string[]): string {
  return `last_over_time(${selectorOf(name, [...matchers, FIRST_KNOWN])}[$__range])`;
}

function selectorOf(name: string, matchers: readonly string[]): string {
  const filters = ['scenario=~"$scenario"', 'region=~"$region"', 'encoder=~"$encoder"', ...matchers];
  return `${name}{${filters.join(', ')}}`;
}
