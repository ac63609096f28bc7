import { toSeconds } from '../model/hr-time.ts';
import type { AmountName, ValuedRun } from './advice.ts';
import type { KeptAdvice } from './kept-advice.ts';
import { differenceInterval, type Estimate } from './mean-interval.ts';
import { perOutput } from './per-output.ts';

/** The level of the intervals of realised savings. */
export const REALISED_LEVEL = 0.95;

/** What later runs saved of one amount for each unit of output. */
export interface RealisedAmount {
  /** The key of the amount, such as `usd`. */
  readonly name: 'usd' | 'energy_joules' | 'co2_kg';
  /** What was predicted, for each unit of the output of the runs that it was found in. */
  readonly predicted: number | undefined;
  /** Undefined where fewer than two runs were known before or after. */
  readonly realised: Estimate | undefined;
  readonly verdict: string;
}

/** What became of advice that was accepted. */
export interface Realised {
  readonly advice: KeptAdvice;
  /** The number of runs that began after those that the advice was found in. */
  readonly laterRuns: number;
  readonly amounts: readonly RealisedAmount[];
}

/** The caveat of every realised saving. */
export const NOTHING_HELD_EQUAL =
  'A realised saving is what a unit of output cost before less what it cost later. Nothing was held equal: other content, load, machines and prices are in it too, and where several pieces of advice were followed, all of them.';

const keys = { usd: 'usd', energy: 'energy_joules', co2: 'co2_kg' } as const satisfies Record<AmountName, string>;

/** Compares runs that began after those that advice was found in with these, for each unit of output. */
export function realisedSaving(advice: KeptAdvice, runs: readonly ValuedRun[]): Realised {
  const { before, predicted, measured_on } = advice;
  const since = Date.parse(measured_on.until) / 1000;
  const later = runs.filter(({ raw }) => raw.isDated && toSeconds(raw.window.start) >= since);
  const after = perOutput(later, before.unit);
  const amounts = (Object.keys(keys) as AmountName[]).flatMap((amount): RealisedAmount[] => {
    const name = keys[amount];
    const [was, is] = [before[name], after?.amounts[amount]];
    if (!was) return [];
    const total = predicted[name]?.value;
    const expected = total === undefined ? undefined : total / before.units;
    if (is && is.kind !== was.kind) {
      const verdict = `cannot be told: before it was of the kind \`${was.kind}\`, later of \`${is.kind}\``;
      return [{ name, predicted: expected, realised: undefined, verdict }];
    }
    const realised = is && differenceInterval(was, is, REALISED_LEVEL);
    return [{ name, predicted: expected, realised, verdict: verdictOn(realised, expected) }];
  });
  return { advice, laterRuns: later.length, amounts };
}

function verdictOn(realised: Estimate | undefined, predicted: number | undefined): string {
  if (!realised) return 'cannot be told: two runs with this figure are needed before and later';
  const { lower, upper } = realised;
  if (upper < 0) return 'a unit of output costs more than before';
  if (lower <= 0) return 'cannot be told: the difference may be none';
  if (predicted === undefined) return 'saved, with nothing predicted to compare with';
  if (predicted < lower) return 'saved more than predicted';
  return predicted > upper ? 'saved less than predicted' : 'saved as predicted';
}
