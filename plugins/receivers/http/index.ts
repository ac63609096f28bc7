import { foreignServerKeys, listenOptions, serverSettings } from 'wattline/http';
import {
  definePlugin,
  duration,
  endpoint,
  foreignKeys,
  type Listening,
  type Receiver,
  refused,
  z,
} from 'wattline/plugin';
import { limitSettings, limitsOf, metricsEndpoint, OpenRequests } from 'wattline/receiving';
import { timeZone } from 'wattline/results';
import { resultsEndpoint } from './results-endpoint.ts';

const MIB = 1024 * 1024;

const configSchema = z
  .strictObject({
    endpoint: endpoint()
      .prefault('127.0.0.1:4318')
      .describe('Where requests are taken, `host:port`; a component that names the same endpoint shares it'),
    max_request_body_size_mib: z
      .number()
      .positive()
      .default(20)
      .describe('The largest body taken, decompressed, in MiB'),
    sender_timeout: duration()
      .prefault('10s')
      .describe(
        'How long senders wait for an answer once their request is sent; shortly before, what could not be delivered is answered 503 and dropped. `0s` is without end',
      ),
    ...limitSettings,
    max_runs: z.int().positive().default(200_000).describe('The most runs of a request with results'),
    max_run_size_mib: z
      .number()
      .positive()
      .default(4)
      .describe('The largest run of results, in MiB; a larger one is refused alone'),
    time_zone: timeZone()
      .optional()
      .describe(
        'The time zone of times of results that are text without `Z` or an offset, such as `Europe/Berlin`; without it they are refused, but for `test_date`, which is UTC',
      ),
    ...serverSettings,
  })
  .meta(
    foreignKeys({
      ...foreignServerKeys,
      protocols: refused('write the receiver `otlp`, which has this key'),
      max_request_body_size: refused('set `max_request_body_size_mib`'),
      metrics_url_path: refused('write the receiver `otlp`, which has this key', '/v1/metrics'),
    }),
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'http',
  stability: 'beta',
  overlaps: true,
  streams: 'accepts',
  configSchema,
  create(ctx, config: Config): Receiver {
    const bodyLimit = { bytes: config.max_request_body_size_mib * MIB, setting: 'max_request_body_size_mib' };
    const { max_runs: maxRuns, time_zone } = config;
    const results = { maxRuns, maxRunBytes: config.max_run_size_mib * MIB, timeZone: time_zone };
    const requests = new OpenRequests(ctx.logger, config.sender_timeout);
    const routes = {
      'POST /v1/metrics': requests.handler(metricsEndpoint(ctx, bodyLimit, limitsOf(config))),
      'POST /v1/results': requests.handler(resultsEndpoint(ctx, bodyLimit, results)),
    };
    const options = listenOptions(ctx, config);
    let listening: Listening | undefined;
    return {
      async start() {
        listening = await ctx.http.listen(config.endpoint, routes, options);
        ctx.logger.info(`receiving OTLP at ${listening.url}/v1/metrics and results at ${listening.url}/v1/results`);
      },
      async shutdown(signal) {
        await requests.close(signal);
        await listening?.close();
      },
    };
  },
});
