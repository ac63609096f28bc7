import { once } from 'node:events';
import { createServer } from 'node:net';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../test/kit/free-port.ts';
import { anyPort, say } from '../../test/kit/listening.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import type { Component, Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { RejectedError, WattlineError } from '../errors.ts';
import { Loader } from '../loader.ts';
import type { AnyPlugin, Consumer } from '../plugin/contract.ts';
import { allTaken, type Context, definePlugin, type Outcome, type Receiver, Run, z } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { Service } from './service.ts';

const run = (scenario: string) => Run.of({ scenario });
const never = new AbortController().signal;
const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Hook = (signal: AbortSignal, ctx: Context) => Promise<void> | void;

/** What the stages of one test do, by id, and what they did. */
class Bench {
  readonly events: string[] = [];
  readonly lines: string[] = [];
  onStart: Record<string, Hook> = {};
  onShutdown: Record<string, Hook> = {};
  /** Receivers that can read once; the others cannot. */
  read: Record<string, (next: Consumer, signal: AbortSignal) => Promise<void>> = {};
  send: (scenario: unknown, signal: AbortSignal) => Promise<void> = async () => {};

  service({ receivers = ['source'], once = false } = {}): Service {
    const stages: [Kind, string][] = [
      ...receivers.map((id): [Kind, string] => ['receiver', id]),
      ['processor', 'first'],
      ['processor', 'second'],
      ['exporter', 'direct'],
      ['exporter', 'queued'],
      ['extension', 'helper'],
    ];
    const components = stages.map(([kind, id]) => this.#component(kind, id));
    const processors = ['first', 'second'];
    const exporters = ['direct', 'queued'];
    const configuration: Configuration = {
      components,
      pipelines: [{ id: 'metrics', receivers, processors, exporters }],
      extensions: ['helper'],
      logLevel: 'info',
      warnings: [],
      streamRemedy: async () => 'see the README',
    };
    const logger = pino({ base: null }, { write: (line: string) => void this.lines.push(JSON.parse(line).msg) });
    return new Service(configuration, { logger, stdout: process.stdout, once });
  }

  #component(kind: Kind, id: string): Component {
    const lifecycleOf = (ctx: Context) => ({
      start: async (signal: AbortSignal) => {
        this.events.push(`start ${id}`);
        await this.onStart[id]?.(signal, ctx);
      },
      shutdown: async (signal: AbortSignal) => {
        this.events.push(`stop ${id}`);
        await this.onShutdown[id]?.(signal, ctx);
      },
    });
    const pause = 3_600_000;
    const retry = {
      enabled: true,
      initial_interval: pause,
      randomization_factor: 0,
      multiplier: 1,
      max_interval: pause,
    };
    const create = (ctx: Context & { next?: Consumer }) => {
      const { next } = ctx;
      const lifecycle = lifecycleOf(ctx);
      if (kind === 'receiver') {
        const read = this.read[id];
        const readOnce: Receiver['readOnce'] = (signal) => read?.(next as Consumer, signal) ?? Promise.resolve();
        return read ? { ...lifecycle, readOnce } : lifecycle;
      }
      if (kind === 'processor') return { ...lifecycle, consume: next?.consume.bind(next) };
      if (id === 'direct') return { ...lifecycle, consume: async () => allTaken };
      return {
        ...lifecycle,
        queue: { queue_size: 10, num_consumers: 1, maxRuns: 1, retry: { ...retry, max_elapsed_time: 0 } },
        send: async ([first]: readonly Run[], signal: AbortSignal) => {
          await this.send(first?.scenario, signal);
          return allTaken;
        },
      };
    };
    const plugin = definePlugin({
      contract: 2,
      kind,
      type: id,
      stability: 'stable',
      configSchema: z.strictObject({}),
      create: create as never,
    });
    const at = { file: 'a.yaml', line: 1, column: 1 };
    return { kind, id, plugin: plugin as unknown as AnyPlugin, config: {}, at, directory: '/' };
  }
}

const order = ['helper', 'direct', 'queued', 'second', 'first', 'source'];

