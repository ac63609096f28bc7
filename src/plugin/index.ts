export { z } from 'zod';
export { messageOf, RejectedError } from '../errors.ts';
export * from '../model/index.ts';
export { fromExporter, fromProducer, transform } from './adapters.ts';
export * from './contract.ts';
export { findFiles } from './files.ts';
export { type ResolvedRegion, regionSettings, resolveRegion } from './region.ts';
export { duration, endpoint, pushSettings, queueOptions, serverUrl } from './schema.ts';
