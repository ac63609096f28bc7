import { once } from 'node:events';
import { copyFile, readFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { protobufEncoding } from 'wattline/otlp';
import { allTaken, deferAll, type Outcome, type Run, refuseAll, type SourceContext } from 'wattline/plugin';
import { type Certificates, createCertificates } from '../../../test/kit/certificates.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import plugin from './index.ts';

const PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const never = new AbortController().signal;
const encoding = protobufEncoding();
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Consume = (runs: readonly Run[], signal: AbortSignal) => Promise<Outcome>;

/** A receiver on free ports of loopback, with what it hands over. */
async function started(
  config: object = {},
  { consume = async () => allTaken, ...more }: { consume?: Consume } & Partial<SourceContext> = {},
) {
  const runs: Run[] = [];
  const next = {
    consume: (list: readonly Run[], signal: AbortSignal) => {
      runs.push(...list);
      return consume(list, signal);
    },
  };
  const context = createTestContext();
  const grpcSettings = { endpoint: '127.0.0.1:0', ...(config as { grpc?: object }).grpc };
  const { grpc: _, ...others } = config as { grpc?: object };
  const parsed = plugin.configSchema.parse({ protocols: { grpc: grpcSettings }, ...others });
  const receiver = plugin.create({ ...context.ctx, next, ...more } as SourceContext, parsed);
  await receiver.start?.(never);
  closing.push(() => receiver.shutdown?.(AbortSignal.abort()));
  const target = /grpcs?:\/\/(\S+)/.exec(context.logs.join('\n'))?.[1] as string;
  return { ...context, runs, receiver, target, send: senderTo(target) };
}

/** What a client of the official library gets for a request. */
function senderTo(target: string, credentials = grpc.credentials.createInsecure()) {
  const client = new grpc.Client(target, credentials);
  closing.push(() => client.close());
  return (body: Uint8Array, options: grpc.CallOptions = {}, metadata = new grpc.Metadata()) =>
    new Promise<{ code: number; details: string; body?: Buffer; metadata?: grpc.Metadata }>((resolve) => {
      const asBytes = (bytes: Buffer) => bytes;
      client.makeUnaryRequest(PATH, asBytes, asBytes, Buffer.from(body), metadata, options, (error, response) => {
        resolve(error ?? { code: 0, details: '', ...(response && { body: response }) });
      });
    });
}

const watts = liveMetric('hw.host.power', 'gauge', [{ at: 1_700_000_000, value: 5 }], 'W');
const request = (...hosts: string[]) => {
  const runs = hosts.map((host) => liveRun({ 'host.name': host }, watts));
  return Buffer.concat(runs.map((run) => ProtobufMetricsSerializer.serializeRequest(run) as Uint8Array));
};
const hostsOf = (runs: readonly Run[]) => runs.map(({ attributes }) => attributes['host.name']);

describe('by gRPC', () => {
  it('hands on what a request holds, and answers once that is safe', async () => {
    const gate = Promise.withResolvers<void>();
    const { runs, send } = await started({}, { consume: async () => gate.promise.then(() => allTaken) });
    const sent = send(request('a', 'b'));
    expect(await Promise.race([sent, sleep(100, 'waits')])).toBe('waits');
    gate.resolve();
    expect(await sent).toEqual({ code: 0, details: '', body: Buffer.alloc(0) });
    expect(hostsOf(runs)).toEqual(['a', 'b']);
    expect(runs[0]?.toJSON()).toEqual(liveRun({ 'host.name': 'a' }, watts).toJSON());
    expect(runs[0]?.peer).toBeUndefined();
  });

  it.each(['gzip', 'deflate'] as const)('takes %s', async (algorithm) => {
    const { runs, send } = await started();
    const metadata = new grpc.Metadata();
    metadata.set('grpc-internal-encoding-request', algorithm);
    expect((await send(request('a'), {}, metadata)).code).toBe(0);
    expect(hostsOf(runs)).toEqual(['a']);
  });

  it('answers other compressions UNIMPLEMENTED with those that it takes, and logs it', async () => {
    const { target, logs, runs } = await started();
    const { headers } = await rawRequest(target, zstdCompressSync(request('a')), { 'grpc-encoding': 'zstd' });
    expect(headers['grpc-status']).toBe('12');
    expect(headers['grpc-accept-encoding']).toMatch(/gzip/);
    expect(logs.join()).toMatch(/compressed by zstd.*`compression: gzip`/);
    expect(runs).toEqual([]);
    for (const [name, body] of [
      ['gzip', gzipSync(request('b'))],
      ['deflate', deflateSync(request('c'))],
    ] as const) {
      expect((await rawRequest(target, body, { 'grpc-encoding': name })).headers['grpc-status']).toBe('0');
    }
    expect(hostsOf(runs)).toEqual(['b', 'c']);
  });

  it('says what was rejected for good in a partial success', async () => {
    const consume: Consume = async (runs) => refuseAll(runs, 'rejected', 'not at http://10.0.0.1/ and never');
    const { send, skips } = await started({}, { consume });
    const { code, body } = await send(request('a'));
    expect(code).toBe(0);
    expect(encoding.decodeResponse(body as Buffer)).toEqual({
      rejectedDataPoints: 1,
      errorMessage: 'not at a server and never',
    });
    expect(skips).toEqual([{ item: 'run', reason: 'rejected', message: 'not at http://10.0.0.1/ and never' }]);
  });

  it('answers UNAVAILABLE with RetryInfo where all is to be sent again', async () => {
    const { send } = await started({}, { consume: async (runs) => deferAll(runs, new Error('the queue is full')) });
    const { code, details, metadata } = await send(request('a'));
    expect([code, details]).toEqual([grpc.status.UNAVAILABLE, 'the queue is full']);
    const [status] = metadata?.get('grpc-status-details-bin') ?? [];
    expect(Buffer.from(status as Buffer).toString('latin1')).toContain('type.googleapis.com/google.rpc.RetryInfo');
    expect(encoding.decodeStatus(status as Buffer)).toMatchObject({ code: 14, message: 'the queue is full' });
  });

  it('refuses what is malformed or beyond a limit for good', async () => {
    const { send, runs } = await started({ grpc: { max_recv_msg_size_mib: 0.01 }, max_resources: 2 });
    expect(await send(Buffer.from('no protobuf'))).toMatchObject({ code: grpc.status.INVALID_ARGUMENT });
    expect(await send(request('a', 'b', 'c'))).toMatchObject({
      code: grpc.status.RESOURCE_EXHAUSTED,
      details: 'the request has more than 2 resources, which is max_resources',
    });
    const metadata = new grpc.Metadata();
    metadata.set('grpc-internal-encoding-request', 'gzip');
    for (const given of [new grpc.Metadata(), metadata]) {
      expect(await send(Buffer.alloc(20_000), {}, given)).toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED });
    }
    expect(runs).toEqual([]);
    expect((await send(request('a'))).code).toBe(0);
  });

  it('answers before a sender gives up, and drops what is under way', async () => {
    const given: AbortSignal[] = [];
    const consume: Consume = (runs, signal) => {
      given.push(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(deferAll(runs, signal.reason))));
    };
    const { send } = await started({ sender_timeout: '1s' }, { consume });
    const late = { code: grpc.status.UNAVAILABLE, details: 'it could not be delivered in time; send it again' };
    expect(await send(request('a'))).toMatchObject(late);
    expect(await send(request('a'), { deadline: Date.now() + 500 })).toMatchObject({ code: grpc.status.UNAVAILABLE });
    expect(given.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('drops what is under way for a sender that has gone', async () => {
    const aborted = Promise.withResolvers<void>();
    const consume: Consume = (runs, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(deferAll(runs, signal.reason)));
        signal.addEventListener('abort', () => aborted.resolve());
        client.close();
        call.cancel();
      });
    const { target } = await started({ sender_timeout: '0s' }, { consume });
    const client = new grpc.Client(target, grpc.credentials.createInsecure());
    const asBytes = (bytes: Buffer) => bytes;
    const call = client.makeUnaryRequest(PATH, asBytes, asBytes, request('a'), () => {});
    await aborted.promise;
  });

  it('answers what is under way when it stops, and turns the rest away', async () => {
    const gate = Promise.withResolvers<void>();
    const { send, receiver, runs } = await started({}, { consume: () => gate.promise.then(() => allTaken) });
    const sent = send(request('a'));
    await expect.poll(() => runs.length).toBe(1);
    const stopped = receiver.shutdown?.(never);
    expect((await send(request('b'))).code).toBe(grpc.status.UNAVAILABLE);
    gate.resolve();
    expect(await sent).toMatchObject({ code: 0 });
    await stopped;
    expect(hostsOf(runs)).toEqual(['a']);
  });

  it('answers nothing else', async () => {
    const { target } = await started();
    const { headers } = await rawRequest(target, Buffer.alloc(0), { ':path': '/a/b' });
    expect(headers['grpc-status']).toBe(String(grpc.status.UNIMPLEMENTED));
  });
});

