export {
  Attribute,
  attributesKey,
  type Batch,
  describeRun,
  labelsOf,
  numberOf,
  regionOf,
  scenarioOf,
} from './attributes.ts';
export { operationalEmissions } from './emissions.ts';
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
export { FigureGauge } from './figure-gauge.ts';
export { eachFigure, type FigurePoint, figuresOf, type VisitFigure } from './figures.ts';
export { findSignal } from './find-signal.ts';
export { type Integral, integrate, JOULES_PER_KWH, meanOf, SECONDS_PER_HOUR } from './integrate.ts';
export { factorLine, integralLine, type Line, partLine } from './lines.ts';
export { type Integrated, type Measured, measure } from './measure.ts';
export { computeCost, energyCost } from './price.ts';
export { type Labels, labelsFrom, metricName, plainName } from './prometheus-names.ts';
export { type ParsedRun, type Refusal, readResults } from './results.ts';
export {
  countPoints,
  extendRun,
  type Figure,
  factsOf,
  figureGauge,
  findFigure,
  makeRun,
  runDuration,
  runWindow,
} from './run.ts';
export type { RunFacts } from './run-facts.ts';
export { runLabelsOf } from './run-labels.ts';
export { embodiedEmissions, softwareCarbonIntensity } from './sci.ts';
export { eachSegment, type Sampling } from './segments.ts';
export { pointCount, SampledGauge, Series, secondsBetween, seriesOf, toHrTime, toSeconds } from './series.ts';
export {
  cpuUsage,
  filledCpu,
  filledPower,
  hostPower,
  isSignal,
  type Signal,
  signalGauge,
} from './signals.ts';
export { streamsOf } from './streams.ts';
export { effectiveFactor, extentOf, type Part, type Weighed, weigh } from './weigh.ts';
export { type CountedUnit, type Work, type WorkUnit, workOf } from './work.ts';
