import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { liveMetric, liveRun } from '../../test/kit/live-streams.ts';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { memoryStorage } from '../../test/kit/memory-storage.ts';
import type { Component, Configuration } from '../config/configuration.ts';
import { ConfigurationError } from '../errors.ts';
import type { AnyPlugin, Consumer } from '../plugin/contract.ts';
import {
  allTaken,
  deferAll,
  definePlugin,
  hostPower,
  type Outcome,
  Run,
  refuseAll,
  Series,
  type SourceContext,
  samplesOf,
  transform,
  z,
} from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { memoryStates } from '../plugin/states.ts';
import type { Deliveries } from './deliveries.ts';
import { buildGraph, type Graph } from './graph.ts';
import type { Node } from './node.ts';
import { countPointsOn } from './point-counts.ts';
import { SendingQueue } from './sending-queue.ts';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const configSchema = z.strictObject({});
const { signal } = new AbortController();
/** A run with three data points. */
const run = Run.of(
  { scenario: 'a' },
  { samples: [samplesOf(hostPower, Series.regular([0, 0], 1, Float64Array.of(1, 2, 3)))] },
);

/** Everything that the stages of one test made and saw. */
/** A processor that hands on what it gets. */
const passOn = ({ next }: SourceContext) => transform(next, (given) => given);

class Bench {
  readonly created: string[] = [];
  readonly receivers = new Map<string, Consumer>();
  readonly sinks = new Map<string, MemorySink>();
  readonly reader = new Reader();
  readonly deliveries: Deliveries = { delivered: 0, failures: new Map() };
  decide: (id: string, runs: readonly Run[]) => Promise<Outcome> | Promise<void> | Outcome | void = () => {};
  refuse: string[] = [];
  readonly observed: Run[] = [];

  readonly #plugins: Record<string, AnyPlugin> = {
    source: this.#plugin('receiver', 'source', ({ id, next }) => {
      this.receivers.set(id, next);
      return {};
    }),
    /** Writes its number into the run's path. */
    step: this.#plugin('processor', 'step', ({ id, next }) => {
      const number = this.created.length;
      return transform(next, (given) =>
        given.with({ attributes: { path: `${given.attributes.path ?? ''}>${id}#${number}` } }),
      );
    }),
    values: { ...this.#plugin('processor', 'values', passOn), reads: { 'hw.host.power': 'W' } } as AnyPlugin,
    slices: { ...this.#plugin('processor', 'slices', passOn), streams: 'slices' } as AnyPlugin,
    sink: this.#plugin('exporter', 'sink', ({ id }) => {
      const sink = new MemorySink((runs) => this.decide(id, runs));
      this.sinks.set(id, sink);
      return sink;
    }),
    queued: this.#plugin('exporter', 'queued', ({ id }) => {
      const retry = { enabled: false } as never;
      const sink = new MemorySink((runs) => this.decide(id, runs));
      this.sinks.set(id, sink);
      return {
        queue: { queue_size: 10, num_consumers: 1, maxRuns: 10, retry },
        send: (runs, within) => sink.consume(runs, within),
      };
    }),
    stored: this.#plugin('exporter', 'stored', ({ id }) => {
      const sink = new MemorySink((runs) => this.decide(id, runs));
      this.sinks.set(id, sink);
      return {
        queue: {
          queue_size: 10,
          num_consumers: 1,
          maxRuns: 10,
          storage: 'keeper / a',
          retry: { enabled: false } as never,
        },
        send: (runs, within) => sink.consume(runs, within),
      };
    }),
    keeper: this.#plugin('extension', 'keeper', () => ({ storage: memoryStorage() })),
    helper: this.#plugin('extension', 'helper', () => ({})),
    watcher: this.#plugin('extension', 'watcher', () => ({ observe: (runs) => this.observed.push(...runs) })),
  };

  #plugin<K extends Kind>(
    kind: K,
    type: string,
    create: Parameters<typeof definePlugin<K, object>>[0]['create'],
  ): AnyPlugin {
    return definePlugin<K, object>({
      contract: 2,
      kind,
      type,
      stability: 'stable',
      configSchema,
      create: (ctx, config) => {
        this.created.push(`${kind} ${ctx.id}`);
        if (this.refuse.includes(ctx.id)) throw new Error(`no ${ctx.id} here`);
        return create(ctx, config);
      },
    }) as unknown as AnyPlugin;
  }

  build(pipelines: readonly string[][][], extensions: string[] = []): Graph {
    const kinds: Record<string, Kind> = {
      source: 'receiver',
      step: 'processor',
      values: 'processor',
      slices: 'processor',
      sink: 'exporter',
      queued: 'exporter',
      stored: 'exporter',
    };
    const ids = new Set([...pipelines.flat(2), ...extensions]);
    const components = [...ids].map((id, index): Component => {
      const type = id.split('/')[0] as string;
      const at = { file: 'a.yaml', line: index + 1, column: 1 };
      return {
        kind: kinds[type] ?? 'extension',
        id,
        plugin: this.#plugins[type] as AnyPlugin,
        config: {},
        at,
        directory: '/',
      };
    });
    const configuration: Configuration = {
      components,
      pipelines: pipelines.map(([receivers = [], processors = [], exporters = []], index) => ({
        id: `metrics/${index}`,
        receivers,
        processors,
        exporters,
      })),
      extensions,
      logLevel: 'info',
      warnings: [],
      streamRemedy: async () => 'see the README',
    };
    const meter = new MeterProvider({ readers: [this.reader] }).getMeter('test');
    const logger = pino({ enabled: false });
    const contextFor = ({ id }: Component) => ({ id, logger, meter }) as unknown as SourceContext;
    const graph = buildGraph(configuration, {
      meter,
      points: countPointsOn(meter),
      contextFor,
      memory: memoryStates(),
      awaitsDelivery: false,
      maxElapsedTime: 0,
      stopping: signal,
      deliveries: this.deliveries,
    });
    graph.connect();
    return graph;
  }

  paths(sink: string): unknown[] | undefined {
    return this.sinks.get(sink)?.runs.map(({ attributes }) => attributes.path);
  }

  async send(receiver: string, runs: readonly Run[] = [run]): Promise<Outcome> {
    return this.receivers.get(receiver)?.consume(runs, signal) ?? deferAll(runs, new Error('no such receiver'));
  }

  /** What has been counted, as `name label=value` to number; without what is still 0. */
  async counters(): Promise<Record<string, unknown>> {
    const all = Object.entries(await this.gathered());
    return Object.fromEntries(all.filter(([name, value]) => value !== 0 || name.includes('_queue_')));
  }

  /** The same with what is 0. */
  async gathered(): Promise<Record<string, unknown>> {
    const { resourceMetrics } = await this.reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(
      metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => {
          const [[label, id] = []] = Object.entries(attributes);
          return [`${descriptor.name.replace(/^otelcol_|_metric_points$/g, '')} ${label}=${id}`, value];
        }),
      ),
    );
  }
}

