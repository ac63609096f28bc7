import { parseExposition } from '../../kit/exposition.ts';

/** The metrics that Wattline and its peers expose of each run. */
export const FIGURES = [
  'cost_total_load_aware',
  'cost_energy_load_aware',
  'cost_compute_load_aware',
  'co2_emissions_kg',
];
/** The most that two ways to add the same numbers up may differ by, relative. */
const PRECISION = 1e-9;

/** The series that a run has. */
export const SERIES_A_RUN = FIGURES.length;

/** Throws unless a page has exactly the series of the figures that another has, with the same values. */
export function checkSamePage(page: readonly Buffer[], expected: readonly Buffer[]): void {
  const [found, wanted] = [figuresIn(page), figuresIn(expected)];
  if (found.size !== wanted.size) throw new Error(`${found.size} series are exposed, and ${wanted.size} should be`);
  for (const [series, value] of wanted) {
    const actual = found.get(series) ?? Number.NaN;
    if (!(Math.abs(actual / value - 1) <= PRECISION)) throw new Error(`${series} is ${actual}, and should be ${value}`);
  }
}

/** Throws unless a page has the figures of so many runs; cheaper than a comparison. */
export function checkComplete(page: readonly Buffer[], runs: number): void {
  const text = Buffer.concat(page).toString();
  const lines = text.split('\n').filter((line) => FIGURES.some((name) => line.startsWith(`${name}{`))).length;
  if (lines !== runs * SERIES_A_RUN) throw new Error(`${lines} series are exposed, and not those of ${runs} runs`);
}

function figuresIn(page: readonly Buffer[]): Map<string, number> {
  const samples = parseExposition(Buffer.concat(page).toString()).filter(({ name }) => FIGURES.includes(name));
  return new Map(
    samples.map(({ name, labels, value }) => [`${name} ${JSON.stringify(Object.entries(labels).sort())}`, value]),
  );
}
