import { workOf } from '../figures/work.ts';
import { type AmountName, amountNames, type ValuedRun } from './advice.ts';
import { kindsOf } from './amounts.ts';
import type { Sampled } from './mean-interval.ts';

/** What amounts are shared out over: the hours of all streams, or where none is known, the hours of the runs. */
export const outputUnits = ['stream_hour', 'hour'] as const;
export type OutputUnit = (typeof outputUnits)[number];

/** A mean, and which kind of amount it is of, such as the total cost or that of energy alone. */
export interface SampledKind extends Sampled {
  readonly kind: string;
}

/** What runs came to for each unit of their output, and how many units that was. An amount of several kinds is absent. */
export interface PerOutput {
  readonly unit: OutputUnit;
  readonly units: number;
  readonly amounts: Partial<Record<AmountName, SampledKind>>;
}

/**
 * Returns what runs came to for each unit of output, the sum of one by the sum of the other, with its standard error (W. G.
 * Cochran, Sampling Techniques, 3rd edition 1977, chapter 6: the ratio estimator). Runs without output are among them, as waste
 * is; those of which nothing says their output are not. Without a unit it is the first that the runs have any of.
 */
export function perOutput(runs: readonly ValuedRun[], wanted?: OutputUnit): PerOutput | undefined {
  for (const unit of wanted ? [wanted] : outputUnits) {
    const known = runs.flatMap((run) => {
      const units = unitsOf(run, unit);
      return units === undefined ? [] : [{ run, units }];
    });
    const units = known.reduce((sum, one) => sum + one.units, 0);
    if (units === 0) continue;
    const entries = amountNames.flatMap((name) => {
      const pairs = known.flatMap(({ run, units }) => {
        const amount = run.amounts[name]?.value;
        return amount === undefined ? [] : [{ amount, units }];
      });
      const ratio = ratioOf(pairs);
      const [kind, ...others] = kindsOf(
        known.map(({ run }) => run),
        name,
      );
      return ratio && kind !== undefined && others.length === 0 ? [[name, { ...ratio, kind }] as const] : [];
    });
    return { unit, units, amounts: Object.fromEntries(entries) };
  }
  return undefined;
}

function unitsOf({ raw }: ValuedRun, unit: OutputUnit): number | undefined {
  const work = workOf(raw, unit);
  if (work.value !== undefined) return work.value;
  return work.reason === 'no_streams' ? 0 : undefined;
}

function ratioOf(pairs: readonly { readonly amount: number; readonly units: number }[]): Sampled | undefined {
  const runs = pairs.length;
  const units = pairs.reduce((sum, one) => sum + one.units, 0);
  if (units === 0) return undefined;
  const value = pairs.reduce((sum, { amount }) => sum + amount, 0) / units;
  const squares = pairs.reduce((sum, one) => sum + (one.amount - value * one.units) ** 2, 0);
  return { value, error: runs < 2 ? 0 : Math.sqrt((runs / (runs - 1)) * squares) / units, runs };
}
