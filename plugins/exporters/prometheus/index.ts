import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { exporterAlive } from 'wattline/figures';
import { foreignServerKeys, listenOptions, serverSettings } from 'wattline/http';
import {
  allTaken,
  type Context,
  type DirectExporter,
  definePlugin,
  duration,
  emitsOf,
  endpoint,
  foreignKeys,
  ignored,
  type Listening,
  messageOf,
  type Routes,
  refused,
  z,
} from 'wattline/plugin';
import { LatestPoints } from './latest-points.ts';
import { aliveNow, ownTextWriter } from './own-text.ts';
import { answer } from './page.ts';

const NAMES = ignored('names end in their units, and counters in `_total`', true, 'UnderscoreEscapingWithSuffixes');

const configSchema = z
  .strictObject({
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
    series_limit: z
      .int()
      .positive()
      .optional()
      .describe(
        'How many series there may be; points of more are not exposed, and are counted in `wattline_skipped_total`. One for each 2 KiB of the heap that Node.js may use where left out',
      ),
    label_value_length_limit: z
      .int()
      .positive()
      .default(4096)
      .describe(
        'How many characters the value of a label may have; points with a longer one are not exposed, and are counted',
      ),
    ...serverSettings,
  })
  .meta(
    foreignKeys({
      ...foreignServerKeys,
      max_request_body_size: ignored('requests have no bodies here'),
      path: refused('scrape `/metrics`', '/metrics'),
      const_labels: refused('insert attributes by the processor `resource`, and name them in `resource_labels`'),
      namespace: refused(
        'leave the names as they are, which dashboards and alerts go by, or rename them where they are scraped',
        '',
      ),
      enable_open_metrics: ignored('the page is in the text format that every scraper reads', false),
      add_metric_suffixes: NAMES,
      translation_strategy: NAMES,
      without_scope_info: ignored('no series has the name of a scope', true),
      resource_to_telemetry_conversion: ignored('name the attributes that are to be labels in `resource_labels`', {
        enabled: false,
      }),
      resource_constant_labels: ignored('name the attributes that are to be labels in `resource_labels`', {
        enabled: false,
      }),
    }),
  );

/** Bytes of the heap for each series. One with labels of its own takes half a kilobyte of it, so that a quarter is for series. */
const BYTES_A_SERIES = 2048;
const series = {
  name: 'wattline_exporter_series',
  unit: '{series}',
  description: 'Series that an exporter holds, by exporter',
};
const limit = {
  name: 'wattline_exporter_series_limit',
  unit: '{series}',
  description: 'Series that an exporter may hold, by exporter',
};

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'prometheus',
  stability: 'beta',
  overlaps: true,
  configSchema,
  emits: emitsOf([exporterAlive, series, limit]),
  create: (ctx, config) => prometheusExporter(ctx, config),
});

function prometheusExporter(ctx: Context, config: Config): DirectExporter {
  const seriesLimit = config.series_limit ?? Math.floor(getHeapStatistics().heap_size_limit / BYTES_A_SERIES);
  const points = new LatestPoints({
    resourceLabels: config.resource_labels,
    includeSamples: config.include_samples,
    expiration: config.metric_expiration,
    withTimes: config.send_timestamps,
    seriesLimit,
    labelValueLengthLimit: config.label_value_length_limit,
    skip: ctx.skip,
  });
  const ownText = ownTextWriter(config.send_timestamps);
  const counts = [
    [series, () => points.size],
    [limit, () => seriesLimit],
  ] as const;
  for (const [{ name, ...rest }, count] of counts) {
    const gauge = ctx.meter.createObservableGauge(name, rest);
    gauge.addCallback((result) => result.observe(count(), { exporter: ctx.id }));
  }
  // Probes have no token, and the answer reveals nothing.
  const options = listenOptions(ctx, config, ['GET /health']);
  let listening: Listening | undefined;
  return {
    forgets: true,
    async consume(runs) {
      const now = performance.now();
      for (const run of runs) for (const _ of points.addInParts(run, now)) await nextTurn();
      return allTaken;
    },
    async start() {
      const routes: Routes = {
        'GET /metrics': async (request, response) => {
          const { resourceMetrics, errors } = await ctx.telemetry.collect();
          for (const error of errors) ctx.logger.error(`an own metric cannot be collected: ${messageOf(error)}`);
          const own = [aliveNow(), ...resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)];
          points.reserve(own);
          const pieces = await points.pieces(performance.now());
          await answer(request, response, pieces, await ownText(own));
        },
        'GET /health': (_, response) => {
          response.setHeader('content-type', 'text/plain');
          response.end('OK');
        },
      };
      listening = await ctx.http.listen(config.endpoint, routes, options);
      ctx.logger.info(`metrics at ${listening.url}/metrics, health at ${listening.url}/health`);
    },
    async shutdown() {
      await listening?.close();
    },
  };
}
