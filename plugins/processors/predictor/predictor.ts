import { meanOf, measure, powerKindOf } from 'wattline/figures';
import {
  Attribute,
  cpuUsage,
  describeRun,
  hostPower,
  numberOf,
  Pace,
  type Run,
  Series,
  type SourceContext,
  samplesOf,
} from 'wattline/plugin';
import { type FeatureName, featureOf, groupOf, type LearntKind } from 'wattline/prediction';
import type { Learner } from './learner.ts';
import { predictionLine } from './prediction-line.ts';
import { attributesOf, type Predicted, type Target, type TargetName, targets } from './target.ts';

/** What is learnt of runs, and which of them get predictions. */
export interface PredictorOptions {
  readonly feature: FeatureName;
  readonly groupBy: readonly string[];
  /** At least one. */
  readonly learntKinds: readonly LearntKind[];
  /** Whether runs with power of their own get a predicted one too, as an attribute. */
  readonly predictsAlways: boolean;
}

export type Learners = Readonly<Partial<Record<TargetName, Learner>>>;

/** What is told of predictions. */
interface PredictorContext extends Pick<SourceContext, 'skip' | 'explain'> {
  /** Is called for each prediction outside of what was learnt from. */
  onExtrapolated(target: TargetName): void;
}

/** Learns from runs with power and CPU samples, and gives predicted ones to those without. */
export class Predictor {
  readonly #learners: Learners;
  readonly #options: PredictorOptions;
  readonly #ctx: PredictorContext;
  readonly #pace = new Pace();
  #last: Promise<unknown> = Promise.resolve();
  /** How many runs have not had their turn yet. */
  #waiting = 0;

  constructor(learners: Learners, options: PredictorOptions, ctx: PredictorContext) {
    this.#learners = learners;
    this.#options = options;
    this.#ctx = ctx;
  }

  /** Adds a run to what is learnt from, where its power and CPU time came about in a way that is. */
  learn(run: Run): void {
    const isLearnt = this.#options.learntKinds.some((kind) => kind === powerKindOf(run));
    const watts = isLearnt ? this.#meanOf('power', run) : undefined;
    const cores = run.cpu === undefined ? this.#meanOf('cpu', run) : undefined;
    if (watts === undefined && cores === undefined) return;
    const { feature, groupBy } = this.#options;
    const x = featureOf(run, feature);
    if (x === undefined) return;
    const start = run.startTime ?? Number.NEGATIVE_INFINITY;
    const group = groupBy.length > 0 ? groupOf(run.attributes, groupBy) : '';
    const once = `${run.scenario ?? ''}\n${run.startTime}`;
    // Runs of one name and start are several where they are of several groups, such as hosts.
    const id = group === '' ? once : `${group}\n${once}`;
    if (watts !== undefined) this.#learners.power?.learn({ id, group, start, x, y: watts });
    if (cores !== undefined) this.#learners.cpu?.learn({ id, group, start, x, y: cores });
  }

  /**
   * Returns a run unchanged where it has power, after learning from it, or with what could be predicted of it by all runs
   * before it. Runs take their turns in the order of the calls.
   */
  apply(run: Run): Run | Promise<Run> {
    if (this.#waiting === 0 && this.#isKnown(run)) return run;
    this.#waiting++;
    const made = this.#last.then(() => this.#applyInTurn(run)).finally(() => this.#waiting--);
    this.#last = made.catch(() => {});
    return made;
  }

  async #applyInTurn(run: Run): Promise<Run> {
    await this.#pace.giveWay();
    return this.#isKnown(run) ? run : this.#predicted(run);
  }

