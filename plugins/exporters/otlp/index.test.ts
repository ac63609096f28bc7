import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { protobufEncoding } from 'wattline/otlp';
import { figure, type QueuedExporter, Run } from 'wattline/plugin';
import { createCertificates } from '../../../test/kit/certificates.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const never = new AbortController().signal;
const encoding = protobufEncoding();
const closing: (() => unknown)[] = [];
const asBytes = (bytes: Buffer) => bytes;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Call {
  readonly scenarios: unknown[];
  readonly metadata: Record<string, unknown>;
}

type Answer = Partial<grpc.ServiceError> | Uint8Array | undefined;

/** A gRPC server of the official library; `answer` is what it answers, an error or the bytes of a response. */
async function startServer(
  answer: (call: Call) => Answer | Promise<Answer> = () => undefined,
  credentials = grpc.ServerCredentials.createInsecure(),
) {
  const calls: Call[] = [];
  const server = new grpc.Server();
  const method = { path: PATH, requestStream: false, responseStream: false } as const;
  const asIs = {
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  };
  server.addService(
    { Export: { ...method, ...asIs } },
    {
      async Export(call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) {
        const resources = encoding.decodeRequest(call.request);
        const scenarios = resources.map(({ resource }) => resource.attributes.scenario);
        const one = { scenarios, metadata: call.metadata.getMap() };
        calls.push(one);
        const given = await answer(one);
        if (given instanceof Uint8Array || given === undefined) done(null, Buffer.from(given ?? []));
        else done(given);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  closing.push(() => server.forceShutdown());
  return { calls, address: `127.0.0.1:${port}` };
}

const plain = { tls: { insecure: true } };

async function started(config: object, options: Parameters<typeof createTestContext>[0] = {}) {
  const context = createTestContext(options);
  const exporter = plugin.create(context.ctx, plugin.configSchema.parse(config)) as QueuedExporter;
  await exporter.start?.(never);
  closing.push(() => exporter.shutdown?.(never));
  return { ...context, exporter, send: (runs: readonly Run[], signal = never) => exporter.send(runs, signal) };
}

const cost = { name: 'cost_total_load_aware', unit: 'USD', description: '' };
const run = (scenario: string) => Run.of({ scenario, 'run.end_time': 1_700_000_000 }, { figures: [figure(cost, 1)] });
const [a, b] = [run('a'), run('b')];

describe('requests', () => {
  it('hold several runs, in gzip, with the metadata of the configuration', async () => {
    const { calls, address } = await startServer();
    const { send, logs } = await started({ endpoint: address, ...plain, headers: { 'X-Scope': 'team' } });
    expect(await send([a, b])).toEqual({ refused: [], deferred: [] });
    expect(calls).toEqual([{ scenarios: ['a', 'b'], metadata: expect.objectContaining({ 'x-scope': 'team' }) }]);
    expect(logs.join()).toContain(`sending OTLP to grpc://${address}`);
  });

  it('go to a URL too, and are not compressed where it says so', async () => {
    const { calls, address } = await startServer();
    const { send } = await started({ endpoint: `http://${address}/`, compression: 'none' });
    await send([a]);
    expect(calls).toHaveLength(1);
  });

  it('carry the credentials of an extension, which may change', async () => {
    const { calls, address } = await startServer();
    let token = 'one';
    const authenticators = { own: { clientAuth: () => ['Authorization', `Bearer ${token}`] as const } };
    const { send } = await started({ endpoint: address, ...plain, auth: { authenticator: 'own' } }, { authenticators });
    await send([a]);
    token = 'two';
    await send([a]);
    expect(calls.map(({ metadata }) => metadata.authorization)).toEqual(['Bearer one', 'Bearer two']);
  });
});

describe('answers', () => {
  const retryInfo = new grpc.Metadata();
  retryInfo.set(
    'grpc-status-details-bin',
    Buffer.from(encoding.encodeStatus({ code: 8, message: 'busy', retryAfter: 1 })),
  );

  it.each([
    ['CANCELLED', 'Error'],
    ['DEADLINE_EXCEEDED', 'Error'],
    ['ABORTED', 'Error'],
    ['OUT_OF_RANGE', 'Error'],
    ['UNAVAILABLE', 'Error'],
    ['DATA_LOSS', 'Error'],
    ['INVALID_ARGUMENT', 'RejectedError'],
    ['UNAUTHENTICATED', 'BlockedError'],
    ['PERMISSION_DENIED', 'BlockedError'],
    ['NOT_FOUND', 'BlockedError'],
    ['UNIMPLEMENTED', 'BlockedError'],
    ['RESOURCE_EXHAUSTED', 'DoubtfulError'],
    ['INTERNAL', 'DoubtfulError'],
    ['UNKNOWN', 'DoubtfulError'],
  ] as const)('of %s are an error of the kind %s', async (status, name) => {
    const { address } = await startServer(() => ({ code: grpc.status[status], details: 'the reason' }));
    const { send } = await started({ endpoint: address, ...plain });
    await expect(send([a])).rejects.toMatchObject({ name, message: expect.stringContaining('the reason') });
  });

  it('of RESOURCE_EXHAUSTED that say when to try again are for now', async () => {
    const { address } = await startServer(() => ({
      code: grpc.status.RESOURCE_EXHAUSTED,
      details: 'busy',
      metadata: retryInfo,
    }));
    const { send } = await started({ endpoint: address, ...plain });
    await expect(send([a])).rejects.toMatchObject({ name: 'Error' });
  });

  it('with a partial success refuse a run that is alone, and warn of several', async () => {
    const partial = encoding.encodeResponse({ rejectedDataPoints: 1, errorMessage: 'too old' });
    const { address } = await startServer(() => partial as Uint8Array);
    const { send, logs } = await started({ endpoint: address, ...plain });
    const place = `grpc://${address}`;
    const message = `${place} rejected 1 data points: too old`;
    expect((await send([a])).refused).toEqual([{ run: a, reason: 'rejected', message }]);
    expect(await send([a, b])).toEqual({ refused: [], deferred: [], rejectedPoints: 1 });
    expect(logs.join()).toContain(`${place} rejected 1 of the 2 data points of 2 runs: too old`);
  });

  it('are waited for no longer than the timeout, and never after a stop', async () => {
    const { address, calls } = await startServer(() => new Promise(() => {}));
    const { send } = await started({ endpoint: address, ...plain, timeout: '300ms' });
    await expect(send([a])).rejects.toThrow(/no answer from grpc:.*Deadline exceeded/);
    const stopping = new AbortController();
    const sent = send([b], stopping.signal);
    await expect.poll(() => calls.length).toBe(2);
    stopping.abort();
    await expect(sent).rejects.toThrow(/CANCELLED/);
  });
});

describe('a server', () => {
  it('that is away is said, and is found once it is there', async () => {
    const { address } = await startServer();
    const port = Number(address.split(':')[1]);
    closing.pop()?.();
    const { send } = await started({ endpoint: address, ...plain });
    await expect(send([a])).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining('ECONNREFUSED') });
    const server = new grpc.Server();
    await new Promise<unknown>((resolve) =>
      server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), resolve),
    );
    closing.push(() => server.forceShutdown());
    await expect.poll(() => send([a]).catch(({ name }) => name), { timeout: 20_000 }).toBe('BlockedError');
  });

  it('that speaks no gRPC is named', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { send } = await started({ endpoint: `127.0.0.1:${port}`, ...plain, timeout: '2s' });
    await expect(send([a])).rejects.toThrow(`no answer from grpc://127.0.0.1:${port}`);
  });

  it('with TLS is checked, and shown a certificate', async () => {
    const certificates = await createCertificates();
    onTestFinished(certificates.remove);
    const { ca, server, client, otherCa } = certificates;
    const pair = { private_key: await readFile(server.key), cert_chain: await readFile(server.cert) };
    const credentials = grpc.ServerCredentials.createSsl(await readFile(ca), [pair], true);
    const { address, calls } = await startServer(() => undefined, credentials);
    const own = { cert_file: client.cert, key_file: client.key };
    const { send } = await started({ endpoint: address, tls: { ca_file: ca, ...own } });
    await send([a]);
    const unchecked = await started({ endpoint: address, tls: { insecure_skip_verify: true, ...own } });
    await unchecked.send([b]);
    expect(unchecked.logs.join()).toContain('nobody checks');
    expect(calls.map(({ scenarios }) => scenarios)).toEqual([['a'], ['b']]);
    for (const tls of [
      { ca_file: otherCa, ...own },
      { ca_file: ca, ...own, server_name_override: 'other.example' },
    ]) {
      const { send } = await started({ endpoint: `https://${address}`, tls });
      await expect(send([a])).rejects.toMatchObject({ name: 'BlockedError' });
    }
    const { send: sendPlain } = await started({ endpoint: address, ...plain, timeout: '2s' });
    await expect(sendPlain([a])).rejects.toThrow('no answer');
  });
});

describe('the configuration', () => {
  it.each([
    ['127.0.0.1', false],
    ['collector:99999', false],
    ['ftp://collector:4317', false],
    ['http://user:secret@collector:4317', false],
    ['collector:4317', true],
    ['[::1]:4317', true],
    ['https://collector:4317', true],
  ])('of the endpoint %s is taken: %s', (endpoint, isTaken) => {
    expect(plugin.configSchema.safeParse({ endpoint }).success).toBe(isTaken);
  });

  it.each([
    [{ endpoint: 'https://a:1', tls: { insecure: true } }, 'contradicts'],
    [{ endpoint: 'http://a:1', tls: { ca_file: 'ca' } }, 'needs a server with TLS'],
    [{ endpoint: 'a:1', headers: { 'a b': 'c' } }, 'cannot be the name of a header'],
  ])('is refused where it contradicts itself: %j', (config, message) => {
    expect(() => plugin.create(createTestContext().ctx, plugin.configSchema.parse(config))).toThrow(message);
  });
});
