/** `wattline/figures`: where figures come from: names, integration, factors, the one formula, and lines of arithmetic. */
export { inUsd } from '../factors/conversion.ts';
export { defaultCorePrice, listPriceOf, listPrices } from '../factors/core-prices.ts';
export { currencySetting } from '../factors/currency.ts';
export {
  type ExchangeRates,
  exchangeRates,
  type Rate,
  rateAt,
  ratesSchema,
} from '../factors/exchange-rates.ts';
export { moneySettings } from '../factors/money-settings.ts';
export { plausibleSetting } from '../factors/plausible.ts';
export {
  byRegion,
  datasetSetting,
  observeFactors,
  type RegionConfig,
  type ResolvedRegion,
  regionIsKnown,
  regionSettings,
} from '../factors/region.ts';
export { findRegion, type Region, tabledFactor } from '../factors/regions.ts';
export {
  createFactorSeries,
  type FactorContext,
  type FactorOptions,
  type FactorSource,
} from '../factors/series.ts';
export { type FactorConfig, factorSettings } from '../factors/settings.ts';
export { factorsAreSound } from '../factors/sound-factors.ts';
export { quantityUnits, type StatedValue, statedValue } from '../factors/units.ts';
export { type Boundary, depthOf, holds, overlap } from '../model/boundaries.ts';
export {
  isCounter,
  isCpu,
  type LabelledAttribute,
  type LabelReader,
  labelsIn,
  type Meaning,
  type Origin,
  scaleOf,
  sourceOf,
  underscored,
} from '../model/meaning.ts';
export { meaningOf, meanings } from '../model/meters.ts';
export { type PowerKind, powerKindOf, powerKinds } from '../model/power-kind.ts';
export { type Bound, bounds, isExtrapolated, predictedCpu, predictedPower } from '../model/predicted.ts';
export { saidBySource } from '../model/run-identity.ts';
export type { Labels } from '../model/run-parts.ts';
export { isOfReading, noTime } from '../model/stream.ts';
export { type BaseUnit, baseUnitOf, convert, namesOf, type Scale, scaleTo } from '../model/units.ts';
export { assumptionsOf } from './assumptions.ts';
export { boundNote, boundOfSignal, mayHaveBounds, sampleLabels, samplesOfBound } from './bounds.ts';
export { type EnergyFactors, type EnergyFactorsOptions, energyFactors } from './energy-factors.ts';
export { observeFactorRecords } from './factor-record.ts';
export { type FactorRecord, factorRecords } from './factors-of-run.ts';
export {
  eachFigure,
  type FigurePoint,
  figuresOf,
  findFigure,
  type LabelledFigure,
  labelledFigures,
  OwnAttributes,
} from './figures.ts';
export { applyFactor } from './formula.ts';
export { type Integral, integrate, JOULES_PER_KWH, meanOf, SECONDS_PER_HOUR } from './integrate.ts';
export { boundLine, factorLine, integralLine } from './lines.ts';
export { type Measured, mayLack, measure, type SampleKind, sampleKindOf } from './measure.ts';
export { boundOf, exporterAlive, knownFigures, withBounds } from './names.ts';
export { labelsFrom, metricName, plainName, signalName } from './prometheus-names.ts';
export { restatementSetting } from './restatement-settings.ts';
export { type Revisions, revisionsByFiles } from './revisions.ts';
export { runLabelsOf } from './run-labels.ts';
export { embodiedEmissions, softwareCarbonIntensity } from './sci.ts';
export { eachSegment } from './segments.ts';
export { streamsOf } from './streams.ts';
export {
  type FactorLookup,
  type FindFactors,
  type FoundFactors,
  maxRunDuration,
  type ValuationOptions,
} from './valuation.ts';
export { type RunValuation, valueRuns } from './value-runs.ts';
export { extentOf } from './weigh.ts';
export { type Work, type WorkUnit, workOf } from './work.ts';
