import { exporterAlive, labelsFrom } from 'wattline/figures';
import { HttpClient } from 'wattline/http';
import { definePlugin, emitsOf, type QueuedExporter, queueOptions } from 'wattline/plugin';
import { HEARTBEAT_INTERVAL, keepBeating } from 'wattline/prometheus';
import { Client } from './client.ts';
import { Delivery } from './delivery.ts';
import { type Config, configSchema } from './settings.ts';

/** How many runs are sent in a request at most, unless that is too long. */
const RUNS_A_REQUEST = 500;
/** What waits must not overtake what is sent again. */
const CONSUMERS = 1;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'prometheusremotewrite',
  aliases: ['prometheus_remote_write'],
  stability: 'beta',
  configSchema,
  emits: emitsOf([exporterAlive]),
  create(ctx, config: Config): QueuedExporter {
    const http = new HttpClient(ctx, config.endpoint, config.tls, config.auth);
    const client = new Client({ ...config, message: config.protobuf_message, http });
    const delivery = new Delivery(ctx, client, {
      includeSamples: config.include_samples,
      resourceLabels: config.resource_to_telemetry_conversion.enabled ? 'all' : config.resource_labels,
      extraLabels: labelsFrom(config.external_labels),
      message: config.protobuf_message,
      maxBatchBytes: config.max_batch_size_bytes,
      sendsMetadata: config.send_metadata,
      sendsTargetInfo: config.target_info.enabled,
    });
    const stopped = new AbortController();
    let beating: Promise<void> | undefined;
    const sending_queue = { ...config.sending_queue, num_consumers: CONSUMERS };
    return {
      queue: queueOptions({ ...config, sending_queue }, RUNS_A_REQUEST),
      async start() {
        await Promise.all([http.start(), client.start()]);
        const beat = (signal: AbortSignal) => delivery.beat(signal);
        beating = keepBeating(beat, HEARTBEAT_INTERVAL, ctx.logger, stopped.signal);
        ctx.logger.info(`sending remote write to ${config.endpoint}`);
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
