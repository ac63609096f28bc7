import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import {
  allTaken,
  deferAll,
  joinOutcomes,
  type Outcome,
  type Run,
  refuseAll,
  type Skipped,
  type SourceContext,
} from 'wattline/plugin';
import { createListeners } from '../../../test/kit/listening.ts';
import plugin from './index.ts';

const compress = promisify(gzip);
const json = { 'content-type': 'application/json' };
const never = new AbortController().signal;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A receiver on a free port of loopback, and what it hands over and skips. */
async function startReceiver(
  config: object = {},
  consume: (runs: readonly Run[]) => Promise<Outcome> = async () => allTaken,
) {
  const runs: Run[] = [];
  const skipped: Skipped[] = [];
  const logs: { msg: string }[] = [];
  const next = {
    consume: (list: readonly Run[]) => {
      runs.push(...list);
      return consume(list);
    },
  };
  const logger = pino({}, { write: (line: string) => logs.push(JSON.parse(line)) });
  const context: Partial<SourceContext> = { id: 'http', logger, http: createListeners(), next };
  const ctx = { ...context, skip: (one: Skipped) => skipped.push(one) } as SourceContext;
  const receiver = plugin.create(ctx, plugin.configSchema.parse({ endpoint: '127.0.0.1:0', ...config }));
  await receiver.start?.(never);
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(logs[0]?.msg ?? '')?.[0] as string;
  const shutdown = (signal: AbortSignal = never) => receiver.shutdown?.(signal) ?? Promise.resolve();
  closing.push(() => shutdown(AbortSignal.abort()));
  const post = async (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json) => {
    const response = await fetch(url + path, { method: 'POST', body, headers });
    const answer = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, body: answer, text: answer.toString() };
  };
  return { url, runs, skipped, logs, shutdown, post };
}

const point = { timeUnixNano: '1705315800000000000', asDouble: 5 };

/** An OTLP request with a run for each name, each with two points. */
function otlp(...names: string[]) {
  const metrics = [{ name: 'hw.host.power', unit: 'W', gauge: { dataPoints: [point, { ...point, asDouble: 6 }] } }];
  const resourceMetrics = names.map((name) => ({
    resource: { attributes: [{ key: 'scenario', value: { stringValue: name } }] },
    scopeMetrics: [{ metrics }],
  }));
  return JSON.stringify({ resourceMetrics });
}

const result = (name: string, fields: object = {}) => ({ name, step_seconds: 1, power_watts: [1, 2], ...fields });
const names = (runs: readonly Run[]) => runs.map(({ scenario }) => scenario);

/** A consumer that answers for each run by its name. */
const byName = (answers: Record<string, (run: Run) => Promise<Outcome>>) => async (runs: readonly Run[]) =>
  joinOutcomes(await Promise.all(runs.map((run) => answers[run.scenario ?? '']?.(run) ?? allTaken)));
const reject = async (run: Run) => refuseAll([run], 'rejected', 'it will never do');
const pushBack = async (run: Run) => deferAll([run], new Error('not now'));

