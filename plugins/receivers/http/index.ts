import { listenOptions, serverSettings } from 'wattline/http';
import { definePlugin, endpoint, type Listening, type Receiver, type SourceContext, z } from 'wattline/plugin';
import { type EndpointOptions, MetricsEndpoint } from './metrics-endpoint.ts';
import { OpenRequests } from './open-requests.ts';
import { respondToResults } from './results-endpoint.ts';

const MIB = 1024 * 1024;

const configSchema = z.strictObject({
  endpoint: endpoint()
    .prefault('127.0.0.1:4318')
    .describe('Where requests are taken, `host:port`; a component that names the same endpoint shares it'),
  max_request_body_size_mib: z.number().positive().default(20).describe('The largest body taken, decompressed, in MiB'),
  ...serverSettings,
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'http',
  stability: 'beta',
  overlaps: true,
  configSchema,
  create: (ctx, config) => httpReceiver(ctx, config),
});

function httpReceiver(ctx: SourceContext, config: Config): Receiver {
  const options: EndpointOptions = { bodyLimit: config.max_request_body_size_mib * MIB };
  const metrics = new MetricsEndpoint(ctx, options);
  const requests = new OpenRequests(ctx.logger);
  let listening: Listening | undefined;
  return {
    async start() {
      const routes = {
        'POST /v1/metrics': requests.handler((request, signal) => metrics.respond(request, signal)),
        'POST /v1/results': requests.handler((request, signal) => respondToResults(request, signal, ctx, options)),
      };
      listening = await ctx.http.listen(config.endpoint, routes, listenOptions(ctx, config));
      ctx.logger.info(`receiving OTLP at ${listening.url}/v1/metrics and results at ${listening.url}/v1/results`);
    },
    async shutdown(signal) {
      await requests.close(signal);
      await listening?.close();
    },
  };
}
