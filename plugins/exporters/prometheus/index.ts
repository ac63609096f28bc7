import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import {
  type Context,
  type DirectExporter,
  definePlugin,
  duration,
  endpoint,
  type Listening,
  listenOptions,
  type Routes,
  serverSettings,
  z,
} from 'wattline/plugin';
import { aliveMetric } from './alive.ts';
import { LatestPoints } from './latest-points.ts';

const configSchema = z.strictObject({
  endpoint: endpoint()
    .prefault('0.0.0.0:9514')
    .describe(
      'Where `/metrics` and `/health` are served, `host:port`; a component that names the same endpoint shares it',
    ),
  metric_expiration: duration()
    .prefault('0s')
    .describe('After how long a series that no run has renewed is dropped; `0s` is never'),
  resource_labels: z
    .array(z.string().min(1))
    .default([])
    .describe('Resource attributes that become labels too, such as `run.resolution`'),
  include_samples: z
    .boolean()
    .default(false)
    .describe('Whether the last sample of power and CPU use is exposed beside the figures'),
  send_timestamps: z
    .boolean()
    .default(false)
    .describe('Whether each figure carries the end of its run; Prometheus refuses those older than an hour or so'),
  ...serverSettings,
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  kind: 'exporter',
  type: 'prometheus',
  stability: 'beta',
  overlaps: true,
  configSchema,
  emits: { [aliveMetric.name]: { unit: aliveMetric.unit, description: aliveMetric.description } },
  create: (ctx, config) => prometheusExporter(ctx, config),
});

function prometheusExporter(ctx: Context, config: Config): DirectExporter {
  const points = new LatestPoints({
    resourceLabels: config.resource_labels,
    includeSamples: config.include_samples,
    expiration: config.metric_expiration,
    skip: ctx.skip,
  });
  let listening: Listening | undefined;
  return {
    async consume(batch) {
      points.add(batch, Date.now());
    },
    async start() {
      const exporter = await createSdkExporter(ctx, config, points);
      const routes: Routes = {
        'GET /metrics': (request, response) => {
          exporter.getMetricsRequestHandler(request, response);
          // The SDK sends the type without its version, which Prometheus 3 does not take.
          response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
        },
        'GET /health': (_, response) => {
          response.setHeader('content-type', 'text/plain');
          response.end('OK');
        },
      };
      // Probes have no token, and learn nothing from this.
      listening = await ctx.http.listen(config.endpoint, routes, listenOptions(ctx, config, ['GET /health']));
      ctx.logger.info(`metrics at ${listening.url}/metrics, health at ${listening.url}/health`);
    },
    async shutdown() {
      await listening?.close();
    },
  };
}

/** The same metric with times that the SDK writes as whole milliseconds; Prometheus reads no others. */
function withWholeMilliseconds(metric: MetricData): MetricData {
  const dataPoints = metric.dataPoints.map((point) => {
    const [seconds, nanoseconds] = point.endTime;
    const milliseconds = Math.round(nanoseconds / 1e6);
    return { ...point, endTime: milliseconds < 1000 ? [seconds, milliseconds * 1e6] : [seconds + 1, 0] };
  });
  return { ...metric, dataPoints } as MetricData;
}

async function createSdkExporter(ctx: Context, config: Config, points: LatestPoints): Promise<PrometheusExporter> {
  const [sdk, { emptyResource }] = await Promise.all([
    import('@opentelemetry/exporter-prometheus'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new sdk.PrometheusExporter({
    preventServerStart: true,
    appendTimestamp: config.send_timestamps,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  exporter.setMetricProducer({
    async collect() {
      const { resourceMetrics, errors } = await ctx.telemetry.collect();
      const own = [aliveMetric.now(), ...resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)];
      points.reserve(own);
      const all = [...points.metrics(Date.now()), ...own];
      const metrics = config.send_timestamps ? all.map(withWholeMilliseconds) : all;
      const scopeMetrics = [{ scope: { name: 'wattline' }, metrics }];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors };
    },
  });
  return exporter;
}
