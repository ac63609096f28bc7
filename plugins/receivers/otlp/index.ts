import { listenOptions } from 'wattline/http';
import { definePlugin, type Receiver, type SourceContext } from 'wattline/plugin';
import { limitsOf, metricsEndpoint, OpenRequests } from 'wattline/receiving';
import { GrpcListener } from './grpc-listener.ts';
import { type Config, configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'otlp',
  stability: 'beta',
  streams: 'accepts',
  configSchema,
  create(ctx, config: Config): Receiver {
    const { grpc } = config.protocols;
    const listeners = [httpListener(ctx, config), grpc && new GrpcListener(ctx, grpc, config)].filter(
      (one) => one !== undefined,
    );
    const shutdown = async (signal: AbortSignal) => {
      await Promise.all(listeners.map((listener) => listener.close(signal)));
    };
    return {
      async start(signal) {
        try {
          for (const listener of listeners) ctx.logger.info(`receiving OTLP at ${await listener.open()}`);
        } catch (error) {
          await shutdown(signal);
          throw error;
        }
      },
      shutdown,
    };
  },
});

function httpListener(ctx: SourceContext, { protocols: { http }, sender_timeout, ...limits }: Config) {
  if (!http) return undefined;
  const requests = new OpenRequests(ctx.logger, sender_timeout);
  const endpoint = metricsEndpoint(
    ctx,
    { bytes: http.max_request_body_size, setting: 'max_request_body_size' },
    limitsOf(limits),
  );
  const routes = { [`POST ${http.metrics_url_path}`]: requests.handler(endpoint) };
  const options = listenOptions(ctx, http);
  let listening: Awaited<ReturnType<typeof ctx.http.listen>> | undefined;
  return {
    async open() {
      listening = await ctx.http.listen(http.endpoint, routes, options);
      return `${listening.url}${http.metrics_url_path}`;
    },
    async close(signal: AbortSignal) {
      await requests.close(signal);
      await listening?.close();
    },
  };
}
