import { foreignServerKeys, serverSettings } from 'wattline/http';
import { duration, endpoint, foreignKeys, ignored, section, z } from 'wattline/plugin';
import { limitSettings } from 'wattline/receiving';

const MIB = 1024 * 1024;
const METRICS_ONLY = ignored('metrics alone are taken');
const DAYS_24 = '576h';

/** How long a connection may live: from none at all to what a timer can hold. */
const connectionTime = () => duration({ least: '1s', most: DAYS_24 }).optional();

const keepalive = z
  .strictObject({
    server_parameters: z
      .strictObject({
        max_connection_idle: connectionTime().describe('How long a connection may be without a request'),
        max_connection_age: connectionTime().describe(
          'How long a connection may live, give or take a tenth; clients then connect anew, and a load balancer spreads them',
        ),
        max_connection_age_grace: connectionTime().describe('How long requests may then still take'),
        time: connectionTime().describe('After how long without a word from a client it is pinged'),
        timeout: duration({ least: '1s', most: DAYS_24 })
          .prefault('20s')
          .describe('How long its answer may take, after which the connection is closed'),
      })
      .prefault({}),
  })
  .meta(foreignKeys({ enforcement_policy: ignored("a client's pings are answered however often they come") }))
  .prefault({});

const { tls, auth } = serverSettings;

const grpc = z
  .strictObject({
    endpoint: endpoint({ alone: true })
      .prefault('127.0.0.1:4317')
      .describe('Where gRPC is taken, `host:port`, which nothing else can share'),
    max_recv_msg_size_mib: z
      .number()
      .positive()
      .max(1024)
      .default(4)
      .describe('The largest message taken, decompressed, in MiB'),
    max_concurrent_streams: z
      .int()
      .positive()
      .default(100)
      .describe('How many requests of one connection are under way'),
    keepalive,
    tls: tls.describe('Asks for TLS'),
    auth,
  })
  .meta(foreignKeys(foreignServerKeys));

const http = z
  .strictObject({
    endpoint: endpoint()
      .prefault('127.0.0.1:4318')
      .describe('Where HTTP is taken, `host:port`; a component that names the same endpoint shares it'),
    metrics_url_path: z
      .string()
      .regex(/^\/[^\s?#]*$/, { error: 'expected a path such as /v1/metrics' })
      .default('/v1/metrics')
      .describe('The path of metrics'),
    max_request_body_size: z
      .int()
      .positive()
      .default(20 * MIB)
      .describe('The largest body taken, decompressed, in bytes'),
    ...serverSettings,
  })
  .meta(
    foreignKeys({
      ...foreignServerKeys,
      traces_url_path: METRICS_ONLY,
      logs_url_path: METRICS_ONLY,
      profiles_url_path: METRICS_ONLY,
      keepalive: ignored('connections are kept as HTTP/1.1 has it'),
    }),
  );

export const configSchema = z.strictObject({
  protocols: z
    .strictObject({
      grpc: section(grpc).describe('OTLP over gRPC; the key alone stands for all defaults'),
      http: section(http).describe('OTLP over HTTP, in protobuf and JSON; the key alone stands for all defaults'),
    })
    .refine(({ grpc, http }) => grpc !== undefined || http !== undefined, { error: 'expected `grpc`, `http`, or both' })
    .describe('What is spoken, and where: `grpc`, `http` or both'),
  sender_timeout: duration()
    .prefault('10s')
    .describe(
      'How long senders wait for an answer once their request is sent; shortly before, or before the deadline that a request states, what could not be delivered is refused for now and dropped. `0s` is without end',
    ),
  ...limitSettings,
});

export type Config = z.output<typeof configSchema>;
export type GrpcConfig = NonNullable<Config['protocols']['grpc']>;