describe('with TLS', () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await createCertificates();
  });
  afterAll(() => certificates.remove());

  const trusting = async (pair?: Certificates['client']) => {
    const files = [certificates.ca, pair?.key, pair?.cert];
    return grpc.credentials.createSsl(
      ...((await Promise.all(files.map((path) => path && readFile(path)))) as [Buffer, Buffer, Buffer]),
    );
  };
  const tlsOf = ({ cert, key }: Certificates['server']) => ({ cert_file: cert, key_file: key });

  it('lets clients in that trust its certificate, and reads a renewed one again', async () => {
    const { folder, server, named } = certificates;
    const [cert, key] = [`${folder.path}/now.crt`, `${folder.path}/now.key`];
    const copy = async (pair: Certificates['server']) => {
      await copyFile(pair.cert, cert);
      await copyFile(pair.key, key);
    };
    await copy(named);
    const { target, runs } = await started({ grpc: { tls: { cert_file: cert, key_file: key } } });
    const send = async () => (await senderTo(target, await trusting())(request('a'))).code;
    expect(await send()).toBe(grpc.status.UNAVAILABLE);
    await copy(server);
    await expect.poll(send).toBe(0);
    expect((await senderTo(target)(request('b'))).code).toBe(grpc.status.UNAVAILABLE);
    expect(hostsOf(runs)).toEqual(['a']);
  });

  it('asks clients for certificates where it has authorities for them', async () => {
    const tls = { ...tlsOf(certificates.server), client_ca_file: certificates.ca };
    const { target } = await started({ grpc: { tls } });
    expect((await senderTo(target, await trusting(certificates.client))(request('a'))).code).toBe(0);
    for (const pair of [undefined, certificates.stranger]) {
      expect((await senderTo(target, await trusting(pair))(request('a'))).code).toBe(grpc.status.UNAVAILABLE);
    }
  });

  it('does not start with a certificate that cannot be used', async () => {
    const tls = { ...tlsOf(certificates.server), key_file: certificates.client.key };
    await expect(started({ grpc: { tls } })).rejects.toThrow('is not the key of the certificate');
  });
});