describe('starting and stopping', () => {
  it('starts exporters, processors from last to first and receivers last, and stops the other way', async () => {
    const bench = new Bench();
    const service = bench.service();
    expect(bench.events).toEqual([]);
    await service.start(never);
    expect(bench.events).toEqual(order.map((id) => `start ${id}`));
    expect(await service.stop()).toEqual([]);
    expect(bench.events.slice(6)).toEqual(order.toReversed().map((id) => `stop ${id}`));
    expect(await service.stop()).toEqual([]);
    expect(bench.events).toHaveLength(12);
  });

  it('has senders come again while the stage that is to answer them is still to start, and no longer', async () => {
    const bench = new Bench();
    let url = '';
    const statuses: number[] = [];
    const ask = async () => void statuses.push((await fetch(`${url}/v1/metrics`, { method: 'POST' })).status);
    bench.onStart.direct = async (_, { http }) => {
      const listening = await http.listen(anyPort, { 'GET /metrics': say('') });
      closing.push(listening.close);
      url = listening.url;
    };
    bench.onStart.source = ask;
    await bench.service().start(never);
    await ask();
    expect(statuses).toEqual([503, 404]);
  });

  it('waits for each stage before the next', async () => {
    const bench = new Bench();
    const gate = Promise.withResolvers<void>();
    bench.onStart.queued = () => gate.promise;
    const started = bench.service().start(never);
    await new Promise(setImmediate);
    expect(bench.events).toEqual(['start helper', 'start direct', 'start queued']);
    gate.resolve();
    await started;
    expect(bench.events.at(-1)).toBe('start source');
  });

  it('stops what had started, in reverse, where a stage cannot start', async () => {
    const bench = new Bench();
    bench.onStart.second = () => Promise.reject(new Error('no GPU', { cause: new Error('no driver') }));
    bench.onShutdown.queued = () => Promise.reject(new Error('stuck'));
    const error = await bench
      .service()
      .start(never)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WattlineError);
    expect(error).toMatchObject({ code: 'START_FAILED', message: 'processor second cannot start: no GPU: no driver' });
    expect(bench.events.slice(4)).toEqual(['stop queued', 'stop direct', 'stop helper']);
    expect(bench.lines).toEqual(['exporter queued did not stop cleanly: stuck']);
  });

  it('starts nothing more once it is told to stop', async () => {
    const bench = new Bench();
    const stopped = new AbortController();
    bench.onStart.direct = () => stopped.abort();
    const service = bench.service();
    await service.start(stopped.signal);
    expect(bench.events).toEqual(['start helper', 'start direct']);
    await service.stop();
    expect(bench.events.slice(2)).toEqual(['stop direct', 'stop helper']);
  });

  it('gathers what goes wrong, and stops the rest', async () => {
    const bench = new Bench();
    bench.onShutdown.source = () => {
      throw new Error('one');
    };
    bench.onShutdown.second = () => Promise.reject(new Error('two'));
    const service = bench.service();
    await service.start(never);
    expect((await service.stop()).map(({ message }) => message)).toEqual([
      'receiver source did not stop cleanly: one',
      'processor second did not stop cleanly: two',
    ]);
    expect(bench.events.slice(6)).toEqual(order.toReversed().map((id) => `stop ${id}`));
  });

  it('tells a stage that its time is up, then goes on without it', async () => {
    const bench = new Bench();
    let told = false;
    bench.onShutdown.second = async (signal) => {
      await once(signal, 'abort');
      told = true;
      await new Promise(() => {});
    };
    const service = bench.service();
    await service.start(never);
    expect((await service.stop()).map(({ message }) => message)).toEqual([
      'processor second did not stop cleanly: it took longer than 5 s',
    ]);
    expect(told).toBe(true);
    expect(bench.events.at(-1)).toBe('stop helper');
  });

  it('lets a receiver that waits for a server that is away stop at once', async () => {
    const bench = new Bench();
    bench.send = () => Promise.reject(new Error('away'));
    let consuming: Promise<Outcome> = Promise.resolve(allTaken);
    bench.read.source = async (next, signal) => {
      consuming = next.consume([run('a')], signal);
    };
    bench.onShutdown.source = () => consuming.then(() => {});
    const service = bench.service({ once: true });
    await service.start(never);
    await service.readOnce(never);
    await new Promise(setImmediate);
    expect(bench.lines).toEqual(['could not send, will try again: away']);
    expect(await service.stop()).toEqual([]);
    expect(await consuming).toMatchObject({ deferred: [{ scenario: 'a' }], cause: { message: 'away' } });
  });
});

