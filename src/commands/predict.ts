import { WattlineError } from '../errors.ts';
import { findRegion } from '../figures/index.ts';
import { packageVersion } from '../package.ts';
import { z } from '../plugin/index.ts';
import {
  type FeatureName,
  featureNames,
  featureOf,
  groupOf,
  type ModelOptions,
  type Prediction,
  predict as predictBy,
  type Target,
  type TrainedModel,
  trainTarget,
} from '../prediction/index.ts';
import { parseRun } from '../results/index.ts';
import { checkedOptions, numberText, seconds } from './checked-options.ts';
import { formatPrediction, type PredictedRun, predictionJson } from './prediction-report.ts';
import { readRuns } from './results-runs.ts';
import { loadModel } from './stored-model.ts';
import { type ValuingOptions, valuePrediction } from './valued-prediction.ts';

const schema = z.object({
  model: z.string().min(1).optional(),
  streams: numberText((value) => Number.isInteger(value) && value >= 0, 'a whole number, 0 or more').optional(),
  encoder: z.string().min(1).optional(),
  bitrate: z.string().min(1).optional(),
  region: z
    .string()
    .refine((value) => findRegion(value) !== undefined, { error: 'expected a region that `wattline regions` lists' })
    .optional(),
  with: z
    .array(z.string().regex(/^[^=]+=.+/, { error: 'expected a name and a value, as preset=slow or frame_rate=30' }))
    .default([]),
  duration: seconds,
  json: z.boolean(),
});

type Options = z.output<typeof schema>;

/** The options of models that are trained for one prediction. */
const rules: ModelOptions = { model: 'auto', leastDifferent: 3, level: 0.9, outside: 'widen' };

/**
 * Prints what a run would draw, cost and emit that has not taken place, by a model file or by a model of the runs in results
 * files. Throws `NOT_PREDICTED` where the model cannot say it.
 */
export async function predict(results: readonly string[], raw: unknown, valuing: ValuingOptions): Promise<void> {
  const options = checkedOptions(schema, raw, 'predict');
  const stated = statedOf(options);
  const model = await modelFor(results, options, stated);
  const { feature } = model;
  const x = valueOfFeature(model, stated);
  const group = knownGroup(model, stated);
  const [power, cpu] = (['power', 'cpu'] as const).map((target) => predicted(model, target, group, x));
  // A prediction by the cores in use has been told how many they are.
  const cores = feature === 'cpu_cores' ? { value: x } : boundedOf(cpu);
  const watts = boundedOf(power);
  if (!watts && !cores) {
    const problem = [power, cpu].flatMap((one) => (one && one.value === undefined ? one.problem : []))[0];
    throw new WattlineError('NOT_PREDICTED', `nothing is predicted: ${problem ?? 'the model has no target'}`);
  }
  const imagined = { fields: stated.fields, duration: options.duration, watts, cores };
  const valued = await valuePrediction(imagined, valuing);
  const all: PredictedRun = { model, x, group, stated: stated.words, duration: options.duration, power, cpu, valued };
  valuing.stdout.write(options.json ? predictionJson(all) : formatPrediction(all));
}

/** What the options state of the run. */
interface Stated {
  /** In the words of results files. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly numbers: ReadonlyMap<string, number>;
  /** The names that could tell groups apart. */
  readonly labels: readonly string[];
  readonly words: string;
}

function statedOf({ streams, encoder, bitrate, region, with: others }: Options): Stated {
  const more = others.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const);
  const numbers = new Map(
    more.flatMap(([name, value]) => (Number.isFinite(Number(value)) ? [[name, Number(value)] as const] : [])),
  );
  if (streams !== undefined) numbers.set('streams', streams);
  const isFeature = (name: string) => featureNames.some((one) => one === name);
  const given = Object.entries({ streams, encoder, bitrate, region }).filter(([, value]) => value !== undefined);
  const words = [...given, ...more].map(([name, value]) => `${name} ${value}`).join(', ');
  const fields = {
    ...Object.fromEntries(more.map(([name, value]) => [name, numbers.get(name) ?? value])),
    name: words || 'a run of which nothing is stated',
    ...{ streams, encoder_type: encoder, bitrate, region },
  };
  const labels = [...(encoder === undefined ? [] : ['encoder']), ...more.map(([name]) => name)];
  return { fields, numbers, labels: labels.filter((name) => !isFeature(name)), words };
}

