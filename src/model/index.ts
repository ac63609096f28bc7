export {
  Attribute,
  attributesKey,
  describeRun,
  figureLabels,
  numberOf,
  scenarioOf,
} from './attributes.ts';
export {
  constantFactor,
  type Factor,
  type FactorPeriod,
  type FactorSeries,
  type FactorState,
  factorAttributes,
  type Method,
  overlay,
  type Quantity,
} from './factor.ts';
export { emitsOf, type Figure, type FigureDefinition, figure, unitsOf } from './figure.ts';
export { addSeconds, secondsBetween, toHrTime, toSeconds } from './hr-time.ts';
export type { Line } from './line.ts';
export {
  type AttributeSource,
  type Labels,
  type ResourceMetricsLike,
  Run,
  type RunAdditions,
  type RunWindow,
} from './run.ts';
export type { RunFacts } from './run-facts.ts';
export { type Integrated, type Sampling, Series, seriesOf } from './series.ts';
export {
  cpuUsage,
  filledCpu,
  filledPower,
  hostPower,
  isSignal,
  type Samples,
  type Signal,
  samplesOf,
} from './signals.ts';
