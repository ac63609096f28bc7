/** `wattline/provider`: what providers of prices and intensities are written with. */
export { createProvider } from './provider.ts';
export type { Reading } from './readings.ts';
export { type Get, ServiceError } from './requests.ts';
export { type FactorService, instant, readingsOf, rowsOf } from './service.ts';
export { type ServiceConfig, serviceSettings } from './settings.ts';
export { serviceMetrics } from './telemetry.ts';