/** The stored model, or one of results files whose groups differ by what is stated. */
async function modelFor(
  results: readonly string[],
  { model, bitrate }: Options,
  stated: Stated,
): Promise<TrainedModel> {
  if ((model === undefined) === (results.length === 0)) {
    throw new WattlineError('NOT_PREDICTED', 'expected either --model <file> or results files to learn from');
  }
  if (model !== undefined) return loadModel(model);
  const feature: FeatureName | undefined =
    featureNames.find((name) => stated.numbers.has(name)) ?? (bitrate === undefined ? undefined : 'bitrate');
  if (!feature) {
    throw new WattlineError('NOT_PREDICTED', 'nothing says what to predict by; give --streams, or --with cpu_cores=2');
  }
  const { runs, files } = await readRuns(results);
  const lesson = { feature, groupBy: stated.labels, kinds: ['measured', 'modelled'] } as const;
  const [power, cpu] = (['power', 'cpu'] as const).map((target) => trainTarget(runs, target, lesson, rules).trained);
  if (!power && !cpu) {
    const remedy = 'give files with runs of at least 3 different values, as `wattline train` needs them';
    throw new WattlineError('NOT_PREDICTED', `too few runs are known by ${feature}; ${remedy}`);
  }
  const targets = { ...(power && { power }), ...(cpu && !feature.startsWith('cpu_') && { cpu }) };
  const trainedAt = new Date().toISOString();
  return { feature, groupBy: stated.labels, targets, files, trainedAt, wattlineVersion: packageVersion() };
}

function valueOfFeature({ feature }: TrainedModel, { numbers, fields }: Stated): number {
  const { run } = parseRun({ ...fields, duration: 1 }, {});
  const x = numbers.get(feature) ?? (run && featureOf(run, feature));
  if (x !== undefined && x >= 0) return x;
  const option = feature === 'streams' || feature === 'bitrate' ? `--${feature}` : `--with ${feature}=<number>`;
  throw new WattlineError('NOT_PREDICTED', `the model predicts by ${feature}; give ${option}, 0 or more`);
}

/** The group that is stated. Throws where an attribute is not stated that tells groups apart, and none is without it. */
function knownGroup({ groupBy, targets }: TrainedModel, { fields }: Stated): string {
  const { run } = parseRun({ ...fields, duration: 1 }, {});
  const attributes = run?.attributes ?? {};
  const group = groupOf(attributes, groupBy);
  const known = [...new Set(Object.values(targets).flatMap(({ model }) => [...model.groups.keys()]))].sort();
  const open = groupBy.filter((name) => (attributes[name] ?? attributes[`run.${name}`]) === undefined);
  if (open.length === 0 || known.includes(group)) return group;
  const options = open.map((name) => (name === 'encoder' ? '--encoder <name>' : `--with ${name}=<value>`));
  const message = `the model tells groups apart by ${open.join(', ')}; give ${options.join(' ')}; known are ${known.join('; ')}`;
  throw new WattlineError('NOT_PREDICTED', message);
}

function predicted({ targets }: TrainedModel, target: Target, group: string, x: number): Prediction | undefined {
  const trained = targets[target];
  return trained && predictBy(trained.model, group, x);
}

function boundedOf(prediction: Prediction | undefined) {
  if (prediction?.value === undefined) return undefined;
  const { value, interval } = prediction;
  return { value, lower: interval?.lower, upper: interval?.upper };
}
