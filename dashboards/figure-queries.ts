/** The names of the figures of a run, as exporters expose them. */
export const figureNames = {
  total: 'cost_total_load_aware',
  energy: 'cost_energy_load_aware',
  compute: 'cost_compute_load_aware',
  emissions: 'co2_emissions_kg',
} as const;

type FigureName = (typeof figureNames)[keyof typeof figureNames];

/** Labels that the way of collecting adds: they say who was asked, not which run it was. */
const COLLECTION_LABELS = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint', 'node'].join(
  ', ',
);

/** Matches every series of a run's figures, whichever of them the run has. */
export const anyFigure = `{__name__=~"${Object.values(figureNames).join('|')}"}`;

/**
 * The latest figure of each run in the dashboard's time range and filters; where a run with the same labels was both
 * predicted and measured, the measured one. It reads the same from figures that are scraped, which stay, and from
 * figures that are pushed, which are single points at the ends of the runs.
 */
export function latestFigure(name: FigureName): string {
  return `(${measuredFigure(name)} or ignoring (power) ${predictedFigure(name)})`;
}

/** The same of runs whose power was measured. */
export function measuredFigure(name: FigureName): string {
  return latest(name, 'power=""');
}

/** The same of runs whose power was predicted. */
export function predictedFigure(name: FigureName): string {
  return latest(name, 'power!=""');
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

function latest(name: FigureName, power: string): string {
  const selector = `${name}{scenario=~"$scenario", region=~"$region", encoder=~"$encoder", ${power}}`;
  return `max without (${COLLECTION_LABELS}) (last_over_time(${selector}[$__range]))`;
}
