import { foreignServerKeys, serverSettings } from 'wattline/http';
import { duration, endpoint, foreignKeys, z } from 'wattline/plugin';
import { limitSettings } from './limits.ts';

const MIB = 1024 * 1024;

const settings = z.strictObject({
  endpoint: endpoint()
    .prefault('127.0.0.1:9090')
    .describe('Where requests are taken, `host:port`; a component that names the same endpoint shares it'),
  path: z
    .string()
    .regex(/^\/[^\s?#]*$/, { error: 'expected a path such as /api/v1/write' })
    .default('/api/v1/write')
    .describe('The path of requests'),
  resource_labels: z
    .record(z.string().min(1), z.string().min(1))
    .default({})
    .describe(
      'Labels that say what machine a series is of, and the resource attribute that each becomes, such as `node: k8s.node.name`',
    ),
  replica_labels: z
    .array(z.string().min(1))
    .default(['__replica__', 'prometheus_replica'])
    .describe('Labels that tell apart two servers that scrape the same; they are left out, so that a meter is one'),
  max_request_body_size: z
    .int()
    .positive()
    .default(10 * MIB)
    .describe('The largest body taken, decompressed, in bytes'),
  sender_timeout: duration()
    .prefault('30s')
    .describe(
      "How long senders wait for an answer once their request is sent, as Prometheus's `remote_timeout` says; shortly before, what could not be delivered is answered 503 and dropped. `0s` is without end",
    ),
  ...limitSettings,
  ...serverSettings,
});

export const configSchema = settings.meta(foreignKeys(foreignServerKeys));

export type Config = z.output<typeof configSchema>;
