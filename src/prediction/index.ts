/** `wattline/prediction`: what a run would have measured, by the runs that were measured, and how sure that is. */
export { type Curve, fitCurve, kindFor, type ModelName, modelNames, valueAt } from './curves.ts';
export { type Envelope, type OutsideRule, outsideRules } from './envelope.ts';
export { leftOutBy, type Score, scoreOf, type Tried } from './evaluate.ts';
export { type Feature, type FeatureName, featureNames, featureOf, features, groupOf } from './features.ts';
export type { Borrowed, GroupModel } from './groups.ts';
export { citedPower, type HostPower, type ModelledWatts, type UnknownPower } from './host-power.ts';
export { type Interval, intervalAt, type LeftOut, leaveOut, leavingOut, type Miss } from './jackknife.ts';
export {
  type FittedModel,
  fitModel,
  fitting,
  type ModelOptions,
  type Prediction,
  predict,
  type TrainingRun,
} from './model.ts';
export { formatModelFile, parseModelFile } from './model-file.ts';
export type { Observation } from './observation.ts';
export { type Cubic, cubicAt, pchip } from './pchip.ts';
export { atOnce, type Steps } from './steps.ts';
export { type Candidate, type TrainedModel, type TrainedTarget, type Training, trainTarget } from './train.ts';
export { trainedPower } from './trained-power.ts';
export {
  type LearntKind,
  type Lesson,
  learntKinds,
  learntOf,
  type Target,
  targetNames,
  targets,
} from './training-runs.ts';
export { type UtilisationCurve, wattsAt } from './utilisation-curve.ts';
