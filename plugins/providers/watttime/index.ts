import { clientSettings, HttpClient } from 'wattline/http';
import { definePlugin, secret, serverUrl, z } from 'wattline/plugin';
import { createProvider, serviceMetrics, serviceSettings } from 'wattline/provider';
import { Login } from './login.ts';
import { wattTime } from './service.ts';

const configSchema = z.strictObject({
  username: z.string().min(1).describe('The name of the account'),
  password: secret().min(1).describe('Its password; best as `${env:…}`. It is never logged'),
  regions: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      "WattTime's names of grids by the names of regions, such as `us-west-1: CAISO_NORTH`; others are not known",
    ),
  endpoint: serverUrl().prefault('https://api.watttime.org').describe('The base URL of the API'),
  ...serviceSettings({ requests: 1000, interval: '5m' }),
  tls: clientSettings.tls,
});

export default definePlugin({
  contract: 2,
  kind: 'provider',
  type: 'watttime',
  stability: 'beta',
  configSchema,
  emits: serviceMetrics,
  create: (ctx, config) => {
    const { endpoint, tls, regions } = config;
    const http = new HttpClient(ctx, endpoint, tls);
    return createProvider(wattTime(endpoint, regions, new Login(endpoint, config)), ctx, http, config);
  },
});
