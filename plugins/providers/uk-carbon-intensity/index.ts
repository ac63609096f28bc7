import {
  clientSettings,
  createProvider,
  definePlugin,
  HttpClient,
  serverUrl,
  serviceMetrics,
  serviceSettings,
  z,
} from 'wattline/plugin';
import { ukCarbonIntensity } from './service.ts';

const configSchema = z.strictObject({
  endpoint: serverUrl().prefault('https://api.carbonintensity.org.uk').describe('The base URL of the API'),
  ...serviceSettings({ requests: 30, interval: '1m' }),
  ...clientSettings,
});

export default definePlugin({
  kind: 'provider',
  type: 'uk_carbon_intensity',
  stability: 'beta',
  configSchema,
  emits: serviceMetrics,
  create: (ctx, config) => {
    const http = new HttpClient(ctx, config.endpoint, config.tls);
    return createProvider(ukCarbonIntensity(config.endpoint), ctx, http, config);
  },
});
