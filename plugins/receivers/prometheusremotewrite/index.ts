import { listenOptions } from 'wattline/http';
import { definePlugin, type Listening, type Receiver } from 'wattline/plugin';
import { OpenRequests } from 'wattline/receiving';
import { WriteEndpoint } from './endpoint.ts';
import { type Config, configSchema } from './settings.ts';
import { loadSnappy } from './snappy.ts';

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'prometheusremotewrite',
  aliases: ['prometheus_remote_write'],
  stability: 'beta',
  overlaps: true,
  streams: 'accepts',
  configSchema,
  create(ctx, config: Config): Receiver {
    const requests = new OpenRequests(ctx.logger, config.sender_timeout);
    const endpoint = new WriteEndpoint(ctx, {
      resourceLabels: new Map(Object.entries(config.resource_labels)),
      replicaLabels: new Set(config.replica_labels),
      bodyLimit: { bytes: config.max_request_body_size, setting: 'max_request_body_size' },
      limits: { series: config.max_series, samples: config.max_samples, labels: config.max_labels },
    });
    const options = listenOptions(ctx, config);
    let listening: Listening | undefined;
    return {
      async start() {
        const handler = requests.handler(endpoint.respond(await loadSnappy()));
        listening = await ctx.http.listen(config.endpoint, { [`POST ${config.path}`]: handler }, options);
        ctx.logger.info(`receiving remote write at ${listening.url}${config.path}`);
      },
      async shutdown(signal) {
        await requests.close(signal);
        await listening?.close();
      },
    };
  },
});
