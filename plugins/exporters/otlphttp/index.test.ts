import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { jsonEncoding, protobufEncoding } from 'wattline/otlp';
import {
  allTaken,
  type Context,
  figure,
  hostPower,
  type Outcome,
  Run,
  Series,
  samplesOf,
  toHrTime,
} from 'wattline/plugin';
import { BlockedError } from '../../../src/errors.ts';
import { exporterOutcomes, PointCounts } from '../../../src/pipeline/point-counts.ts';
import { SendingQueue } from '../../../src/pipeline/sending-queue.ts';
import { StageHealth } from '../../../src/pipeline/stage-health.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Respond = (response: ServerResponse, request: Received, count: number) => void;

/** A server on loopback that keeps what it receives and answers by `respond`. */
async function startServer(respond: Respond = (response) => response.end(), port = 0) {
  const received: Received[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = { path: request.url, headers: request.headers, body: Buffer.concat(chunks) };
    respond(response, one, received.push(one));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const quickly = { initial_interval: '1ms', max_interval: '2ms' };

/** The exporter behind the sending queue that the pipeline gives it, and the points of runs that it has sent or not. */
async function startExporter(config: object) {
  const points = new PointCounts('exporter', new MeterProvider().getMeter('test'));
  const count = exporterOutcomes(points, 'otlphttp', new StageHealth());
  const countOf = (name: 'sent' | 'send_failed') =>
    points.of(`otelcol_exporter_${name}_metric_points`, { exporter: 'otlphttp' }).points;
  const logs: { level: number; msg: string }[] = [];
  const logger = pino({}, { write: (line: string) => logs.push(JSON.parse(line)) });
  const parsed = plugin.configSchema.parse({ retry_on_failure: quickly, ...config });
  const exporter = plugin.create({ id: 'otlphttp', logger } as Context, parsed);
  if (!('queue' in exporter)) throw new Error('it must be queued');
  const queue = new SendingQueue(exporter, { logger: pino({ enabled: false }), maxElapsedTime: 20_000, count });
  await queue.start(never);
  closing.push(() => queue.shutdown(AbortSignal.abort()));
  return { queue, logs, countOf };
}

function runNamed(scenario: string): Run {
  const start = toHrTime(1_705_315_800);
  const samples = [samplesOf(hostPower, Series.regular(start, 5, Float64Array.of(0.1 + 0.2, 5e-324, -0)), 'test')];
  const definition = { name: 'cost_total_load_aware', unit: '{USD}', description: 'a cost', scope: 'test' };
  const figures = [figure(definition, 1e-5 / 3, { region: 'us-east-1' })];
  return Run.of({ scenario, 'run.duration': 60.5 }, { samples, figures });
}

/** Why the run of an outcome is never to be sent again. */
async function refusalOf(outcome: Promise<Outcome>): Promise<string> {
  const { refused, deferred } = await outcome;
  expect([refused.length, deferred.length]).toEqual([1, 0]);
  return refused[0]?.message as string;
}

/** Why the run of an outcome is to be sent again. */
async function deferralOf(outcome: Promise<Outcome>): Promise<Error> {
  const { refused, deferred, cause } = await outcome;
  expect([refused.length, deferred.length]).toEqual([0, 1]);
  return cause as Error;
}

const answer = (status: number, body: string | Uint8Array = '', contentType = 'application/json'): Respond => {
  return (response) => response.writeHead(status, { 'content-type': contentType }).end(body);
};

describe('requests', () => {
  it('are protobuf in gzip, to /v1/metrics of the endpoint', async () => {
    const { url, received } = await startServer();
    const { queue, logs } = await startExporter({ endpoint: `${url}/` });
    const run = runNamed('a');
    expect(await queue.consume([run])).toEqual(allTaken);
    const [request] = received;
    expect(request).toMatchObject({
      path: '/v1/metrics',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
    });
    const bytes = ProtobufMetricsSerializer.serializeRequest(run) as Uint8Array;
    expect(gunzipSync(request?.body ?? '').equals(bytes)).toBe(true);
    expect(logs.map(({ msg }) => msg)).toEqual([`sending OTLP to ${url}/v1/metrics`]);
  });

  it('are JSON, not compressed, to another URL and with headers, where the configuration says so', async () => {
    const { url, received } = await startServer();
    const config = { encoding: 'json', compression: 'none', headers: { Authorization: 'Bearer secret' } };
    const { queue } = await startExporter({ ...config, metrics_endpoint: `${url}/own/path/?tenant=a` });
    const run = runNamed('a');
    expect(await queue.consume([run])).toEqual(allTaken);
    const [request] = received;
    expect(request?.path).toBe('/own/path/?tenant=a');
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer secret' });
    expect(request?.headers['content-encoding']).toBeUndefined();
    const bytes = JsonMetricsSerializer.serializeRequest(run) as Uint8Array;
    expect(request?.body.equals(bytes)).toBe(true);
  });

  it.each(['proto', 'json'] as const)('hold many runs: %s', async (encoding) => {
    const { url, received } = await startServer();
    const { queue } = await startExporter({ endpoint: url, encoding, compression: 'none' });
    const names = Array.from({ length: 600 }, (_, index) => `run ${index}`);
    await Promise.all(names.map((name) => queue.consume([runNamed(name)])));
    const { decodeRequest } = encoding === 'proto' ? protobufEncoding() : jsonEncoding;
    const requests = received.map(({ body }) =>
      decodeRequest(body).map(({ resource }) => resource.attributes.scenario),
    );
    // Two at once may arrive in any order.
    expect(requests.sort((a, b) => b.length - a.length)).toEqual([names.slice(0, 500), names.slice(500)]);
  });

  it('in JSON have text for what is no number', async () => {
    const { url, received } = await startServer();
    const { queue } = await startExporter({ endpoint: url, encoding: 'json', compression: 'none' });
    const series = Series.regular([1_705_315_800, 0], 5, Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY));
    await queue.consume([Run.of({ scenario: 'gap' }, { samples: [samplesOf(hostPower, series)] })]);
    expect(received[0]?.body.toString()).toMatch(/"asDouble":1\D.*"asDouble":"NaN".*"asDouble":"Infinity"/);
  });

  it('are under way num_consumers at a time', async () => {
    const waiting: ServerResponse[] = [];
    const { url } = await startServer((response) => waiting.push(response));
    const settings = { sending_queue: { num_consumers: 4 }, retry_on_failure: { enabled: false } };
    const { queue } = await startExporter({ endpoint: url, ...settings });
    const deliveries: Promise<Outcome>[] = [];
    for (let count = 1; count <= 4; count++) {
      deliveries.push(queue.consume([runNamed(`run ${count}`)]));
      await expect.poll(() => waiting.length).toBe(count);
    }
    deliveries.push(queue.consume([runNamed('run 5')]));
    await sleep(50);
    expect(waiting).toHaveLength(4);
    for (const one of waiting) one.end();
    await expect.poll(() => waiting.length).toBe(5);
    waiting[4]?.end();
    expect(await Promise.all(deliveries)).toEqual(Array(5).fill(allTaken));
  });
});

describe('answers', () => {
  // google.rpc.Status {code: 3, message: "why"}
  const status = Uint8Array.of(0x08, 0x03, 0x12, 0x03, ...Buffer.from('why'));

  it.each([
    ['400 in JSON', answer(400, '{"code":3,"message":"why"}'), /answered 400: why; it will not take this run$/],
    ['400 in protobuf', answer(400, status, 'application/x-protobuf'), /answered 400: why; /],
    ['400 with a broken body', answer(400, status.slice(0, 5), 'application/x-protobuf'), /not a google.rpc.Status/],
    ['422', answer(422), /answered 422; it will not take this run$/],
  ])('that must not be tried again are refusals: %s', async (_, respond, message) => {
    const { url, received } = await startServer(respond);
    const { queue } = await startExporter({ endpoint: url });
    expect(await refusalOf(queue.consume([runNamed('a')]))).toMatch(message);
    expect(received).toHaveLength(1);
  });

  it.each([
    ['401 in text', answer(401, 'who are you?', 'text/plain'), /answered 401: who are you\?; set `headers`/],
    ['403', answer(403), /answered 403; set `headers`/],
    ['404', answer(404), /answered 404; set `endpoint`/],
    ['413', answer(413), /answered 413; raise the limit of the server$/],
    ['415', answer(415), /answered 415; change what the server refuses$/],
    ['500', answer(500, '[]'), /answered 500: \[\]$/],
    [
      'a redirect',
      (response: ServerResponse) => response.writeHead(302, { location: '/elsewhere' }).end(),
      /answered 302; set `endpoint`/,
    ],
  ])('that somebody must mend defer runs, and say what to do: %s', async (_, respond, message) => {
    const { url } = await startServer(respond);
    const { queue } = await startExporter({ endpoint: url, retry_on_failure: { enabled: false } });
    const error = await deferralOf(queue.consume([runNamed('a')]));
    expect(error).toBeInstanceOf(BlockedError);
    expect(error.message).toMatch(message);
  });

  it.each([429, 502, 503, 504])('of %d are tried again until they are better', async (code) => {
    const { url, received } = await startServer((response, _, count) => {
      response.writeHead(count < 3 ? code : 200).end();
    });
    const { queue } = await startExporter({ endpoint: url });
    expect(await queue.consume([runNamed('a')])).toEqual(allTaken);
    expect(received).toHaveLength(3);
    expect(received[2]?.body.equals(received[0]?.body as Buffer)).toBe(true);
  });

  it('of 400 to several runs are rejections of those only that are refused by themselves', async () => {
    const { url } = await startServer((response, { body }) => {
      const bad = jsonEncoding
        .decodeRequest(body)
        .filter(({ resource }) => /[12]$/.test(`${resource.attributes.scenario}`));
      const message = bad.map(({ resource }) => `no room for ${resource.attributes.scenario}`).join();
      response
        .writeHead(bad.length ? 400 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message }));
    });
    const { queue } = await startExporter({ endpoint: url, encoding: 'json', compression: 'none' });
    const deliveries = Array.from({ length: 20 }, (_, index) => queue.consume([runNamed(`run ${index}`)]));
    for (const [index, { refused }] of (await Promise.all(deliveries)).entries()) {
      const message = expect.stringContaining(`answered 400: no room for run ${index};`);
      expect(refused).toEqual(/[12]$/.test(`${index}`) ? [expect.objectContaining({ message })] : []);
    }
  });

  it.each([302, 401, 403, 404, 405])(
    'of %d, which no other run would change, have the same request sent again until it is taken',
    async (code) => {
      const { url, received } = await startServer((response, _, count) => {
        response.writeHead(count < 4 ? code : 200).end();
      });
      const { queue, countOf } = await startExporter({ endpoint: url });
      const runs = Array.from({ length: 500 }, (_, index) => runNamed(`run ${index}`));
      expect(await queue.consume(runs)).toEqual(allTaken);
      expect(received).toHaveLength(4);
      expect([countOf('sent'), countOf('send_failed')]).toEqual([2000, 0]);
    },
  );

  it('of 413 have smaller requests sent, down to the run that is too large by itself', async () => {
    const { url } = await startServer((response, { body }) => response.writeHead(body.length > 3000 ? 413 : 200).end());
    const { queue } = await startExporter({ endpoint: url, compression: 'none' });
    const large = runNamed('x'.repeat(4000));
    const runs = [large, ...Array.from({ length: 20 }, (_, index) => runNamed(`run ${index}`))];
    const { refused, deferred } = await queue.consume(runs);
    expect([refused.map(({ run }) => run), deferred]).toEqual([[large], []]);
    expect(refused[0]?.message).toContain('raise the limit of the server');
  });

  it('are not waited for again where retrying is off', async () => {
    const { url, received } = await startServer(answer(503, '{"message":"busy"}'));
    const { queue } = await startExporter({ endpoint: url, retry_on_failure: { enabled: false } });
    const error = await deferralOf(queue.consume([runNamed('a')]));
    expect(error.message).toBe(`${url}/v1/metrics answered 503: busy`);
    expect(received).toHaveLength(1);
  });

  it('of 200 with a text that is no OTLP are good', async () => {
    const { url } = await startServer(answer(200, 'thank you', 'text/plain'));
    for (const encoding of ['proto', 'json']) {
      const { queue } = await startExporter({ endpoint: url, encoding });
      expect(await queue.consume([runNamed('a')])).toEqual(allTaken);
    }
  });
});