describe('reading once', () => {
  it('starts no receiver, has all that can read do so, and says what came of it', async () => {
    const bench = new Bench();
    bench.read = {
      a: async (next, signal) => {
        for (const name of ['1', '2']) await next.consume([run(name)], signal);
      },
      b: async (next, signal) => {
        for (const name of ['bad', '3', 'bad']) await next.consume([run(name)], signal);
      },
    };
    bench.send = async (scenario) => {
      if (scenario === 'bad') throw new RejectedError('no such scenario');
    };
    const service = bench.service({ receivers: ['a', 'b', 'listens'], once: true });
    await service.start(never);
    expect(await service.readOnce(never)).toEqual({ delivered: 3, failures: new Map([['no such scenario', 2]]) });
    expect(bench.lines).toEqual(['receiver listens waits for others to call, and is not started']);
    expect(await service.stop()).toEqual([]);
    expect(bench.events.filter((event) => /(a|b|listens)$/.test(event))).toEqual([]);
  });

  it('hurries when it is told to stop, and says that not everything was read', async () => {
    const bench = new Bench();
    const sent = Promise.withResolvers<void>();
    bench.read.source = async (next, signal) => {
      await next.consume([run('a')], signal);
    };
    bench.send = async () => {
      sent.resolve();
      throw new Error('away');
    };
    const service = bench.service({ once: true });
    await service.start(never);
    const stopped = new AbortController();
    const reading = service.readOnce(stopped.signal);
    await sent.promise;
    stopped.abort();
    const message = 'stopped before everything had been read';
    await expect(reading).rejects.toMatchObject({ code: 'NOT_DELIVERED', message });
    await service.stop();
  });

  it('has nothing to read where no receiver can', async () => {
    const service = new Bench().service({ receivers: ['a', 'b'], once: true });
    await service.start(never);
    await expect(service.readOnce(never)).rejects.toMatchObject({
      code: 'NOTHING_TO_READ',
      message: 'no receiver can read once and end: a, b',
    });
    await service.stop();
  });

  it('waits for all receivers before it says which could not read', async () => {
    const bench = new Bench();
    let finished = false;
    bench.read = {
      a: () => Promise.reject(new Error('no file matches x')),
      b: async () => {
        await new Promise(setImmediate);
        finished = true;
      },
    };
    const service = bench.service({ receivers: ['a', 'b'], once: true });
    await service.start(never);
    const error = await service.readOnce(never).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'NOTHING_TO_READ', message: 'receiver a: no file matches x' });
    expect(finished).toBe(true);
    await service.stop();
  });
});

describe('a service with the bundled stages', () => {
  const configure = async (folder: TemporaryFolder, exporters: string): Promise<Configuration> => {
    const pipelines =
      'service: { pipelines: { metrics: { receivers: [file], exporters: [prometheus, prometheus/b] } } }';
    await folder.write({
      'a.yaml': `receivers: { file: { include: [x.json] } }\nexporters: ${exporters}\n${pipelines}\n`,
    });
    return loadConfiguration([`${folder.path}/a.yaml`], { loader: new Loader(), environment: {} });
  };
  const options = { logger: pino({ enabled: false }), stdout: process.stdout, once: false };

  it('frees its ports where another one is taken, and starts once that is free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    closing.push(() => other.close());
    await once(other, 'listening');
    const { port: taken } = other.address() as { port: number };
    const port = await freePort();
    const folder = await temporaryFolder();
    closing.push(folder.remove);
    const exporters = `{ prometheus: { endpoint: 127.0.0.1:${port} }, prometheus/b: { endpoint: 127.0.0.1:${taken} } }`;
    const configuration = await configure(folder, exporters);
    const service = new Service(configuration, options);
    await expect(service.start(never)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: `exporter prometheus/b cannot start: 127.0.0.1:${taken} is in use by another program; stop it, or set another \`endpoint\``,
    });
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    other.close();
    await once(other, 'close');
    const again = new Service(configuration, options);
    closing.push(() => again.stop());
    await again.start(never);
    for (const each of [port, taken]) expect(await (await fetch(`http://127.0.0.1:${each}/health`)).text()).toBe('OK');
    expect(await again.stop()).toEqual([]);
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  });
});
