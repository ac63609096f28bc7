import type { SettingsWanted, ValuedRun } from '../advice.ts';
import { comparableRuns } from './encodes.ts';
import { type EqualQuality, equalQuality } from './ladders.ts';
import { nonDominated as nonDominatedOf } from './non-dominated.ts';
import { knownAmounts, type Setting, settingsIn } from './setting.ts';

/** What settings of encoders came to on one content. */
export interface ContentReport {
  /** The content, and what else its runs have in common. */
  readonly name: string;
  readonly settings: readonly Setting[];
  /** Those worth choosing from where bits do not count: no other of them is as good in cost, energy, emissions and VMAF. */
  readonly nonDominated: readonly Setting[];
  /** The cheapest that holds the wanted VMAF, by money, else by energy, else by emissions. */
  readonly cheapest: Setting | undefined;
  readonly equalQuality: EqualQuality | undefined;
}

/** Reports on each content that was encoded with several settings. */
export function settingsReport(runs: readonly ValuedRun[], wanted: SettingsWanted): ContentReport[] {
  const all = comparableRuns(runs).groups.map((group) => ({ name: group.name, settings: settingsIn(group) }));
  return all
    .filter(({ settings }) => settings.length > 1)
    .map((one) => ({ ...one, ...comparison(one.settings, wanted) }));
}

function comparison(settings: readonly Setting[], { vmaf, tolerance, joulesPerBit }: SettingsWanted) {
  const known = knownAmounts(settings);
  const candidates = settings.map((setting) => ({
    setting,
    amounts: known.map((name) => setting.spreads[name]?.mean as number),
    vmaf: setting.spreads.vmaf.mean,
  }));
  const nonDominated = nonDominatedOf(candidates, tolerance).map(({ setting }) => setting);
  const good = vmaf === undefined ? [] : candidates.filter((one) => one.vmaf >= vmaf);
  const [cheapest] = known.length ? good.sort((a, b) => (a.amounts[0] as number) - (b.amounts[0] as number)) : [];
  return { nonDominated, cheapest: cheapest?.setting, equalQuality: equalQuality(settings, vmaf, joulesPerBit) };
}
