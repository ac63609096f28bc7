import { exporterAlive, labelsFrom } from 'wattline/figures';
import { bodySizeLimit, clientSettings, HttpClient } from 'wattline/http';
import {
  definePlugin,
  emitsOf,
  pushSettings,
  type QueuedExporter,
  queueOptions,
  secret,
  serverUrl,
  z,
} from 'wattline/plugin';
import { HEARTBEAT_INTERVAL, keepBeating } from 'wattline/prometheus';
import { Client } from './client.ts';
import { Delivery } from './delivery.ts';

/** More runs a request are no faster, and fewer are slower (README). */
const RUNS_A_REQUEST = 500;

const configSchema = z.strictObject({
  endpoint: serverUrl({ isBare: true }).describe(
    'The base URL of the server, such as `http://127.0.0.1:8428`; `/api/v1/import…` and `/metrics` are appended',
  ),
  include_samples: z
    .boolean()
    .default(false)
    .describe('Whether the raw samples of power and CPU use are sent too, each with its own time'),
  resource_labels: z
    .array(z.string().min(1))
    .default([])
    .describe('Resource attributes that become labels of every series of a run, such as `run.resolution`'),
  extra_labels: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe("Labels of every series; a run's own label of the same name wins"),
  headers: z.record(z.string(), secret()).default({}).describe('HTTP headers of every request, for authentication'),
  compression: z
    .enum(['none', 'gzip'])
    .default('none')
    .describe('How requests are compressed: `none` or `gzip`, which pays off only for a server on another host'),
  ...clientSettings,
  ...pushSettings,
  body_size_limit_mib: bodySizeLimit(16),
  timeout: pushSettings.timeout.describe('How long one request may take; `0s` is without end'),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'victoriametrics',
  stability: 'beta',
  configSchema,
  emits: emitsOf([exporterAlive]),
  create(ctx, config: Config): QueuedExporter {
    const http = new HttpClient(ctx, config.endpoint, config.tls, config.auth);
    const client = new Client({ ...config, http, bodyLimitMib: config.body_size_limit_mib });
    const delivery = new Delivery(ctx, client, {
      includeSamples: config.include_samples,
      resourceLabels: config.resource_labels,
      extraLabels: labelsFrom(config.extra_labels),
    });
    const stopped = new AbortController();
    let beating: Promise<void> | undefined;
    return {
      queue: queueOptions(config, RUNS_A_REQUEST),
      async start() {
        await http.start();
        const beat = (signal: AbortSignal) => delivery.beat(signal);
        beating = keepBeating(beat, HEARTBEAT_INTERVAL, ctx.logger, stopped.signal);
        ctx.logger.info(`pushing to ${config.endpoint}`);
      },
      send: (runs, signal) => delivery.send(runs, signal),
      async shutdown() {
        stopped.abort();
        await beating;
        await http.close();
      },
    };
  },
});
