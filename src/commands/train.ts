import { countOf } from '../count.ts';
import { WattlineError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import { z } from '../plugin/index.ts';
import {
  type Candidate,
  featureNames,
  features,
  formatModelFile,
  type GroupModel,
  type Lesson,
  learntKinds,
  type ModelOptions,
  modelNames,
  outsideRules,
  type Score,
  type Target,
  type TrainedTarget,
  type Training,
  targetNames,
  targets,
  trainTarget,
} from '../prediction/index.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { checkedOptions, namesText, numberText, splitNames } from './checked-options.ts';
import { curveInWords } from './curve-words.ts';
import { amount, heldOf, percent, plainUnit } from './quantities.ts';
import { readRuns } from './results-runs.ts';
import { writeOutput } from './stored-model.ts';

const schema = z.strictObject({
  output: z.string().min(1),
  target: namesText(targetNames).default([...targetNames]),
  feature: z.enum(featureNames),
  groupBy: z.string().transform(splitNames),
  model: z.enum(modelNames),
  power: namesText(learntKinds),
  outsideRange: z.enum(outsideRules),
  intervalLevel: numberText((value) => value > 0 && value < 1, 'a number between 0 and 1'),
  maxWatts: numberText((value) => value > 0, 'a number above 0').optional(),
});

/** How many groups the table shows, those of the most runs. */
const MOST_GROUPS = 20;

/**
 * Trains models on the runs of results files, prints how far each kind of curve misses what was left out, and writes the
 * model file. Throws `NOT_TRAINED` where there are too few runs for any target.
 */
export async function train(files: readonly string[], raw: unknown, stdout: NodeJS.WritableStream): Promise<void> {
  const options = checkedOptions(schema, raw, 'train');
  const { feature, groupBy, power: kinds, maxWatts } = options;
  const { runs, files: fileCount, refusals } = await readRuns(files);
  const lesson: Lesson = { feature, groupBy, kinds };
  const trained: Partial<Record<Target, TrainedTarget>> = {};
  const reports: string[] = [];
  for (const target of options.target) {
    // How many cores are in use is what such a feature says already.
    if (target === 'cpu' && feature.startsWith('cpu_')) continue;
    const modelOptions: ModelOptions = {
      model: options.model,
      leastDifferent: 3,
      level: options.intervalLevel,
      outside: options.outsideRange,
      ...(target === 'power' && maxWatts !== undefined && { most: maxWatts }),
    };
    const training = trainTarget(runs, target, lesson, modelOptions);
    if (training.trained) trained[target] = training.trained;
    reports.push(reportOf(target, lesson, training, modelOptions));
  }
  const notRead = refusals.length ? `\nnot read\n${refusals.map((one) => `  – ${one}\n`).join('')}` : '';
  stdout.write(`${reports.join('\n')}${notRead}`);
  if (Object.keys(trained).length === 0) {
    const remedy = `give results files with runs of at least 3 different ${feature}`;
    throw new WattlineError('NOT_TRAINED', `too few of ${countOf(runs.length, 'run')} can be learnt from; ${remedy}`);
  }
  const trainedAt = new Date().toISOString();
  const model = { feature, groupBy, targets: trained, files: fileCount, trainedAt, wattlineVersion: packageVersion() };
  await writeOutput(options.output, formatModelFile(model));
  stdout.write(`\nWritten to ${options.output}.\n`);
}

function reportOf(target: Target, { feature }: Lesson, training: Training, options: ModelOptions): string {
  const { trained, candidates, runs, without } = training;
  const unit = plainUnit(targets[target].unit);
  const left = Object.entries(without).map(([why, count]) => `  – ${countOf(count, 'run')} not learnt from: ${why}\n`);
  const title = `${target} [${unit}] by ${feature} [${plainUnit(features[feature].unit)}]`;
  if (!trained) return `${title}: not learnt, from ${countOf(runs, 'run')}\n${left.join('')}`;
  const kinds = Object.entries(trained.kinds).map(([kind, count]) => `${count} ${kind}`);
  const { groups, typical } = trained.model;
  return [
    `${title}: ${countOf(runs, 'run')} of ${countOf(groups.size, 'group')}, ${kinds.join(', ')}\n`,
    ...left,
    `\n${candidateTable(candidates, unit, new Set([...groups.values()].map(({ curve }) => curve.kind)))}\n`,
    `${whyOf(options.model)}\n`,
    `\n${groupTable(groups)}\n`,
    ...(typical ? [`A group never seen is taken for the typical one: ${rangeOf(typical)} of all groups.\n`] : []),
  ].join('');
}

function candidateTable(candidates: readonly Candidate[], unit: string, taken: ReadonlySet<string>): string {
  const head = [
    'curve',
    `error, run left out [${unit}]`,
    `error, group left out [${unit}]`,
    'intervals that hold',
    'taken',
  ];
  const rows = candidates.map(({ kind, byRun, byGroup }) => [
    kind,
    errorOf(byRun),
    errorOf(byGroup),
    heldOf(byRun),
    taken.has(kind) ? 'yes' : '',
  ]);
  return plainTable(head, rows, (name) => name.startsWith('error'));
}

function errorOf(score: Score | undefined): string {
  if (score?.meanAbsoluteError === undefined) return '–';
  const of = score.predicted < score.runs ? `, ${score.predicted} of ${score.runs}` : '';
  return `${amount(score.meanAbsoluteError)} (${percent(score.relativeError)}${of})`;
}

function whyOf(model: ModelOptions['model']): string {
  if (model !== 'auto') return `Taken: ${model}, as --model says.`;
  return 'Taken: by --model auto, for each group the monotone cubic from 4 different values on, the power law with 3.';
}

function groupTable(groups: ReadonlyMap<string, GroupModel>): string {
  const sorted = [...groups].sort(([a, { runs: n }], [b, { runs: m }]) => m - n || (a < b ? -1 : 1));
  const rows = sorted.slice(0, MOST_GROUPS).map(([name, group]) => {
    return [name || '(all)', String(group.runs), rangeOf(group), curveInWords(group), group.r2.toFixed(3)];
  });
  const more = sorted.length - rows.length;
  const table = plainTable(['group', 'runs', 'range', 'curve', 'R²'], rows, (name) => name === 'runs' || name === 'R²');
  return more > 0 ? `${table}\nand ${countOf(more, 'more group')}` : table;
}

function rangeOf({ from, to }: GroupModel): string {
  return `${amount(from)} to ${amount(to)}`;
}