describe('a partial success', () => {
  // ExportMetricsServiceResponse {partial_success {rejected_data_points: 3, error_message: "why"}}
  const inProtobuf = Uint8Array.of(0x0a, 0x07, 0x08, 0x03, 0x12, 0x03, ...Buffer.from('why'));
  const inJson = (fields: object) => JSON.stringify({ partialSuccess: fields });

  it.each([
    ['proto', inProtobuf, ' rejected 3 data points: why'],
    ['json', inJson({ rejectedDataPoints: '3', errorMessage: 'why' }), ' rejected 3 data points: why'],
    ['json', inJson({ rejectedDataPoints: 3 }), ' rejected 3 data points'],
  ])('in %s is a refusal', async (encoding, body, message) => {
    const { url, received } = await startServer(answer(200, body));
    const { queue } = await startExporter({ endpoint: url, encoding });
    expect(await refusalOf(queue.consume([runNamed('a')]))).toBe(`${url}/v1/metrics${message}`);
    expect(received).toHaveLength(1);
  });

  it('of all points of several runs is a refusal of each', async () => {
    const { url, received } = await startServer(answer(200, inJson({ rejectedDataPoints: 8, errorMessage: 'why' })));
    const { queue } = await startExporter({ endpoint: url, encoding: 'json' });
    for (const delivery of [queue.consume([runNamed('a')]), queue.consume([runNamed('b')])]) {
      expect(await refusalOf(delivery)).toMatch(/why$/);
    }
    expect(received).toHaveLength(1);
  });

  it('of some points of several runs is a warning and counts as failed, since nobody says whose they are and none may come again', async () => {
    const { url, received } = await startServer(answer(200, inJson({ rejectedDataPoints: 3, errorMessage: 'why' })));
    const { queue, logs, countOf } = await startExporter({ endpoint: url, encoding: 'json' });
    expect(await queue.consume([runNamed('a'), runNamed('b')])).toEqual(allTaken);
    expect(received).toHaveLength(1);
    expect([countOf('sent'), countOf('send_failed')]).toEqual([5, 3]);
    const warnings = logs.filter(({ level }) => level === 40).map(({ msg }) => msg);
    expect(warnings).toEqual([`${url}/v1/metrics rejected 3 of the 8 data points of 2 runs: why`]);
  });

  it('that rejects nothing is a warning, said once', async () => {
    const { url } = await startServer(answer(200, inJson({ errorMessage: 'old names' })));
    const { queue, logs } = await startExporter({ endpoint: url, encoding: 'json' });
    for (const name of ['a', 'b']) await queue.consume([runNamed(name)]);
    const warnings = logs.filter(({ level }) => level === 40).map(({ msg }) => msg);
    expect(warnings).toEqual([`${url}/v1/metrics took everything, and says: old names`]);
  });
});

