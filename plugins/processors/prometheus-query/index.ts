import { bodySizeLimit, clientSettings, HttpClient } from 'wattline/http';
import {
  cpuUsage,
  definePlugin,
  duration,
  emitsOf,
  hostPower,
  messageOf,
  secret,
  serverUrl,
  transform,
  z,
} from 'wattline/plugin';
import { Enrichment } from './enrichment.ts';
import { queryMetrics, requestRecorder } from './query-metrics.ts';
import { RangeClient } from './range-client.ts';
import { QueryTemplate } from './template.ts';

const signals = { power: hostPower, cpu: cpuUsage } as const;

const configSchema = z.strictObject({
  endpoint: serverUrl({ isBare: true }).describe(
    'The base URL of the API, such as `http://127.0.0.1:9090`; `/api/v1/query_range` is appended',
  ),
  queries: z
    .strictObject({
      power: promql().optional().describe('PromQL that gives the power of a run in watts, as one series'),
      cpu: promql()
        .optional()
        .describe('PromQL that gives the CPU use of a run in cores, as one series; one of the two is required'),
    })
    .refine(({ power, cpu }) => power !== undefined || cpu !== undefined, { error: 'expected `power`, `cpu` or both' }),
  step: duration({ least: '1ms', most: '24h' })
    .prefault('1m')
    .describe(
      'How far points are apart at least; a run is divided into equal steps of that length or somewhat more, a shorter run is one step',
    ),
  sampling: z
    .enum(['interval', 'instant'])
    .default('interval')
    .describe(
      'Whether a point is the mean of the step before it (`interval`), as of a rate, or the value at its time (`instant`)',
    ),
  overwrite: z
    .enum(['never', 'always'])
    .default('never')
    .describe(
      'Whether samples that a run has are left alone (`never`), or replaced by those of the database where it has any (`always`)',
    ),
  query_delay: duration({ most: '1h' })
    .prefault('30s')
    .describe(
      'How long after its end a run is queried, for its last samples to arrive in the database; the run waits for it. At most 1h',
    ),
  timeout: duration({ least: '1ms', most: '1h' }).prefault('30s').describe('How long one request may take, at most 1h'),
  body_size_limit_mib: bodySizeLimit(8),
  headers: z.record(z.string(), secret()).default({}).describe('HTTP headers of every request, for authentication'),
  ...clientSettings,
});

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'prometheus_query',
  stability: 'beta',
  configSchema,
  emits: { ...emitsOf([hostPower, cpuUsage]), ...queryMetrics },
  create: (ctx, config) => {
    const { endpoint, headers, timeout, step, sampling, overwrite, query_delay: queryDelay } = config;
    const http = new HttpClient(ctx, endpoint, config.tls, config.auth);
    const client = new RangeClient({ endpoint, headers, timeout, http, bodyLimitMib: config.body_size_limit_mib });
    const queries = (['power', 'cpu'] as const).flatMap((key) => {
      const text = config.queries[key];
      return text === undefined ? [] : { key, signal: signals[key], template: new QueryTemplate(text) };
    });
    const settings = { queries, step, sampling, overwrite, queryDelay };
    const enrichment = new Enrichment({ client, record: requestRecorder(ctx), skip: ctx.skip, ...settings });
    return {
      ...transform(ctx.next, (run, signal) => enrichment.apply(run, signal)),
      start: () => http.start(),
      shutdown: () => http.close(),
    };
  },
});

function promql() {
  return z
    .string()
    .min(1)
    .superRefine((text, ctx) => {
      try {
        new QueryTemplate(text);
      } catch (error) {
        ctx.addIssue({ code: 'custom', message: messageOf(error) });
      }
    });
}
