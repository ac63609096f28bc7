export { z } from 'zod';
export { messageOf, RejectedError } from '../errors.ts';
export * from '../model/index.ts';
export { fromExporter, fromProducer, transform } from './adapters.ts';
export * from './contract.ts';
export { duration, type Endpoint, endpoint, pushSettings, queueOptions, serverUrl } from './schema.ts';