describe('POST /v1/metrics', () => {
  it('hands every resource over as a run, and answers in the encoding of the request', async () => {
    const { runs, post, logs, url } = await startReceiver();
    expect(logs[0]?.msg).toBe(`receiving OTLP at ${url}/v1/metrics and results at ${url}/v1/results`);
    const inJson = await post('/v1/metrics', otlp('a', 'b'), { 'content-type': 'Application/JSON; charset=utf-8' });
    expect(inJson).toMatchObject({ status: 200, text: '{}' });
    expect(inJson.headers.get('content-type')).toBe('application/json');
    expect(names(runs)).toEqual(['a', 'b']);
    const request = ProtobufMetricsSerializer.serializeRequest(runs[1] as never) as Uint8Array<ArrayBuffer>;
    const inProtobuf = await post('/v1/metrics', request, { 'content-type': 'application/x-protobuf' });
    expect(inProtobuf).toMatchObject({ status: 200, text: '' });
    expect(inProtobuf.headers.get('content-type')).toBe('application/x-protobuf');
    expect(runs[2]?.scopeMetrics).toEqual(runs[1]?.scopeMetrics);
  });

  it('notes from which address a run came, but for a loopback one', async () => {
    const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
    const address = all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    const { runs, logs } = await startReceiver({ endpoint: '0.0.0.0:0' });
    const port = /:(\d+)\/v1\/metrics/.exec(logs[0]?.msg ?? '')?.[1];
    for (const [host, name] of [
      ['127.0.0.1', 'a'],
      [address ?? '127.0.0.1', 'b'],
    ] as const) {
      await fetch(`http://${host}:${port}/v1/metrics`, { method: 'POST', body: otlp(name), headers: json });
    }
    expect(runs.map(({ peer }) => peer)).toEqual([undefined, address]);
  });

  it('takes gzip', async () => {
    const { runs, post } = await startReceiver();
    const headers = { ...json, 'content-encoding': 'GZIP' };
    expect((await post('/v1/metrics', await compress(otlp('a')), headers)).status).toBe(200);
    expect((await post('/v1/metrics', otlp('b'), { ...json, 'content-encoding': 'identity' })).status).toBe(200);
    expect(names(runs)).toEqual(['a', 'b']);
  });

  it('answers once all runs are settled', async () => {
    const gate = Promise.withResolvers<Outcome>();
    const { runs, post } = await startReceiver({}, byName({ slow: () => gate.promise }));
    let answered = false;
    const answer = post('/v1/metrics', otlp('slow', 'quick')).finally(() => {
      answered = true;
    });
    await expect.poll(() => names(runs)).toEqual(['slow', 'quick']);
    await sleep(20);
    expect(answered).toBe(false);
    gate.resolve(allTaken);
    expect((await answer).status).toBe(200);
  });

  it('reports in a partial success what is rejected, here or in the pipeline, and counts it', async () => {
    const { skipped, post } = await startReceiver({}, byName({ bad: reject }));
    const request = JSON.parse(otlp('good', 'bad'));
    request.resourceMetrics[0].scopeMetrics[0].metrics.push({ name: 's', summary: { dataPoints: [point, point] } });
    const errorMessage = 'good: `s` is a summary, which is not taken; send a histogram (2 points); it will never do';
    const inJson = await post('/v1/metrics', JSON.stringify(request));
    expect(JSON.parse(inJson.text)).toEqual({ partialSuccess: { rejectedDataPoints: '4', errorMessage } });
    expect(inJson.status).toBe(200);
    expect(skipped).toEqual([
      { item: 'data_points', reason: 'unsupported_type', message: errorMessage.split('; it')[0] },
      { item: 'run', reason: 'rejected', message: 'it will never do' },
    ]);
  });

  it('reports it in protobuf too', async () => {
    const { runs, post } = await startReceiver({}, byName({ bad: reject }));
    await post('/v1/metrics', otlp('bad'));
    const request = ProtobufMetricsSerializer.serializeRequest(runs[0] as never) as Uint8Array<ArrayBuffer>;
    const answer = await post('/v1/metrics', request, { 'content-type': 'application/x-protobuf' });
    expect(ProtobufMetricsSerializer.deserializeResponse(answer.body)).toEqual({
      partialSuccess: { rejectedDataPoints: 2, errorMessage: 'it will never do' },
    });
  });

  it('pushes back where the pipeline does, and counts nothing, since all of it comes again', async () => {
    const { skipped, post } = await startReceiver({}, byName({ full: pushBack, bad: reject }));
    const answer = await post('/v1/metrics', otlp('bad', 'full'));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(answer.text)).toEqual({ code: 14, message: 'not now' });
    expect(skipped).toEqual([]);
  });

  it.each([
    ['is cut off', '{"resourceMetrics":[', {}, 400, 'not valid OTLP/JSON'],
    ['is of the wrong shape', '{"resourceMetrics":{}}', {}, 400, '`resourceMetrics` must be a list'],
    ['is empty', '', {}, 400, 'not valid OTLP/JSON'],
    ['is not gzip', '{}', { 'content-encoding': 'gzip' }, 400, 'incorrect header check'],
    ['is compressed otherwise', '{}', { 'content-encoding': 'br' }, 415, 'send gzip, zstd, deflate, or none'],
    ['is text', '{}', { 'content-type': 'text/plain' }, 415, 'send application/json or application/x-protobuf'],
  ])('says what is wrong with a body that %s', async (_, body, headers, status, message) => {
    const { post, runs } = await startReceiver();
    const answer = await post('/v1/metrics', body, { ...json, ...headers });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ code: 3, message: expect.stringContaining(message) });
    expect(runs).toEqual([]);
  });

  it('says in protobuf what is wrong with a body in protobuf', async () => {
    const { post } = await startReceiver();
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await post('/v1/metrics', Uint8Array.of(0x0a, 0x7f), headers);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/x-protobuf');
    expect([...answer.body.subarray(0, 3)]).toEqual([0x08, 3, 0x12]);
    expect(answer.text).toContain('not valid OTLP in protobuf: byte 0, resource_metrics[0], is cut off');
  });
});

