import { countOf } from '../../count.ts';
import {
  type AdviserOptions,
  type AmountName,
  amountNames,
  type Findings,
  type Proposal,
  type SettingsWanted,
  type Silence,
  type ValuedRun,
} from '../advice.ts';
import { idPart } from '../own-ids.ts';
import { type Alternative, alternativesIn, DEFAULT_TOLERANCE } from './alternatives.ts';
import { amountText } from './amount-text.ts';
import { type ContentRuns, comparableRuns, type LeftOut } from './encodes.ts';
import { type Setting, settingsIn } from './setting.ts';
import { factorEnds, inPlaceOf } from './substitution.ts';

const WHY: Readonly<Record<LeftOut, readonly [what: string, remedy: string]>> = {
  failed: ['failed', 'what a failed run wrote cannot be compared'],
  no_content: ['without `content`', 'say what was encoded, as by wattline measure --content'],
  no_settings: ['without settings', 'say `encoder`, `preset`, `bitrate` or `crf`'],
  no_vmaf: [
    'without `vmaf_score`',
    'measure the quality, as by wattline measure --encoded out.mp4 --vmaf reference.mp4',
  ],
  read_twice: ['that were read twice', 'they count once'],
  power_not_measured: ['without power of its own', 'what is predicted says nothing of settings that were not measured'],
};

const AMOUNTS: Readonly<Record<AmountName, string>> = { usd: 'cost', energy: 'energy', co2: 'emissions' };

/** Proposes settings of encoders that save something at equal quality, by runs of the same content with other settings. */
export function adviseOnSettings(
  runs: readonly ValuedRun[],
  { settings: options = { tolerance: DEFAULT_TOLERANCE } }: AdviserOptions,
): Findings {
  const { groups, left } = comparableRuns(runs);
  const silences: Silence[] = [...left].map(([reason, count]) => {
    const [what, remedy] = WHY[reason];
    return { kind: 'settings', reason, message: `${countOf(count, 'run')} ${what}: ${remedy}` };
  });
  const proposals: Proposal[] = [];
  for (const group of groups) {
    const found = alternativesIn(settingsIn(group), options);
    if ('reason' in found) silences.push({ kind: 'settings', ...found, message: `${group.name}: ${found.message}` });
    else proposals.push(...found.map((alternative) => proposalOf(group, alternative, options)));
  }
  return { proposals, silences };
}

function proposalOf(group: ContentRuns, { from, to, goal }: Alternative, options: SettingsWanted): Proposal {
  const { lower, upper } = factorEnds(from, to);
  return {
    kind: 'settings',
    id: `settings-${idPart(group.name)}-${idPart(from.name)}-to-${idPart(to.name)}`,
    title: `Encode ${group.content} with ${to.name} in place of ${from.name}`,
    aim: goal,
    assumes: assumptionsOf(from, to, options),
    check: checkOf(group.content, from, to),
    apply: inPlaceOf(from, to),
    ends: [inPlaceOf(from, to, lower), inPlaceOf(from, to, upper)],
  };
}

function assumptionsOf(from: Setting, to: Setting, { vmaf, tolerance, views, joulesPerBit }: SettingsWanted): string[] {
  const now = amountText(from.spreads.vmaf);
  const quality = `VMAF ${amountText(to.spreads.vmaf)} in place of ${now} is good enough`;
  const change = sizeChange(from, to);
  const size = change === undefined ? 'the same bits were asked for' : bitsText(change);
  const delivery =
    views !== undefined && joulesPerBit !== undefined
      ? `each encode is viewed ${views} times at ${joulesPerBit} J a bit`
      : 'what delivery takes does not change with it';
  return [
    `${quality}: ${vmaf === undefined ? `within ${tolerance}` : `at least ${vmaf}`}`,
    `${size}, and ${delivery}`,
    ...amountNames.flatMap((goal) => {
      const [before, after] = [from.spreads[goal], to.spreads[goal]];
      return before && after
        ? [`${AMOUNTS[goal]} of a run: ${amountText(after, goal)} in place of ${amountText(before, goal)}`]
        : [];
    }),
    `other contents do as this one did in ${countOf(from.encodes.length, 'run')} and ${countOf(to.encodes.length, 'run')}`,
  ];
}

function sizeChange({ spreads: from }: Setting, { spreads: to }: Setting): number | undefined {
  for (const size of ['bits', 'bitsPerSecond'] as const) {
    const [before, after] = [from[size], to[size]];
    if (before && after && before.mean > 0) return after.mean / before.mean - 1;
  }
  return undefined;
}

function bitsText(change: number): string {
  if (change === 0) return 'the same bits are delivered';
  return `${Number((100 * Math.abs(change)).toPrecision(2))} % ${change > 0 ? 'more' : 'fewer'} bits are delivered`;
}

function checkOf(content: string, from: Setting, to: Setting): string {
  const options = (['encoder', 'preset', 'bitrate', 'crf'] as const).flatMap((name) => {
    const [now, then] = [from.settings[name], to.settings[name]];
    return now === undefined || then === undefined ? [] : [`--${name} ${quoted(now)} --${name} ${quoted(then)}`];
  });
  const video = '--encoded out.mp4 --vmaf reference.mp4';
  return `wattline measure --compare --repeat 5 --content ${quoted(content)} ${options.join(' ')} ${video} -- <now> -- <then>`;
}

/** Returns a word as a POSIX shell takes it, whatever is in it. */
function quoted(word: string): string {
  return /^[\w.,:/+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
