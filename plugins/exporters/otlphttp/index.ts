import { clientSettings, compressions, foreignClientKeys, HttpClient, requestHeaders } from 'wattline/http';
import { jsonEncoding, loadEncoder, protobufEncoding } from 'wattline/otlp';
import {
  definePlugin,
  foreignKeys,
  ignored,
  type Marks,
  pushSettings,
  type QueuedExporter,
  queueOptions,
  secret,
  serverUrl,
  z,
} from 'wattline/plugin';
import { Delivery } from './delivery.ts';
import { loadSdkExporter } from './sdk-exporter.ts';

const METRICS_ONLY = ignored('metrics alone are sent');
const PATH = '/v1/metrics';
/** How many runs a request holds at most: enough that the request itself costs little beside them. */
const RUNS_A_REQUEST = 500;

const configSchema = z
  .strictObject({
    endpoint: serverUrl({ isBare: true })
      .optional()
      .describe('The base URL of the server; `/v1/metrics` is appended. Required unless `metrics_endpoint` is set'),
    metrics_endpoint: z
      .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318/v1/metrics' })
      .refine(hasNoUser, { error: 'expected a URL without user and password' })
      .meta({ calls: true } satisfies Marks)
      .optional()
      .describe('The full URL that metrics are sent to, in place of `endpoint`'),
    encoding: z.enum(['proto', 'json']).default('proto').describe('How requests are written: `proto` or `json`'),
    compression: z
      .enum(compressions)
      .default('gzip')
      .describe('How requests are compressed: `gzip`, `zstd`, `deflate` (which `zlib` is too) or `none`'),
    headers: z.record(z.string(), secret()).default({}).describe('HTTP headers of every request, for authentication'),
    ...clientSettings,
    ...pushSettings,
  })
  .superRefine(
    ({ endpoint, metrics_endpoint }, { issues }) => {
      if (endpoint !== undefined || metrics_endpoint !== undefined) return;
      const message = 'expected the base URL of a server, such as http://127.0.0.1:4318';
      issues.push({ code: 'custom', input: undefined, path: ['endpoint'], message });
    },
    // Reported together with all other problems.
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .meta(
    foreignKeys({
      ...foreignClientKeys,
      traces_endpoint: METRICS_ONLY,
      logs_endpoint: METRICS_ONLY,
      profiles_endpoint: METRICS_ONLY,
    }),
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'otlphttp',
  aliases: ['otlp_http'],
  stability: 'beta',
  configSchema,
  create(ctx, config: Config): QueuedExporter {
    const url = config.metrics_endpoint ?? `${config.endpoint}${PATH}`;
    const headers = requestHeaders(config.headers);
    const encoding = config.encoding === 'proto' ? protobufEncoding() : jsonEncoding;
    headers.set('content-type', encoding.contentType);
    const client = new HttpClient(ctx, url, config.tls, config.auth);
    const delivery = new Delivery(client, ctx.logger, { ...config, url, headers, encoding });
    let send: QueuedExporter['send'] | undefined;
    return {
      queue: queueOptions(config, RUNS_A_REQUEST),
      async start() {
        await client.start();
        const encode = await loadEncoder(config.encoding);
        send = await loadSdkExporter((runs, signal) => delivery.send(runs, encode, signal));
        ctx.logger.info(`sending OTLP to ${url}`);
      },
      async send(runs, signal) {
        if (!send) throw new Error('the exporter has not been started');
        return send(runs, signal);
      },
      shutdown: () => client.close(),
    };
  },
});

function hasNoUser(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