describe('POST /v1/results', () => {
  it.each([
    ['a document', JSON.stringify({ scenarios: [result('a'), result('b')] }), json],
    [
      'NDJSON',
      `${JSON.stringify(result('a'))}\n${JSON.stringify(result('b'))}\n`,
      { 'content-type': 'application/x-ndjson' },
    ],
    [
      'text',
      JSON.stringify({ scenarios: [result('a'), result('b')] }),
      { 'content-type': 'text/plain; charset=utf-8' },
    ],
  ])('takes %s', async (_, body, headers) => {
    const { runs, post } = await startReceiver();
    const answer = await post('/v1/results', body, headers);
    expect(JSON.parse(answer.text)).toEqual({ accepted: 2, refused: [], refused_total: 0 });
    expect(answer.status).toBe(200);
    expect(names(runs)).toEqual(['a', 'b']);
    const compressed = await post('/v1/results', await compress(body), { ...headers, 'content-encoding': 'gzip' });
    expect(JSON.parse(compressed.text)).toMatchObject({ accepted: 2 });
  });

  it('takes the arrival for the end of a run that says nothing of its time', async () => {
    const { runs, post } = await startReceiver();
    const before = Date.now() / 1000;
    await post('/v1/results', JSON.stringify({ scenarios: [result('a'), result('b', { end_time: 100 })] }));
    expect(runs[0]?.endTime).toBeGreaterThanOrEqual(before);
    expect([runs[0]?.isDated, runs[1]?.endTime]).toEqual([true, 100]);
  });

  it('reads times without an offset by its `time_zone`, and refuses them without', async () => {
    const { runs, post, skipped } = await startReceiver({ time_zone: 'Europe/Berlin' });
    const body = JSON.stringify(result('a', { start_time: '2026-07-01T12:00:00' }));
    await post('/v1/results', body);
    expect(runs[0]?.startTime).toBe(Date.UTC(2026, 6, 1, 10) / 1000);
    expect(skipped).toEqual([]);
    const strict = await startReceiver();
    await strict.post('/v1/results', body);
    expect(strict.skipped).toMatchObject([{ item: 'start_time', reason: 'invalid_field' }]);
  });

  it('takes a body without a content type', async () => {
    const { url } = await startReceiver();
    const { response, text } = await exchange(open(url, '/v1/results'), JSON.stringify(result('a')));
    expect(response.statusCode).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ accepted: 1 });
  });

  it('lists and counts what is refused, and goes on', async () => {
    const { skipped, post } = await startReceiver({}, byName({ bad: reject }));
    const scenarios = [result('a', { power_watts: [1, '2'] }), 5, result('bad')];
    const answer = await post('/v1/results', JSON.stringify({ scenarios }));
    expect(answer.status).toBe(200);
    const refused = [
      { item: 'power_watts', reason: 'not_a_number', message: expect.stringContaining('sample 1 is "2"') },
      { item: 'run', reason: 'not_an_object', message: expect.any(String) },
      { item: 'run', reason: 'rejected', message: 'it will never do' },
    ];
    expect(JSON.parse(answer.text)).toEqual({ accepted: 1, refused, refused_total: 3 });
    expect(skipped).toEqual(refused);
  });

  it('answers 400 where nothing is accepted, and lists no more than 100 refusals', async () => {
    const { skipped, post } = await startReceiver();
    const answer = await post('/v1/results', JSON.stringify({ scenarios: Array(150).fill(0) }));
    expect(answer.status).toBe(400);
    const { accepted, refused, refused_total } = JSON.parse(answer.text);
    expect([accepted, refused.length, refused_total, skipped.length]).toEqual([0, 100, 150, 150]);
    expect((await post('/v1/results', 'no JSON')).status).toBe(400);
    expect((await post('/v1/results', '')).status).toBe(400);
  });

  it('pushes back where the pipeline does', async () => {
    const { post } = await startReceiver({}, byName({ full: pushBack }));
    const answer = await post('/v1/results', JSON.stringify({ scenarios: [result('a'), result('full')] }));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(answer.text)).toEqual({ accepted: 1, refused: [], refused_total: 0, message: 'not now' });
  });

  it('does not take what is no text', async () => {
    const { post } = await startReceiver();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await post('/v1/results', JSON.stringify(result('a')), headers);
    expect(answer.status).toBe(415);
    expect(JSON.parse(answer.text).message).toContain('send application/json or text/plain');
  });

  it('hands runs over while the rest still comes in, never more than 512 at once', async () => {
    const gate = Promise.withResolvers<Outcome>();
    let underWay = 0;
    let most = 0;
    const { url, runs } = await startReceiver({}, async (list) => {
      underWay += list.length;
      most = Math.max(most, underWay);
      const outcome = await gate.promise;
      underWay -= list.length;
      return outcome;
    });
    const request = open(url, '/v1/results', json);
    request.write(`${JSON.stringify(result('first'))}\n`);
    await expect.poll(() => names(runs)).toEqual(['first']);
    request.write(Array.from({ length: 999 }, (_, index) => JSON.stringify(result(`run ${index}`))).join('\n'));
    await expect.poll(() => runs.length).toBeGreaterThan(1);
    gate.resolve(allTaken);
    const { text } = await exchange(request);
    expect(JSON.parse(text)).toMatchObject({ accepted: 1000 });
    expect(most).toBeLessThanOrEqual(512);
  });
});