it('lets in who has a token, before the message is read', async () => {
  const { send, runs } = await started({ grpc: { auth: { bearer_tokens: ['one'] } } });
  const withToken = (token: string) => {
    const metadata = new grpc.Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    return send(request('a'), {}, metadata);
  };
  expect(await send(request('a'))).toMatchObject({ code: grpc.status.UNAUTHENTICATED });
  expect(await withToken('two')).toMatchObject({ details: 'the token is not accepted here' });
  expect(await withToken('one')).toMatchObject({ code: 0 });
  expect(runs).toHaveLength(1);
});

it('takes HTTP beside gRPC, each where it is configured', async () => {
  const protocols = { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0', metrics_url_path: '/in' } };
  const { logs, runs } = await started({ protocols });
  const url = /http:\S+/.exec(logs.join('\n'))?.[0] as string;
  expect(url).toMatch(/\/in$/);
  const post = (body: Uint8Array, name?: string) =>
    fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { 'content-type': 'application/x-protobuf', ...(name && { 'content-encoding': name }) },
    });
  for (const [name, body] of [
    [undefined, request('a')],
    ['zstd', zstdCompressSync(request('b'))],
    ['deflate', deflateSync(request('c'))],
    ['gzip', gzipSync(request('d'))],
  ] as const) {
    expect((await post(body, name)).status).toBe(200);
  }
  expect(hostsOf(runs)).toEqual(['a', 'b', 'c', 'd']);
  expect((await post(zstdCompressSync(request('b')).subarray(0, 20), 'zstd')).status).toBe(400);
});

it('refuses to speak nothing at all', () => {
  for (const config of [{}, { protocols: {} }, { protocols: { grpc: { endpoint: 4317 } } }]) {
    expect(plugin.configSchema.safeParse(config).success).toBe(false);
  }
});

/** What a request is answered with that no client of the library would send. */
async function rawRequest(target: string, body: Uint8Array, more: Record<string, string>) {
  const session = connect(`http://${target}`);
  closing.push(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  });
  const head = Buffer.alloc(5);
  head[0] = 'grpc-encoding' in more ? 1 : 0;
  head.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([head, body]));
  let headers = {} as Record<string, unknown>;
  const add = (given: object) => {
    headers = { ...headers, ...given };
  };
  stream.on('response', add).on('trailers', add).resume();
  await once(stream, 'close');
  return { headers };
}
