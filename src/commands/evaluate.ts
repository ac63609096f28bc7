import { countOf } from '../count.ts';
import { WattlineError } from '../errors.ts';
import { z } from '../plugin/index.ts';
import {
  features,
  learntKinds,
  learntOf,
  predict,
  type Score,
  scoreOf,
  type TrainedModel,
  type TrainedTarget,
  type Tried,
  targetNames,
  targets,
} from '../prediction/index.ts';
import { type CurvePlot, drawPlot } from '../terminal/curve-plot.ts';
import { plotsToSvg } from '../terminal/curve-svg.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { checkedOptions } from './checked-options.ts';
import { amount, heldOf, percent, plainUnit } from './quantities.ts';
import { readRuns } from './results-runs.ts';
import { loadModel, writeOutput } from './stored-model.ts';

const schema = z.strictObject({ svg: z.string().min(1).optional() });

/** How many groups are shown, those of the most runs, and how many of each target are drawn. */
const MOST_GROUPS = 20;
const MOST_PLOTS = 4;
/** The points of a curve that is drawn. */
const POINTS = 121;

/**
 * Prints how far a model file is from the runs of results files, and draws both. Throws `NOTHING_TO_READ` where no run says
 * what the model predicts.
 */
export async function evaluate(
  path: string,
  files: readonly string[],
  raw: unknown,
  stdout: NodeJS.WritableStream,
): Promise<void> {
  const { svg } = checkedOptions(schema, raw, 'evaluate');
  const model = await loadModel(path);
  const { runs } = await readRuns(files);
  const plots: CurvePlot[] = [];
  let count = 0;
  for (const target of targetNames) {
    const trained = model.targets[target];
    if (!trained) continue;
    const lesson = { feature: model.feature, groupBy: model.groupBy, kinds: learntKinds };
    const { runs: known, kinds, without } = learntOf(runs, target, lesson);
    const tried = known.map((run) => ({ run, prediction: predict(trained.model, run.group, run.x) }));
    count += tried.length;
    const unit = plainUnit(targets[target].unit);
    const title = `${target} [${unit}] by ${model.feature}`;
    const made = Object.entries(kinds).map(([kind, number]) => `${number} ${kind}`);
    const left = Object.entries(without).map(([why, number]) => `  – ${countOf(number, 'run')} left out: ${why}\n`);
    stdout.write(`${title}: ${[countOf(known.length, 'run'), ...made].join(', ')}\n${left.join('')}`);
    if (tried.length === 0) continue;
    const drawn = plotsOf(title, tried, trained, model);
    stdout.write(`\n${tableOf(tried, unit)}\n\n${drawn.map(drawPlot).join('\n')}\n`);
    plots.push(...drawn);
  }
  if (count === 0) {
    throw new WattlineError('NOTHING_TO_READ', `no run in ${files.join(', ')} says what ${path} predicts`);
  }
  stdout.write('● measured or modelled in the files, ─ predicted, ░ its interval\n');
  if (svg === undefined) return;
  await writeOutput(svg, plotsToSvg(plots));
  stdout.write(`Drawn to ${svg}.\n`);
}

function tableOf(tried: readonly Tried[], unit: string): string {
  const groups = groupsOf(tried);
  const head = ['group', 'runs', 'extrapolated', `error [${unit}]`, `drift [${unit}]`, 'intervals that hold'];
  const rows = groups.slice(0, MOST_GROUPS).map(([name, members]) => rowOf(name || '(all)', scoreOf(members)));
  const all = groups.length > 1 ? [rowOf('all', scoreOf(tried))] : [];
  const reasons = new Set(tried.flatMap(({ prediction: one }) => (one.value === undefined ? one.problem : [])));
  const notes = Array.from(reasons, (problem) => `\n  – not predicted: ${problem}`);
  return plainTable(head, [...rows, ...all], (name) => !/group|intervals/.test(name)) + notes.join('');
}

function rowOf(name: string, score: Score): string[] {
  const { runs, predicted, extrapolated, meanAbsoluteError: error, relativeError, drift } = score;
  const count = predicted < runs ? `${predicted} of ${runs}` : String(runs);
  const off = error === undefined ? '–' : `${amount(error)} (${percent(relativeError)})`;
  return [name, count, String(extrapolated), off, amount(withoutNoise(drift, error)), heldOf(score)];
}

/** A drift that is only the rounding of sums is none. */
function withoutNoise(drift: number | undefined, error = 0): number | undefined {
  return drift !== undefined && Math.abs(drift) < 1e-9 * error ? 0 : drift;
}

/** The groups by how many runs they have. */
function groupsOf(tried: readonly Tried[]): [name: string, members: Tried[]][] {
  const groups = [...Map.groupBy(tried, ({ run }) => run.group)];
  return groups.sort(([a, { length: n }], [b, { length: m }]) => m - n || (a < b ? -1 : 1));
}

function plotsOf(
  title: string,
  tried: readonly Tried[],
  { model }: TrainedTarget,
  { feature }: TrainedModel,
): CurvePlot[] {
  return groupsOf(tried)
    .slice(0, MOST_PLOTS)
    .map(([group, members]) => {
      const points = members.map(({ run: { x, y } }) => ({ x, y }));
      const known = model.groups.get(group) ?? model.typical;
      const xs = [...points.map(({ x }) => x), ...(known ? [known.from, known.to] : [])];
      const [from, to] = [Math.min(...xs), Math.max(...xs)];
      const curve = Array.from({ length: POINTS }, (_, i) => from + ((to - from) * i) / (POINTS - 1)).flatMap((x) => {
        const one = predict(model, group, x);
        return one.value === undefined
          ? []
          : [{ x, y: one.value, lower: one.interval?.lower, upper: one.interval?.upper }];
      });
      const [yLabel = ''] = title.split(' by ');
      return {
        title: group ? `${title}: ${group}` : title,
        xLabel: `${feature} [${plainUnit(features[feature].unit)}]`,
        yLabel,
        curve,
        points,
      };
    });
}
