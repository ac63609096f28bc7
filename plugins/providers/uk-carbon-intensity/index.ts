import { clientSettings, HttpClient } from 'wattline/http';
import { definePlugin, serverUrl, z } from 'wattline/plugin';
import { createProvider, serviceMetrics, serviceSettings } from 'wattline/provider';
import { ukCarbonIntensity } from './service.ts';

const configSchema = z.strictObject({
  endpoint: serverUrl().prefault('https://api.carbonintensity.org.uk').describe('The base URL of the API'),
  ...serviceSettings({ requests: 30, interval: '1m' }),
  ...clientSettings,
});

export default definePlugin({
  contract: 2,
  kind: 'provider',
  type: 'uk_carbon_intensity',
  stability: 'beta',
  configSchema,
  emits: serviceMetrics,
  create: (ctx, config) => {
    const http = new HttpClient(ctx, config.endpoint, config.tls, config.auth);
    return createProvider(ukCarbonIntensity(config.endpoint), ctx, http, config);
  },
});
