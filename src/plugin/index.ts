/** `wattline/plugin`: what every plugin is written with. */
export { z } from 'zod';
export { errorOf, messageOf, RejectedError } from '../errors.ts';
export {
  Attribute,
  attributesKey,
  constantFactor,
  cpuUsage,
  describeRun,
  emitsOf,
  type Factor,
  type Figure,
  type FigureDefinition,
  factorAttributes,
  figure,
  filledCpu,
  filledPower,
  hostPower,
  type Integrated,
  isSignal,
  type Line,
  numberOf,
  Run,
  type RunFacts,
  type Samples,
  type Sampling,
  Series,
  type Signal,
  samplesOf,
  scenarioOf,
  secondsBetween,
  toHrTime,
  toSeconds,
  unitsOf,
} from '../model/index.ts';
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
export { duration, endpoint, type Marks, reference, secret, serverUrl } from './schema.ts';
export { sharedStates } from './states.ts';
export type { RunState, ServiceStatus, StageStatus } from './status.ts';
export { loadSqlite, type StateChange, type States, type StoredQueue, type StoredState } from './storage.ts';
