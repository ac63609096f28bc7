/** `wattline/plugin`: what every plugin is written with. */
export { z } from 'zod';
export { errorOf, messageOf, RejectedError } from '../errors.ts';
export { hostOfAddress, isLoopback } from '../model/addresses.ts';
export { Attribute, attributesKey, describeRun, numberOf, scenarioOf } from '../model/attributes.ts';
export { constantFactor, type Factor, factorAttributes } from '../model/factor.ts';
export { emitsOf, type Figure, type FigureDefinition, figure, unitsOf } from '../model/figure.ts';
export { addSeconds, secondsBetween, toHrTime, toSeconds } from '../model/hr-time.ts';
export type { Line } from '../model/line.ts';
export { Run } from '../model/run.ts';
export type { RunFacts } from '../model/run-facts.ts';
export { type Integrated, type Sampling, Series } from '../model/series.ts';
export {
  cpuUsage,
  filledCpu,
  filledPower,
  hostPower,
  isSignal,
  type Samples,
  type Signal,
  samplesOf,
} from '../model/signals.ts';
export { isPartOfRun, isRun, restOf, withTimesOfSamples } from '../model/stream.ts';
export { Pace } from '../pace.ts';
export { fromExporter, fromProducer, transform } from './adapters.ts';
export {
  type Context,
  type DirectExporter,
  definePlugin,
  type Emitted,
  type Extension,
  type Place,
  type Plugin,
  type Processor,
  type QueuedExporter,
  type Receiver,
  type Skipped,
  type SourceContext,
} from './contract.ts';
export { findFiles } from './files.ts';
export { handOver } from './hand-over.ts';
export type { Listening, RequestHandler, Routes } from './listening.ts';
export {
  allTaken,
  deferAll,
  isAllTaken,
  joinOutcomes,
  type Outcome,
  outcomeFor,
  type Refusal,
  refuseAll,
} from './outcome.ts';
export { type Pattern, pattern } from './pattern.ts';
export { pushSettings, queueOptions } from './push-settings.ts';
export {
  duration,
  endpoint,
  foreignKeys,
  ignored,
  type Marks,
  reference,
  refused,
  refusedKeys,
  secret,
  section,
  serverUrl,
} from './schema.ts';
export { sharedStates } from './states.ts';
export type { RunState, ServiceStatus, StageStatus } from './status.ts';
export { loadSqlite, type StateChange, type States, type StoredQueue, type StoredState } from './storage.ts';
