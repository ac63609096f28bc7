import { clientSettings, HttpClient, requestHeaders } from 'wattline/http';
import { jsonEncoding, protobufEncoding } from 'wattline/otlp';
import {
  allTaken,
  type Context,
  definePlugin,
  type Marks,
  pushSettings,
  type QueuedExporter,
  queueOptions,
  secret,
  serverUrl,
  z,
} from 'wattline/plugin';
import { loadSdkExporter, type RequestContents, type RunsExporter } from './sdk-exporter.ts';
import { SingleAttempt } from './single-attempt.ts';

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
    compression: z.enum(['gzip', 'none']).default('gzip').describe('How requests are compressed: `gzip` or `none`'),
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
    // Told together with whatever else is wrong.
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'otlphttp',
  stability: 'beta',
  configSchema,
  create: (ctx, config) => otlpHttpExporter(ctx, config),
});

function otlpHttpExporter(ctx: Context, config: Config): QueuedExporter {
  const url = config.metrics_endpoint ?? `${config.endpoint}${PATH}`;
  const headers = requestHeaders(config.headers);
  const encoding = config.encoding === 'proto' ? protobufEncoding() : jsonEncoding;
  headers.set('content-type', encoding.contentType);
  const { timeout, compression } = config;
  const client = new HttpClient(ctx, url, config.tls);
  const contents = new WeakMap<Uint8Array, RequestContents>();
  let exporter: RunsExporter | undefined;
  const transport = new SingleAttempt({
    url,
    headers,
    compression,
    fetch: client.fetch,
    contentsOf: (request) => contents.get(request),
    readPartialSuccess: (body) => encoding.decodeResponse(body),
    warn: (message) => ctx.logger.warn(message),
  });
  return {
    queue: queueOptions(config, RUNS_A_REQUEST),
    async start() {
      await client.start();
      const createExporter = await loadSdkExporter(config.encoding, contents);
      exporter = createExporter(transport, timeout);
      ctx.logger.info(`sending OTLP to ${url}`);
    },
    async send(runs, signal) {
      if (!exporter) throw new Error('the exporter has not been started');
      transport.endWith(signal);
      await exporter.export(runs);
      return allTaken;
    },
    async shutdown() {
      await exporter?.shutdown();
      await client.close();
    },
  };
}

function hasNoUser(url: string): boolean {
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