const ids = (nodes: readonly Node[]) => nodes.map(({ kind, id }) => `${kind} ${id}`);

describe('a graph', () => {
  it('leads runs from receivers through processors in their order to every exporter', async () => {
    const bench = new Bench();
    bench.build([[['source'], ['step/a', 'step/b'], ['sink/a', 'sink/b']]]);
    await bench.send('source');
    expect(bench.paths('sink/a')).toEqual([expect.stringMatching(/^>step\/a#\d+>step\/b#\d+$/)]);
    expect(bench.paths('sink/b')).toEqual(bench.paths('sink/a'));
  });

  it('makes a processor for each pipeline, and a receiver and an exporter once for all', async () => {
    const bench = new Bench();
    bench.build([
      [['source'], ['step'], ['sink/a', 'sink/shared']],
      [['source', 'source/second'], ['step'], ['sink/shared']],
    ]);
    expect(bench.created.sort()).toEqual([
      'exporter sink/a',
      'exporter sink/shared',
      'processor step',
      'processor step',
      'receiver source',
      'receiver source/second',
    ]);
    await bench.send('source');
    expect(bench.paths('sink/a')).toHaveLength(1);
    expect(new Set(bench.paths('sink/shared')).size).toBe(2);
    await bench.send('source/second');
    expect(bench.paths('sink/a')).toHaveLength(1);
    expect(bench.paths('sink/shared')).toHaveLength(3);
  });

  it('has its stages in the order in which they start', () => {
    const { downstream, receivers } = new Bench().build(
      [
        [
          ['source/b', 'source/a'],
          ['step/1', 'step/2', 'step/3'],
          ['sink/b', 'sink/a'],
        ],
        [['source/a'], ['step/1'], ['sink/c']],
      ],
      ['helper'],
    );
    expect(ids(downstream)).toEqual([
      'extension helper',
      'exporter sink/b',
      'exporter sink/a',
      'exporter sink/c',
      'processor step/3',
      'processor step/2',
      'processor step/1',
      'processor step/1',
    ]);
    expect(ids(receivers)).toEqual(['receiver source/b', 'receiver source/a']);
  });

  it('shows an extension what reaches the exporters, once for each pipeline', async () => {
    const bench = new Bench();
    bench.build(
      [
        [['source'], ['step'], ['sink/a', 'sink/b']],
        [['source'], [], ['sink/a']],
      ],
      ['helper', 'watcher'],
    );
    await bench.send('source');
    const paths = bench.observed.map(({ attributes }) => attributes.path);
    expect(paths.map(String).sort()).toEqual(['>step#5', 'undefined']);
  });

  it('puts a sending queue before an exporter that asks for one', async () => {
    const bench = new Bench();
    const { downstream } = bench.build([[['source'], [], ['queued', 'sink']]]);
    expect(downstream.map(({ stage }) => stage instanceof SendingQueue)).toEqual([true, false]);
    await Promise.all([bench.send('source'), bench.send('source')]);
    expect(bench.sinks.get('queued')?.runs).toEqual([run, run]);
  });

  it('keeps the queue of an exporter in the storage that it names, and counts what arrives rather than what is taken', async () => {
    const bench = new Bench();
    const arrival = Promise.withResolvers<void>();
    bench.decide = () => arrival.promise;
    const graph = bench.build([[['source'], [], ['stored']]], ['keeper/a']);
    expect(graph.storedQueues).toEqual([graph.downstream[1]?.stage]);
    for (const { stage } of graph.downstream) await stage.start?.(signal);
    expect(await bench.send('source')).toEqual(allTaken);
    expect(await bench.counters()).toEqual({
      'receiver_accepted receiver=source': 3,
      'exporter_queue_size exporter=stored': 1,
      'exporter_queue_capacity exporter=stored': 10,
    });
    arrival.resolve();
    await expect.poll(() => bench.counters()).toMatchObject({ 'exporter_sent exporter=stored': 3 });
    expect(await bench.counters()).toMatchObject({ 'exporter_queue_size exporter=stored': 0 });
    for (const { stage } of graph.downstream.toReversed()) await stage.shutdown?.(signal);
  });

  it('notes what last failed where it failed, and what receivers were told', async () => {
    const bench = new Bench();
    bench.decide = (id) => {
      if (id !== 'sink/well') throw new Error(`${id} is away`);
    };
    const graph = bench.build([[['source'], ['step'], ['sink/well', 'sink/ill', 'queued']]]);
    expect(await bench.send('source')).toMatchObject({ deferred: [run] });
    const nodes = [...graph.downstream, ...graph.receivers];
    expect(nodes.map(({ id, pipeline, health }) => [id, pipeline, health.lastError?.message])).toEqual([
      ['sink/well', undefined, undefined],
      ['sink/ill', undefined, 'sink/ill is away'],
      ['queued', undefined, 'queued is away'],
      ['step', 'metrics/0', undefined],
      ['source', undefined, 'sink/ill is away; queued is away'],
    ]);
  });

  it('reports an exporter whose storage is not there', () => {
    expect(() => new Bench().build([[['source'], [], ['stored']]], ['helper'])).toThrow(
      'a.yaml:2:1 exporters.stored: no extension `keeper / a` that is started offers storage; configure one, and list it in service.extensions [CONFIG_UNDEFINED_REFERENCE]',
    );
  });

  it('reports every stage that refuses its configuration, with its place', () => {
    const bench = new Bench();
    bench.refuse = ['step/a', 'sink/b', 'source'];
    const problemOf = (id: string, kind: string, line: number) => ({
      code: 'PLUGIN_CREATE_FAILED',
      at: { file: 'a.yaml', line, column: 1 },
      path: `${kind}s.${id}`,
      message: `no ${id} here`,
      remedy: `check its settings against the README of the ${kind} \`${id.split('/')[0]}\``,
    });
    let error: unknown;
    try {
      bench.build([[['source'], ['step/a', 'step/b'], ['sink/a', 'sink/b']]]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as ConfigurationError).problems).toEqual([
      problemOf('source', 'receiver', 1),
      problemOf('step/a', 'processor', 2),
      problemOf('sink/b', 'exporter', 5),
    ]);
  });
});

describe('counters', () => {
  it('count the points that went through, by receiver, processor and exporter', async () => {
    const bench = new Bench();
    bench.build([[['source', 'source/b'], ['step'], ['sink', 'queued']]]);
    await bench.send('source');
    await bench.send('source');
    await bench.send('source/b');
    expect(await bench.counters()).toEqual({
      'receiver_accepted receiver=source': 6,
      'receiver_accepted receiver=source/b': 3,
      'processor_incoming_items processor=step': 9,
      'processor_outgoing_items processor=step': 9,
      'exporter_sent exporter=sink': 9,
      'exporter_sent exporter=queued': 9,
      'exporter_queue_size exporter=queued': 0,
      'exporter_queue_capacity exporter=queued': 10,
    });
    expect(bench.deliveries).toEqual({ delivered: 3, failures: new Map() });
  });

  it('begin at 0, so that the first failure is a step', async () => {
    const bench = new Bench();
    bench.build([[['source'], [], ['sink']]]);
    expect(await bench.gathered()).toEqual({
      'receiver_accepted receiver=source': 0,
      'receiver_failed receiver=source': 0,
      'receiver_refused receiver=source': 0,
      'exporter_sent exporter=sink': 0,
      'exporter_send_failed exporter=sink': 0,
    });
  });

  it('tell how many runs wait in a sending queue', async () => {
    const bench = new Bench();
    let arrive = () => {};
    bench.decide = () =>
      new Promise<void>((resolve) => {
        arrive = resolve;
      });
    bench.build([[['source'], [], ['queued']]]);
    const first = bench.send('source');
    await expect.poll(() => bench.counters()).toMatchObject({ 'exporter_queue_size exporter=queued': 0 });
    const second = bench.send('source');
    expect(await bench.counters()).toMatchObject({ 'exporter_queue_size exporter=queued': 1 });
    arrive();
    await first;
    await expect.poll(() => bench.counters()).toMatchObject({ 'exporter_queue_size exporter=queued': 0 });
    arrive();
    await second;
  });

  it('tell what was rejected for good from what failed for now', async () => {
    const bench = new Bench();
    bench.decide = (id, runs) => {
      if (id === 'sink/rejects') return refuseAll(runs, 'bad', 'never');
      return id === 'sink/fails' ? deferAll(runs, new Error('not now')) : allTaken;
    };
    bench.build([
      [['source/a'], [], ['sink/rejects']],
      [['source/b'], [], ['sink/fails']],
      [['source/c'], [], ['sink/rejects', 'sink/fails', 'sink']],
    ]);
    const failed = await Promise.all(['source/a', 'source/b', 'source/c'].map((receiver) => bench.send(receiver)));
    expect(failed.map(({ refused, deferred }) => [refused.length, deferred.length])).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    expect(await bench.counters()).toEqual({
      'receiver_failed receiver=source/a': 3,
      'receiver_refused receiver=source/b': 3,
      'receiver_refused receiver=source/c': 3,
      'exporter_send_failed exporter=sink/rejects': 6,
      'exporter_send_failed exporter=sink/fails': 6,
      'exporter_sent exporter=sink': 3,
    });
    const failures = new Map([
      ['never', 1],
      ['not now', 2],
    ]);
    expect(bench.deliveries).toEqual({ delivered: 0, failures });
  });

  it('tell apart what became of the runs of one list', async () => {
    const bench = new Bench();
    const [never, later] = ['never', 'later'].map((scenario) => run.with({ attributes: { scenario } })) as [Run, Run];
    bench.decide = (_, runs) => {
      const named = (name: string) => runs.filter(({ scenario }) => scenario === name);
      const { refused } = refuseAll(named('never'), 'bad', 'it is bad');
      return { refused, deferred: named('later'), cause: new Error('no room') };
    };
    bench.build([[['source'], ['step'], ['sink']]]);
    const outcome = await bench.send('source', [run, never, later, run]);
    expect(outcome).toMatchObject({ refused: [{ run: never, message: 'it is bad' }], deferred: [later] });
    expect(outcome.refused[0]?.run).toBe(never);
    expect(await bench.counters()).toEqual({
      'receiver_accepted receiver=source': 6,
      'receiver_failed receiver=source': 3,
      'receiver_refused receiver=source': 3,
      'processor_incoming_items processor=step': 12,
      'processor_outgoing_items processor=step': 12,
      'exporter_sent exporter=sink': 6,
      'exporter_send_failed exporter=sink': 6,
    });
    const failures = new Map([
      ['it is bad', 1],
      ['no room', 1],
    ]);
    expect(bench.deliveries).toEqual({ delivered: 2, failures });
  });
});

describe('a stream', () => {
  const gauge = liveMetric('hw.host.power', 'gauge', [{ at: 1, value: 100 }]);
  const stream = liveRun({ 'service.name': 'otelcol', 'host.name': 'node-1' }, gauge);

  it.each([
    [['values'], 'is refused where figures are made of it and nothing counts it', ['stream'], []],
    [['slices', 'values'], 'reaches what makes slices of it', [], [stream]],
    [['step'], 'passes where no figures are made of it', [], [stream]],
  ] as const)('of a pipeline of %j %s', async (processors, _, refused, arrived) => {
    const bench = new Bench();
    bench.build([[['source'], [...processors], ['sink']]]);
    const outcome = await bench.send('source', [stream]);
    expect(outcome.refused.map(({ reason }) => reason)).toEqual(refused);
    expect(bench.sinks.get('sink')?.runs.map(({ metrics }) => metrics)).toEqual(arrived.map(({ metrics }) => metrics));
  });
});
