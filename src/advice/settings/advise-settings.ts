import { countOf } from '../../count.ts';
import { Attribute } from '../../model/attributes.ts';
import type { Run } from '../../model/run.ts';
import type { Amounts, Findings, Proposal, Silence } from '../advice.ts';
import { type Alternative, alternativesIn, type SettingsOptions } from './alternatives.ts';
import { amountText } from './amount-text.ts';
import { type ContentRuns, comparableRuns, type LeftOut } from './encodes.ts';
import { type Goal, goals, type Setting, settingsIn } from './setting.ts';

const WHY: Readonly<Record<LeftOut, readonly [what: string, remedy: string]>> = {
  failed: ['failed', 'what a failed run wrote cannot be compared'],
  no_content: ['without `content`', 'say what was encoded, as by wattline measure --content'],
  no_settings: ['without settings', 'say `encoder`, `preset`, `bitrate` or `crf`'],
  no_vmaf: [
    'without `vmaf_score`',
    'measure the quality, as by wattline measure --encoded out.mp4 --vmaf reference.mp4',
  ],
  power_not_measured: ['without power of its own', 'what is predicted says nothing of settings that were not measured'],
};

const GOAL_NAMES: Readonly<Record<Goal, string>> = { usd: 'cost', energy: 'energy', co2: 'emissions' };

/**
 * Finds settings of encoders that save something at equal quality, by runs of the same content with other settings. The runs
 * are those that were read, without figures; `amountsOf` says what each of them came to.
 */
export function adviseSettings(
  runs: readonly Run[],
  amountsOf: (run: Run) => Amounts,
  options: SettingsOptions,
): Findings {
  const { groups, left } = comparableRuns(runs, amountsOf);
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

function proposalOf(group: ContentRuns, { from, to }: Alternative, options: SettingsOptions): Proposal {
  return {
    kind: 'settings',
    id: `settings: ${group.name}: ${from.name} > ${to.name}`,
    title: `encode ${group.content} with ${to.name} in place of ${from.name}`,
    assumes: assumptionsOf(from, to, options),
    check: checkOf(group.content, from, to),
    apply: (runs) => replaced(runs, from, to),
  };
}

function assumptionsOf(
  from: Setting,
  to: Setting,
  { vmaf, tolerance, views, joulesPerBit }: SettingsOptions,
): string[] {
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
    ...goals.flatMap((goal) => {
      const [before, after] = [from.spreads[goal], to.spreads[goal]];
      return before && after
        ? [`${GOAL_NAMES[goal]} of a run: ${amountText(after, goal)} in place of ${amountText(before, goal)}`]
        : [];
    }),
    `other contents do as this one did in ${countOf(from.encodes.length, 'run')} and ${countOf(to.encodes.length, 'run')}`,
    'prices and intensities are those of the time at which each run was measured',
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
    return now === undefined || then === undefined ? [] : [`--${name} ${now} --${name} ${then}`];
  });
  const video = '--encoded out.mp4 --vmaf reference.mp4';
  return `wattline measure --compare --repeat 5 --content '${content}' ${options.join(' ')} ${video} -- <now> -- <then>`;
}

/** Returns runs in which those of one setting are measured ones of another, in turn; each keeps the name of its place. */
function replaced(runs: readonly Run[], from: Setting, to: Setting): readonly Run[] {
  // Other advice may have changed these runs, and what it has changed counts.
  const present = new Map(runs.map((run) => [identityOf(run), run]));
  const substitutes = to.encodes.map(({ run }) => present.get(identityOf(run)) ?? run);
  const places = new Set(from.encodes.map(({ run }) => identityOf(run)));
  let next = 0;
  return runs.map((run) => {
    if (!places.has(identityOf(run))) return run;
    const substitute = substitutes[next++ % substitutes.length] as Run;
    return substitute.with({ attributes: { [Attribute.id]: `${identityText(substitute)} for ${identityText(run)}` } });
  });
}

/** What names a run in any list that it may be in. */
function identityOf(run: Run): unknown {
  return run.attributes[Attribute.id] ?? run;
}

function identityText({ attributes, scenario }: Run): string {
  return String(attributes[Attribute.id] ?? scenario);
}
