export { z } from 'zod';
export { messageOf, RejectedError } from '../errors.ts';
export { type Cloud, clouds } from '../factors/region-table.ts';
export {
  type Dataset,
  datasets,
  fallbackRegion,
  findRegion,
  type OwnRegion,
  type Region,
  regionNames,
} from '../factors/regions.ts';
export {
  createFactorSeries,
  type FactorContext,
  type FactorOptions,
  type FactorSource,
} from '../factors/series.ts';
export { type FactorConfig, factorSettings } from '../factors/settings.ts';
export * from '../model/index.ts';
export { fromExporter, fromProducer, transform } from './adapters.ts';
export { type ClientTls, clientSettings, type Fetch, HttpClient, remedyForStatus, requestHeaders } from './client.ts';
export * from './contract.ts';
export { type EnergyFactorsOptions, energyFactors } from './energy-factors.ts';
export { observeFactorRecords } from './factor-record.ts';
export { findFiles } from './files.ts';
export * from './listening.ts';
export { type Pattern, pattern } from './pattern.ts';
export type { Reading } from './provider/readings.ts';
export { type Get, ServiceError } from './provider/requests.ts';
export { type FactorService, instant } from './provider/service.ts';
export { type ServiceConfig, serviceSettings } from './provider/settings.ts';
export { serviceMetrics } from './provider/telemetry.ts';
export { createProvider } from './provider.ts';
export {
  datasetSetting,
  observeFactors,
  type RegionConfig,
  type ResolvedRegion,
  regionIsKnown,
  regionSettings,
  resolveRegion,
} from './region.ts';
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
export { listenOptions, serverSettings } from './server.ts';
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
export {
  createValuation,
  type FindFactors,
  type FoundFactors,
  factorsOf,
  metricsOf,
  type Valuation,
  type Valued,
  valueBy,
  type Worth,
} from './valuation.ts';