  /** Learns from a run with power; returns whether there is nothing more to do. */
  #isKnown(run: Run): boolean {
    const hasPower = run.samplesOf(hostPower)?.series !== undefined;
    if (hasPower || run.samplesOf(cpuUsage)) this.learn(run);
    return hasPower && !this.#options.predictsAlways;
  }

  async #predicted(run: Run): Promise<Run> {
    if (run.samplesOf(hostPower)?.series) return this.#withAttributes(run);
    const powered = await this.#withSamples('power', run);
    // What was measured gets no part that was not.
    return powered === run || run.samplesOf(cpuUsage) ? powered : this.#withSamples('cpu', run, powered);
  }

  /** Returns a run with predicted samples of a target, constant over its duration, or as it is, and then counted. */
  async #withSamples(name: TargetName, run: Run, made: Run = run): Promise<Run> {
    const learner = this.#learners[name];
    if (!learner) return made;
    const target = targets[name];
    const without = (reason: string, why: string) => {
      // Where CPU time is not known, whoever needs it says so, as of any run without.
      if (name === 'power' || isOfPrediction(reason)) this.#skip(target, run, reason, why);
      return made;
    };
    const { [Attribute.refused]: refused } = run.attributes;
    if (Array.isArray(refused) && refused.includes(target.signal.field)) {
      return without('power_refused', `its ${powerKindOf(run)} power was refused, and is not made up for`);
    }
    const { feature, groupBy } = this.#options;
    const x = featureOf(run, feature);
    if (x === undefined) return without(`unknown_${feature}`, unknownFeature(feature));
    const { duration } = run;
    if (duration === undefined) return without('no_duration', 'it has neither a duration nor start and end');
    await learner.settle();
    const group = groupOf(run.attributes, groupBy);
    const prediction = learner.predict(group, x);
    if (prediction.value === undefined) {
      const { reason, problem } = prediction;
      return without(reason, reason === 'no_model' ? this.#whyNoModel(group) : problem);
    }
    this.#tell(name, prediction, x, group);
    const { value } = prediction;
    const series = Series.irregular(run.window.start, Float64Array.of(0, duration), Float64Array.of(value, value));
    return made.with({
      samples: [samplesOf(target.signal, series, 'wattline/predictor')],
      attributes: {
        [target.label]: 'predicted',
        // Whatever the run says of its measured samples, these two are the ends of a line.
        [target.signal.samplingAttribute]: 'instant',
        ...attributesOf(target, prediction),
      },
    });
  }

  /** Returns a run that has power with what is predicted of it as attributes, where that can be said. */
  async #withAttributes(run: Run): Promise<Run> {
    const { power: learner } = this.#learners;
    const { feature, groupBy } = this.#options;
    const x = featureOf(run, feature);
    const { attributes } = targets.power;
    if (!learner || x === undefined || numberOf(run.attributes, attributes.value) !== undefined) return run;
    await learner.settle();
    const group = groupOf(run.attributes, groupBy);
    const prediction = learner.predict(group, x);
    if (prediction.value === undefined) return run;
    this.#tell('power', prediction, x, group);
    return run.with({ attributes: attributesOf(targets.power, prediction) });
  }

  /** The mean that a run has of a target which is learnt, in the unit of its samples. */
  #meanOf(name: TargetName, run: Run): number | undefined {
    const measured = this.#learners[name] && measure(run, targets[name].signal);
    return measured?.value === undefined ? undefined : meanOf(measured.series);
  }

  #tell(name: TargetName, prediction: Predicted, x: number, group: string): void {
    if (prediction.extrapolated) this.#ctx.onExtrapolated(name);
    if (!this.#ctx.explain) return;
    const kinds = name === 'power' ? this.#sources : 'measured';
    const sources = this.#learners[name]?.isLent(group) ? 'runs of the model file' : `${kinds} runs`;
    this.#ctx.explain([
      predictionLine(targets[name], prediction, { feature: this.#options.feature, x, group, sources }),
    ]);
  }

  /** What power it learns from, in words. */
  get #sources(): string {
    return this.#options.learntKinds.join(' or ');
  }

  #whyNoModel(group: string): string {
    const { feature, learntKinds } = this.#options;
    const values = feature === 'streams' ? 'numbers of streams' : `values of ${feature}`;
    const of = group === '' ? '' : ` of ${group}`;
    const others = learntKinds.includes('modelled') ? '' : ', or modelled power in training.power';
    const remedy = `list files with such runs as training.include${others}`;
    return `${this.#sources} runs of too few different ${values} are known${of}; ${remedy}`;
  }

  #skip({ signal, name }: Target, run: Run, reason: string, why: string): void {
    this.#ctx.skip({ item: signal.field, reason, message: `no ${name} is predicted for ${describeRun(run)}: ${why}` });
  }
}

/** Whether a prediction was possible, and was refused. */
function isOfPrediction(reason: string): boolean {
  return reason === 'extrapolated' || reason === 'impossible';
}

function unknownFeature(feature: FeatureName): string {
  return feature === 'streams'
    ? 'neither `streams` nor its name says how many streams it had'
    : `nothing says its ${feature}`;
}
