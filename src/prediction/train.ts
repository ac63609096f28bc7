import type { Run } from '../model/run.ts';
import { type CurveKind, kindFor } from './curves.ts';
import { leftOutBy, type Score, scoreOf } from './evaluate.ts';
import type { FeatureName } from './features.ts';
import { type FittedModel, fitModel, type ModelOptions } from './model.ts';
import { type LearntKind, type Lesson, learntOf, type Target } from './training-runs.ts';

/** A fitted model of one target, and what is known of it. */
export interface TrainedTarget {
  readonly model: FittedModel;
  /** How many runs of each kind of power it is fitted to. */
  readonly kinds: Readonly<Partial<Record<LearntKind, number>>>;
  /** How far a model of the other runs misses a run that was left out. */
  readonly score: Score | undefined;
}

/** What `train` makes: models of what is predicted by one feature. */
export interface TrainedModel {
  readonly feature: FeatureName;
  readonly groupBy: readonly string[];
  readonly targets: Readonly<Partial<Record<Target, TrainedTarget>>>;
  /** How many files the runs are from. */
  readonly files: number;
  /** When it was trained, as `2026-11-30T21:00:00.000Z`. */
  readonly trainedAt: string;
  readonly wattlineVersion: string;
}

/** A kind of curve that could be taken, and how far it misses what is left out. */
export interface Candidate {
  readonly kind: CurveKind;
  readonly byRun: Score | undefined;
  /** Undefined where there is one group only. */
  readonly byGroup: Score | undefined;
}

/** What comes of training a target: the model, the kinds that were tried, and the runs that say too little, by why. */
export interface Training {
  /** Undefined where no group has runs enough. */
  readonly trained: TrainedTarget | undefined;
  readonly candidates: readonly Candidate[];
  readonly runs: number;
  readonly without: Readonly<Record<string, number>>;
}

const kinds = ['linear', 'power', 'monotone'] as const satisfies readonly CurveKind[];

/** Fits a model of a target to runs, and tries each kind of curve on what is left out. */
export function trainTarget(runs: Iterable<Run>, target: Target, lesson: Lesson, options: ModelOptions): Training {
  const { runs: learnt, kinds: byKind, without } = learntOf(runs, target, lesson);
  const model = fitModel(learnt, options);
  const score = scoreBy('run', options);
  const candidates = kinds
    .filter((kind) => kindFor(kind, new Set(learnt.map(({ x }) => x)).size) === kind)
    .map((kind) => {
      const own = { ...options, model: kind };
      return { kind, byRun: scoreBy('run', own), byGroup: scoreBy('group', own) };
    });
  const trained = model.groups.size > 0 ? { model, kinds: byKind, score } : undefined;
  return { trained, candidates, runs: learnt.length, without };

  function scoreBy(by: 'run' | 'group', own: ModelOptions): Score | undefined {
    // What is left out must not leave too few.
    const tried = leftOutBy(by, learnt, { ...own, leastDifferent: 2 });
    return tried && scoreOf(tried);
  }
}
