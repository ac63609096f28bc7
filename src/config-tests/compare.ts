import { type FigurePoint, figuresOf } from '../figures/figures.ts';
import { runLabelsOf } from '../figures/run-labels.ts';
import { Attribute } from '../model/attributes.ts';
import type { Run } from '../model/run.ts';
import type { ExpectedRun, TestCase } from './test-file.ts';

/** Returns the first difference between the runs that arrived and what a test expects; undefined where there is none. */
export function firstDifference(test: TestCase, arrived: readonly Run[]): string | undefined {
  const byScenario = Map.groupBy(arrived, (run) => nameOf(run));
  for (const name of test.dropped) if (byScenario.has(name)) return `${name} arrived, and should not have`;
  for (const expected of test.expect) {
    // Where a scenario is expected twice, the expectations apply to its runs in order.
    const run = byScenario.get(expected.run)?.shift();
    const difference = run ? differenceOf(expected, run, test.tolerance) : whatArrived(arrived);
    if (difference) return `${expected.run}: ${difference}`;
  }
  return undefined;
}

function differenceOf({ figures, without, labels }: ExpectedRun, run: Run, tolerance: number): string | undefined {
  const found = new Map(figuresOf(run).map((figure) => [figure.name, figure]));
  for (const [name, wanted] of Object.entries(figures)) {
    const figure = found.get(name);
    if (!figure) return `it has no ${name}; it has ${[...found.keys()].join(', ') || 'no figure'}`;
    const expected = typeof wanted === 'number' ? { value: wanted, tolerance } : { tolerance, ...wanted };
    if (!isClose(figure.value, expected)) return describe(figure, expected);
  }
  for (const name of without) {
    const figure = found.get(name);
    if (figure) return `${name} is ${figure.value}, and should not be there`;
  }
  const known = runLabelsOf(run);
  for (const [name, value] of Object.entries(labels)) {
    const own =
      known[name] ??
      figuresOf(run)
        .map(({ attributes }) => attributes[name])
        .find((label) => label !== undefined);
    if (String(own) !== value)
      return `the label ${name} is ${own === undefined ? 'not there' : `"${own}"`}, expected "${value}"`;
  }
  return undefined;
}

interface Expected {
  readonly value: number;
  readonly tolerance?: number | undefined;
}

function isClose(actual: number, { value, tolerance = 0 }: Expected): boolean {
  return Math.abs(actual - value) <= tolerance * Math.abs(value);
}

function describe({ name, value: actual }: FigurePoint, { value, tolerance }: Expected): string {
  const off = value === 0 ? '' : `, ${Number((((actual - value) / Math.abs(value)) * 100).toPrecision(3))} % off`;
  return `${name} is ${actual}, expected ${value} (± ${tolerance} of it)${off}`;
}

function whatArrived(arrived: readonly Run[]): string {
  const names = arrived.map(nameOf);
  return `no such run arrived; ${names.length ? `arrived are ${names.join(', ')}` : 'none did'}`;
}

/** Returns the scenario of a run; counters have it in the labels of their points. */
function nameOf({ scenario, metrics }: Run): string {
  const [point] = metrics[0]?.metrics[0]?.dataPoints ?? [];
  return scenario ?? String(point?.attributes[Attribute.scenario] ?? '');
}
