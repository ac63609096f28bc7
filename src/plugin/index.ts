export { z } from 'zod';
export { errorOf, messageOf, RejectedError } from '../errors.ts';
export * from '../model/index.ts';
export { fromExporter, fromProducer, type Step, transform, transformList } from './adapters.ts';
export * from './contract.ts';
export { findFiles } from './files.ts';
export { type HandOverOptions, handOver } from './hand-over.ts';
export * from './listening.ts';
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
export {
  duration,
  endpoint,
  type Marks,
  pushSettings,
  queueOptions,
  type Reference,
  reference,
  secret,
  serverUrl,
} from './schema.ts';
export { memoryStates, sharedStates } from './states.ts';
export type { Failure, PipelineStatus, RunState, ServiceStatus, StageState, StageStatus } from './status.ts';
export {
  loadSqlite,
  type StateChange,
  type States,
  type Storage,
  type StoredQueue,
  type StoredState,
} from './storage.ts';
