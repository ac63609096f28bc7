import type { AmountName, SettingsWanted } from '../advice.ts';
import { energyWithViews } from './break-even.ts';
import { knownAmounts, type Setting, valuesOf } from './setting.ts';
import { chanceOfMore } from './welch.ts';

/** A sixth of what three viewers of four notice, which is 6 points (Netflix, told to J. Ozer, Streaming Learning Center). */
export const DEFAULT_TOLERANCE = 1;
/** As many runs as a setting must have: of two, a variance says next to nothing. */
export const FEWEST_RUNS = 3;
/** The chance of any wrong advice on a content that is accepted, all of its comparisons together. */
const LEVEL = 0.05;
/** By which part bits may rise and count as equal: what rate control leaves open. */
const SAME_BITS = 0.01;

/** A setting that saves something, at equal quality. */
export interface Alternative {
  readonly from: Setting;
  readonly to: Setting;
  /** What it is to save: money where that is known, else energy, else emissions. */
  readonly goal: AmountName;
}

/** The alternatives to the settings of one content, or why there are none. */
export type Alternatives = readonly Alternative[] | { readonly reason: string; readonly message: string };

/**
 * Returns, for each setting that another one beats, the cheapest one that does: at equal quality, with no more bits, no worse
 * in any amount, and cheaper by more than chance explains. Each comparison is held at 0.05 by the number of them (Bonferroni),
 * so that one content has wrong advice in 5 % of cases at most.
 */
export function alternativesIn(settings: readonly Setting[], options: SettingsWanted): Alternatives {
  if (settings.length < 2) return none('one_setting', 'all of its runs have the same settings');
  const repeated = settings.filter(({ encodes }) => encodes.length >= FEWEST_RUNS);
  if (repeated.length < 2) {
    return none(
      'too_few_runs',
      `fewer than two settings have ${FEWEST_RUNS} runs or more, and noise is not known then`,
    );
  }
  const known = knownAmounts(repeated);
  const [goal] = known;
  if (goal === undefined) return none('no_amounts', 'what its runs came to is not known');
  const pairs = repeated.flatMap((from) =>
    repeated.filter((to) => to !== from && isAsGood(to, from, options)).map((to) => ({ from, to, goal })),
  );
  if (pairs.length === 0) return none('no_equal_quality', noEqual(options));
  // Amounts have no say in how many comparisons are counted: those that look cheap were not chosen by that.
  const level = LEVEL / pairs.length;
  const delivered = pairs.filter((pair) => deliversNoMore(pair, options));
  if (delivered.length === 0)
    return none('more_bits', 'what has the same quality delivers more bits, or they are not known');
  const cheaper = delivered.filter((pair) => isNoWorse(pair, known));
  if (cheaper.length === 0) return none('best_already', 'no setting is cheaper at the same quality');
  const sure = cheaper.filter((pair) => isSure(pair, options, level));
  if (sure.length === 0) return none('within_noise', 'what differs between its settings may be noise; repeat the runs');
  const meanOf = ({ spreads }: Setting) => spreads[goal]?.mean as number;
  return [...Map.groupBy(sure, ({ from }) => from).values()].map((choices) =>
    choices.reduce((best, one) => (meanOf(one.to) < meanOf(best.to) ? one : best)),
  );
}

function none(reason: string, message: string) {
  return { reason, message };
}

function noEqual({ vmaf, tolerance }: SettingsWanted): string {
  return vmaf === undefined
    ? `no two of its settings are within ${tolerance} of the same VMAF`
    : `none of its settings with ${FEWEST_RUNS} runs or more holds a VMAF of ${vmaf}`;
}

/** Whether one setting may stand in for another by the mean of its quality. */
function isAsGood(to: Setting, { spreads }: Setting, { vmaf, tolerance }: SettingsWanted): boolean {
  return to.spreads.vmaf.mean >= (vmaf ?? spreads.vmaf.mean - tolerance);
}

/** Whether a setting delivers no more bits than another, or takes less energy with all views where these are known. */
function deliversNoMore({ from, to }: Alternative, { views, joulesPerBit }: SettingsWanted): boolean {
  if (views !== undefined && joulesPerBit !== undefined) {
    const [now, then] = [from, to].map((one) => totalEnergy(one, views, joulesPerBit));
    return now !== undefined && then !== undefined && then < now;
  }
  for (const size of ['bits', 'bitsPerSecond'] as const) {
    const [now, then] = [from.spreads[size]?.mean, to.spreads[size]?.mean];
    if (now !== undefined && then !== undefined) return then <= now * (1 + SAME_BITS);
  }
  // Where nobody has measured the bits, those that were asked for must be the same.
  return to.settings.bitrate !== undefined && to.settings.bitrate === from.settings.bitrate;
}

function totalEnergy({ spreads: { energy, bits } }: Setting, views: number, joulesPerBit: number): number | undefined {
  return energy && bits && energyWithViews({ joules: energy.mean, bits: bits.mean }, views, joulesPerBit);
}

function isNoWorse({ from, to, goal }: Alternative, known: readonly AmountName[]): boolean {
  const change = (one: AmountName) => (to.spreads[one]?.mean as number) - (from.spreads[one]?.mean as number);
  return known.every((one) => change(one) <= 0) && change(goal) < 0;
}

/** Whether neither the saving nor the quality may be chance. */
function isSure({ from, to, goal }: Alternative, options: SettingsWanted, level: number): boolean {
  const saves = chanceOfMore(valuesOf(from, goal), valuesOf(to, goal)) <= level;
  return saves && holdsQuality(from, to, options, level);
}

function holdsQuality(from: Setting, to: Setting, options: SettingsWanted, level: number): boolean {
  const [now, then] = [valuesOf(from, 'vmaf'), valuesOf(to, 'vmaf')];
  const { vmaf, tolerance } = options;
  const wanted = vmaf === undefined ? now.map((value) => value - tolerance) : now.map(() => vmaf);
  // Encoders that do not vary are as good as their one value says, and it may be just good enough.
  const varies = [...wanted, ...then].some((value, i) => value !== (i < wanted.length ? wanted[0] : then[0]));
  return !varies || chanceOfMore(then, wanted) <= level;
}