describe('a server that does not answer', () => {
  it('is tried again until it is there', async () => {
    const port = await freePort();
    const { queue } = await startExporter({ endpoint: `http://127.0.0.1:${port}` });
    const delivery = queue.consume([runNamed('a')]);
    const { received } = await startServer(undefined, port);
    expect(await delivery).toEqual(allTaken);
    expect(received).toHaveLength(1);
  });

  it('is named, with the reason', async () => {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const { queue } = await startExporter({ endpoint, retry_on_failure: { enabled: false } });
    const error = await deferralOf(queue.consume([runNamed('a')]));
    expect(error.message).toBe(`no answer from ${endpoint}/v1/metrics`);
    expect(error.cause).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it('is waited for no longer than the timeout', async () => {
    const { url, received } = await startServer((response, _, count) => {
      if (count > 1) response.end();
    });
    const { queue } = await startExporter({ endpoint: url, timeout: '100ms' });
    expect(await queue.consume([runNamed('a')])).toEqual(allTaken);
    expect(received).toHaveLength(2);
  });

  it('holds up a stop no longer than its deadline', async () => {
    const { url, received } = await startServer(() => {});
    const { queue } = await startExporter({ endpoint: url, timeout: '1h' });
    const deferral = deferralOf(queue.consume([runNamed('a')]));
    await expect.poll(() => received.length).toBe(1);
    const deadline = new AbortController();
    const stopped = queue.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    expect((await deferral).message).toBe(`no answer from ${url}/v1/metrics`);
  });
});

describe('the configuration', () => {
  const issues = (config: object) =>
    plugin.configSchema.safeParse(config).error?.issues.map(({ path, message }) => [path.join('.'), message]);

  it('needs an endpoint', () => {
    expect(issues({})).toEqual([['endpoint', expect.stringContaining('expected the base URL')]]);
    expect(issues({ metrics_endpoint: 'http://127.0.0.1/own' })).toBeUndefined();
    expect(issues({ endpoint: 'http://user:secret@127.0.0.1' })).toEqual([['endpoint', expect.any(String)]]);
    expect(issues({ endpoint: '127.0.0.1:4318' })).toEqual([['endpoint', expect.stringContaining('expected a URL')]]);
  });

  it('is refused where a header is not valid', () => {
    const config = plugin.configSchema.parse({ endpoint: 'http://127.0.0.1', headers: { 'not a name': 'x' } });
    expect(() => plugin.create({} as Context, config)).toThrow('not a name');
  });
});