it('with tokens takes runs only from those who have one', async () => {
  const { post, runs } = await startReceiver({ auth: { bearer_tokens: ['right'] } });
  for (const [path, body] of [
    ['/v1/metrics', otlp('a')],
    ['/v1/results', JSON.stringify({ scenarios: [result('a')] })],
  ] as const) {
    for (const authorization of ['Bearer wrong', ''])
      expect((await post(path, body, { ...json, authorization })).status).toBe(401);
    expect(runs).toEqual([]);
    expect((await post(path, body, { ...json, authorization: 'Bearer right' })).status).toBe(200);
    expect(names(runs.splice(0))).toEqual(['a']);
  }
});

describe('a body beyond the limit', () => {
  const limit = { max_request_body_size_mib: 0.5 };
  const MIB = 1024 * 1024;

  it.each(['/v1/metrics', '/v1/results'])('is not taken at %s, whatever it is packed into', async (path) => {
    const { post, url, runs } = await startReceiver(limit);
    const tooLong = ' '.repeat(MIB);
    expect((await post(path, tooLong)).status).toBe(413);
    const bomb = await compress(tooLong);
    expect(bomb.length).toBeLessThan(2000);
    const answer = await post(path, bomb, { ...json, 'content-encoding': 'gzip' });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('more than 0.5 MiB uncompressed');
    const request = open(url, path, json);
    for (let i = 0; i < 64; i++) request.write(tooLong);
    expect((await exchange(request)).response.statusCode).toBe(413);
    expect(runs).toEqual([]);
  });

  it('of results costs no run that came before it', async () => {
    const { post, runs } = await startReceiver(limit);
    const answer = await post('/v1/results', `${JSON.stringify(result('a'))}\n${' '.repeat(MIB)}`);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 1 });
    expect(names(runs)).toEqual(['a']);
  });

  it('is taken right up to it', async () => {
    const { post } = await startReceiver(limit);
    const text = otlp('a');
    expect((await post('/v1/metrics', text + ' '.repeat(MIB / 2 - text.length))).status).toBe(200);
    expect((await post('/v1/metrics', text + ' '.repeat(MIB / 2 - text.length + 1))).status).toBe(413);
  });
});

