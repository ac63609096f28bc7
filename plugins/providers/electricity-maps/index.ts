import { clientSettings, HttpClient, requestHeaders } from 'wattline/http';
import { definePlugin, secret, serverUrl, z } from 'wattline/plugin';
import { createProvider, serviceMetrics, serviceSettings } from 'wattline/provider';
import { electricityMaps, granularities } from './service.ts';

const configSchema = z.strictObject({
  token: secret().min(1).describe('The API key; best as `${env:…}`. It is never logged'),
  api_version: z.enum(['v3', 'v4']).default('v3').describe('Which version of the API is called: `v3` or `v4`'),
  temporal_granularity: z
    .enum(granularities)
    .default('hourly')
    .describe(
      'How long the periods are that intensities are of: `hourly`, `15_minutes` or `5_minutes`; the shorter ones need a plan that has them',
    ),
  emission_factor_type: z
    .enum(['lifecycle', 'direct'])
    .default('lifecycle')
    .describe(
      'Whether emissions of building power plants and of their fuels count too (`lifecycle`), or those of operation only (`direct`)',
    ),
  data_center_provider: z
    .enum(['aws', 'gcp', 'azure'])
    .optional()
    .describe(
      'The cloud (`aws`, `gcp`, `azure`) of regions of which the zone is not known, which are then asked for by name',
    ),
  endpoint: serverUrl().prefault('https://api.electricitymaps.com').describe('The base URL of the API'),
  ...serviceSettings({ requests: 60, interval: '1m' }),
  ...clientSettings,
});

export default definePlugin({
  contract: 2,
  kind: 'provider',
  type: 'electricity_maps',
  stability: 'beta',
  configSchema,
  emits: serviceMetrics,
  create: (ctx, config) => {
    const http = new HttpClient(ctx, config.endpoint, config.tls, config.auth);
    const headers = requestHeaders({ 'auth-token': config.token });
    return createProvider(electricityMaps(config, headers), ctx, http, config);
  },
});
