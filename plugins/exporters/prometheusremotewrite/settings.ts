import { clientSettings, foreignClientKeys } from 'wattline/http';
import { duration, foreignKeys, ignored, pushSettings, refused, secret, serverUrl, z } from 'wattline/plugin';
import type { WriteMessage } from 'wattline/prometheus';

const messages = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'] as const satisfies WriteMessage[];

/** One request at a time, since the samples of a series must arrive in the order of time. */
const queue = pushSettings.sending_queue.unwrap().omit({ num_consumers: true }).prefault({});

const settings = z.strictObject({
  endpoint: serverUrl({ isBare: true }).describe(
    'The full URL of remote write: `http://127.0.0.1:9090/api/v1/write` of Prometheus and VictoriaMetrics (port 8428), `/api/v1/push` of Mimir, `/api/v1/receive` of Thanos',
  ),
  protobuf_message: z
    .enum(messages)
    .default('prometheus.WriteRequest')
    .describe(
      'The version: `prometheus.WriteRequest` is 1.0, which every server takes, `io.prometheus.write.v2.Request` is 2.0',
    ),
  external_labels: z
    .record(z.string().min(1), z.string())
    .default({})
    .describe("Labels of every series; a run's own label of the same name wins"),
  resource_labels: z
    .array(z.string().min(1))
    .default([])
    .describe('Resource attributes that become labels of every series of a run, such as `run.resolution`'),
  resource_to_telemetry_conversion: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether all resource attributes become labels of every series'),
    })
    .prefault({}),
  target_info: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe('Whether `target_info` is sent of the services among what comes, with their resource attributes'),
    })
    .prefault({}),
  include_samples: z
    .boolean()
    .default(false)
    .describe('Whether the raw samples of power and CPU use are sent too, each with its own time'),
  send_metadata: z
    .boolean()
    .default(false)
    .describe('Whether version 1.0 describes metrics too, each once a minute; 2.0 always does'),
  max_batch_size_bytes: z
    .int()
    .positive()
    .default(3_000_000)
    .describe('How many bytes a request has at most before it is compressed; more are several requests'),
  headers: z.record(z.string(), secret()).default({}).describe('HTTP headers of every request, for authentication'),
  ...clientSettings,
  timeout: duration().prefault('10s').describe('How long one request may take; `0s` is without end'),
  sending_queue: queue,
  retry_on_failure: pushSettings.retry_on_failure,
});

export const configSchema = settings.meta(
  foreignKeys({
    ...foreignClientKeys,
    remote_write_queue: ignored('`sending_queue` is the queue, and requests go one after the other'),
    add_metric_suffixes: refused('leave it out: names have the units that Prometheus gives them', true),
    namespace: refused('leave it out: names are those that other systems rely on', ''),
    wal: refused('use `sending_queue: { storage: file_storage }`'),
    export_created_metric: ignored('version 2.0 says since when counters count', { enabled: false }),
    max_batch_request_parallelism: ignored('requests go one after the other', 1),
  }),
);

export type Config = z.output<typeof configSchema>;