describe('what one request may make', () => {
  it.each([
    ['resources', { max_resources: 2 }, { resourceMetrics: [{}, {}, {}] }],
    ['metrics', { max_metrics: 3 }, { resourceMetrics: [{ scopeMetrics: [{ metrics: [{}, {}, {}] }] }] }],
    ['points', { max_points: 3 }, JSON.parse(otlp('a', 'b'))],
    ['attributes', { max_attributes: 1 }, JSON.parse(otlp('a', 'b'))],
  ])('is limited in %s', async (what, config, request) => {
    const { post, runs } = await startReceiver(config);
    const answer = await post('/v1/metrics', JSON.stringify(request));
    expect(answer.status).toBe(413);
    const [[setting, limit]] = Object.entries(config) as [[string, number]];
    const message = `the request has more than ${limit} ${what}, which is ${setting}`;
    expect(JSON.parse(answer.text)).toEqual({ code: 3, message });
    expect(runs).toEqual([]);
  });

  it('is limited in runs, of which those before are taken', async () => {
    const { post, runs } = await startReceiver({ max_runs: 2 });
    const scenarios = ['a', 'b', 'c'].map((name) => result(name));
    const answer = await post('/v1/results', `${scenarios.map((run) => JSON.stringify(run)).join('\n')}\n`);
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ message: 'there are more than 2 runs, which is max_runs' });
    expect(names(runs)).toEqual(['a', 'b']);
  });

  it('is limited in the bytes of a run, which is refused alone', async () => {
    const { post, runs } = await startReceiver({ max_run_size_mib: 1 / 16 });
    const long = result('long', { power_watts: Array(100_000).fill(1) });
    const answer = await post('/v1/results', JSON.stringify({ scenarios: [long, result('short')] }));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 1, refused_total: 1 });
    expect(names(runs)).toEqual(['short']);
  });

  it('costs nothing where it says nothing', async () => {
    const { post, runs } = await startReceiver();
    const empty = { resourceMetrics: [{}, { resource: {} }, { scopeMetrics: [{}, { metrics: [{}] }] }] };
    expect((await post('/v1/metrics', JSON.stringify(empty))).status).toBe(200);
    expect(runs).toEqual([]);
  });
});

describe('a gzip body that is cut off', () => {
  it.each(['/v1/metrics', '/v1/results'])('is malformed at %s', async (path) => {
    const { post } = await startReceiver();
    const half = (await compress(otlp('a'))).subarray(0, -12);
    const answer = await post(path, half, { ...json, 'content-encoding': 'gzip' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('unexpected end of file');
  });
});

describe('a client that goes away', () => {
  it.each([
    ['/v1/metrics', {}],
    ['/v1/results', {}],
    ['/v1/metrics', { 'content-encoding': 'gzip' }],
    ['/v1/results', { 'content-encoding': 'gzip' }],
  ])('in the middle of a request to %s %j leaves nothing behind', async (path, headers) => {
    const { url, shutdown, post, logs } = await startReceiver();
    const body = Buffer.from(JSON.stringify({ scenarios: [result('a')] }));
    const sent = 'content-encoding' in headers ? await compress(body) : body;
    const length = String(sent.length + 10);
    const request = open(url, path, { ...json, ...headers, 'content-length': length, expect: '100-continue' });
    request.flushHeaders();
    await once(request, 'continue');
    await new Promise((resolve) => request.write(sent, resolve));
    request.destroy();
    expect((await post('/v1/metrics', otlp('b'))).status).toBe(200);
    await shutdown();
    expect(logs.slice(1)).toEqual([]);
  });
});

describe('a receiver that is stopped', () => {
  it('answers what is under way, turns new requests away, and closes', async () => {
    const gate = Promise.withResolvers<Outcome>();
    const { runs, post, shutdown } = await startReceiver({}, byName({ slow: () => gate.promise }));
    const slow = post('/v1/metrics', otlp('slow'));
    await expect.poll(() => names(runs)).toEqual(['slow']);
    const stopped = shutdown();
    const late = await post('/v1/metrics', otlp('late'));
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
    expect(names(runs)).toEqual(['slow']);
    gate.resolve(allTaken);
    expect((await slow).status).toBe(200);
    await stopped;
    await expect(post('/v1/metrics', otlp('later'))).rejects.toThrow('fetch failed');
  });

  it('waits no longer than its deadline', async () => {
    const { runs, post, shutdown } = await startReceiver({}, () => new Promise(() => {}));
    const stuck = post('/v1/results', JSON.stringify(result('stuck')));
    await expect.poll(() => names(runs)).toEqual(['stuck']);
    const deadline = new AbortController();
    const stopped = shutdown(deadline.signal);
    deadline.abort();
    expect((await stuck).status).toBe(503);
    await stopped;
  });

  it('opens nothing before it is started', async () => {
    const context = { id: 'http', logger: pino({ enabled: false }), http: createListeners() };
    const receiver = plugin.create(context as SourceContext, plugin.configSchema.parse({}));
    await receiver.shutdown?.(never);
  });
});

function open(url: string, path: string, headers: Record<string, string> = {}): ClientRequest {
  const request = httpRequest(url + path, { method: 'POST', headers });
  // A server that has answered may close before it has read everything; without an answer, waiting for one fails.
  return request.on('error', () => {});
}

async function exchange(request: ClientRequest, body = ''): Promise<{ response: IncomingMessage; text: string }> {
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  request.end(body);
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += chunk;
  return { response, text };
}
