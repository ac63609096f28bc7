import { findFigure, labelledFigures } from '../figures/figures.ts';
import { knownFigures } from '../figures/names.ts';
import type { Run } from '../model/run.ts';
import { type Amount, type AmountName, type Amounts, amountNames, type ValuedRun } from './advice.ts';

/** Returns what a run came to that has gone through a pipeline, with the bounds that its figures have. */
export function valuedRun(raw: Run, valued: Run | undefined): ValuedRun {
  if (!valued) return { raw, valued, amounts: {} };
  const average = amountOf(valued, knownFigures.emissions.name);
  const co2 = average ?? marginalOf(valued);
  const total = amountOf(valued, knownFigures.totalCost.name);
  const usd = total ?? amountOf(valued, knownFigures.energyCost.name);
  return {
    raw,
    valued,
    amounts: {
      usd,
      energy: amountOf(valued, knownFigures.energy.name),
      co2,
    },
    signal: co2 && (average ? 'average' : 'marginal'),
    money: usd && (total ? 'total' : 'energy'),
  };
}

/** Returns which kind an amount of a run is, which may be compared with others of the same kind only; undefined where unknown. */
export function kindOfAmount({ amounts, money, signal }: ValuedRun, name: AmountName): string | undefined {
  return amounts[name] && ({ usd: money, energy: undefined, co2: signal }[name] ?? 'any');
}

/**
 * Returns what runs came to together. An amount that none of them has is absent, and so are emissions of which some are by
 * averages and others by the plant at the margin.
 */
export function sumOf(runs: readonly ValuedRun[]): Amounts {
  return Object.fromEntries(amountNames.map((name) => [name, sumOfOne(runs, name)]));
}

/**
 * Returns what is saved from one sum to another. The errors of a host's power go the same way in both, so that the bounds are
 * the differences at the lower ends and at the upper ones. A difference beside others, `ends`, widens them.
 */
export function differenceOf(before: Amounts, after: Amounts, ends: readonly Amounts[] = []): Amounts {
  return Object.fromEntries(
    amountNames.map((name) => {
      const [from, to] = [before[name], after[name]];
      if (!from) return [name, undefined];
      // All runs that had it are dropped.
      const value = from.value - (to?.value ?? 0);
      const bounds = ends.flatMap((end) => from.value - (end[name]?.value ?? 0));
      if (hasBounds(from) || (to && hasBounds(to))) {
        bounds.push(lowerOf(from) - lowerOf(to), upperOf(from) - upperOf(to));
      }
      if (bounds.length === 0) return [name, { value }];
      return [name, { value, lower: Math.min(value, ...bounds), upper: Math.max(value, ...bounds) }];
    }),
  );
}

function amountOf(run: Run, name: string): Amount | undefined {
  const value = findFigure(run, name)?.value;
  if (value === undefined) return undefined;
  const [lower, upper] = ['lower', 'upper'].map((end) => findFigure(run, `${name}_${end}`)?.value);
  return lower === undefined || upper === undefined ? { value } : { value, lower, upper };
}

function marginalOf(run: Run): Amount | undefined {
  const points = labelledFigures(run, ({ name }) => name === knownFigures.emissions.name);
  const [first, ...others] = points.filter(({ labels }) => labels.method === 'marginal');
  return first && others.length === 0 ? { value: first.value } : undefined;
}

function sumOfOne(runs: readonly ValuedRun[], name: AmountName): Amount | undefined {
  const known = runs.flatMap(({ amounts }) => amounts[name] ?? []);
  if (known.length === 0 || (name === 'co2' && kindsOf(runs, name).size > 1)) return undefined;
  const sum = (read: (amount: Amount) => number) => known.reduce((total, one) => total + read(one), 0);
  const value = sum((one) => one.value);
  return known.some(hasBounds) ? { value, lower: sum(lowerOf), upper: sum(upperOf) } : { value };
}

/** Returns the kinds that an amount of runs is of. */
export function kindsOf(runs: readonly ValuedRun[], name: AmountName): ReadonlySet<string> {
  return new Set(runs.flatMap((run) => kindOfAmount(run, name) ?? []));
}

function hasBounds({ lower, upper }: Amount): boolean {
  return lower !== undefined && upper !== undefined;
}

function lowerOf(amount: Amount | undefined): number {
  return amount?.lower ?? amount?.value ?? 0;
}

function upperOf(amount: Amount | undefined): number {
  return amount?.upper ?? amount?.value ?? 0;
}
