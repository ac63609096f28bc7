import type { Meter } from '@opentelemetry/api';
import { parseId } from '../config/check-components.ts';
import type { Component, Configuration, Pipeline } from '../config/configuration.ts';
import { ConfigurationError, messageOf, type Problem } from '../errors.ts';
import {
  type Consumer,
  type Context,
  type ContextOf,
  type Exporter,
  type Kind,
  type Lifecycle,
  memoryStates,
  type Processor,
  type Provider,
  type QueuedExporter,
  type Receiver,
  type SourceContext,
  type StageOf,
  type Storage,
} from '../plugin/index.ts';
import {
  type CountOutcome,
  countedConsumer,
  type Deliveries,
  exporterCounters,
  gaugeQueue,
  notedConsumer,
  observedConsumer,
  outcomeCounter,
  receiverCounters,
} from './counted.ts';
import { fanOut } from './fan-out.ts';
import { NamedFailures } from './named-failures.ts';
import { addedUp, type ProcessorItems } from './processor-items.ts';
import { SendingQueue } from './sending-queue.ts';
import { StageHealth } from './stage-health.ts';
import { StoredSendingQueue } from './stored-sending-queue.ts';

/** A stage in its place. */
export interface Node<S extends Lifecycle = Lifecycle> {
  readonly kind: Kind;
  readonly id: string;
  /** The pipeline that a processor was made for. */
  readonly pipeline?: string | undefined;
  readonly stage: S;
  readonly health: StageHealth;
}

/** All stages of a configuration, connected; nothing is started. */
export interface Graph {
  readonly receivers: readonly Node<Receiver>[];
  /** What takes the runs at the beginning of each pipeline, by its id. */
  readonly heads: ReadonlyMap<string, Consumer>;
  /** In the order in which they start: extensions, providers, exporters, processors from last to first. */
  readonly downstream: readonly Node[];
  /** The sending queues that are on disk. */
  readonly storedQueues: readonly StoredSendingQueue[];
}

/** What a graph is built with. */
export interface GraphOptions {
  readonly meter: Meter;
  readonly items: ProcessorItems;
  contextFor(component: Component): Context;
  /** Where stages say how figures came about, if anybody wants to know. */
  readonly explain?: SourceContext['explain'];
  /** Whether everything is to be delivered before the end, rather than taken over by a queue on disk. */
  readonly awaitsDelivery: boolean;
  /** Milliseconds after which a sending queue gives data up, where the configuration does not say. */
  readonly maxElapsedTime: number;
  /** Aborted when everything is to come to an end without pauses. */
  readonly stopping: AbortSignal;
  /** What takes the runs at the end of every pipeline in place of its exporters, which are not created then. */
  readonly sink?: Consumer | undefined;
  /** Whether receivers are left out too, so that runs come by the heads alone. */
  readonly withoutReceivers?: boolean | undefined;
  /** Where the fate of each run is noted, if anybody wants to know: it grows with the reasons. */
  readonly deliveries?: Deliveries | undefined;
}

/** Creates and connects all stages. Throws `ConfigurationError` with a problem for each plugin that refuses. */
export function buildGraph(configuration: Configuration, options: GraphOptions): Graph {
  const builder = new GraphBuilder(configuration, options);
  const graph = builder.build();
  if (builder.problems.length) throw new ConfigurationError(builder.problems);
  return graph;
}

/** An exporter in its place, and what is to be handed over to. */
interface ConnectedExporter {
  readonly node: Node;
  readonly consumer: Consumer;
}

class GraphBuilder {
  readonly problems: Problem[] = [];
  readonly #storedQueues: StoredSendingQueue[] = [];
  /** What extensions offer, by their ids. */
  readonly #storages = new Map<string, Storage>();
  /** Those that a stage has asked for. */
  readonly #providers = new Map<string, Node<Provider>>();
  readonly #memory = memoryStates();
  readonly #configuration: Configuration;
  readonly #options: GraphOptions;

  constructor(configuration: Configuration, options: GraphOptions) {
    this.#configuration = configuration;
    this.#options = options;
  }

  build(): Graph {
    const { sink } = this.#options;
    const { extensions } = this.#configuration;
    const pipelines = this.#configuration.pipelines.map((pipeline) =>
      sink ? { ...pipeline, exporters: [] } : pipeline,
    );
    const observers = extensions.map((id) => this.#node('extension', id)).filter((node) => node !== undefined);
    const downstream: Node[] = [];
    const observe = observers.flatMap(({ stage }) => (stage.observe ? [stage.observe.bind(stage)] : []));
    for (const { id, stage } of observers) if (stage.storage) this.#storages.set(id, stage.storage);
    const exporters = new Map<string, Consumer>();
    for (const id of new Set(pipelines.flatMap((pipeline) => pipeline.exporters))) {
      const found = this.#exporter(id);
      if (!found) continue;
      downstream.push(found.node);
      exporters.set(id, found.consumer);
    }
    const heads = new Map(
      pipelines.map((pipeline) => {
        const sinks = sink ?? fanOut(pipeline.exporters.flatMap((id) => exporters.get(id) ?? []));
        return [pipeline.id, this.#chain(pipeline, observedConsumer(sinks, observe), downstream)] as const;
      }),
    );
    const receivers = this.#options.withoutReceivers ? [] : this.#receivers(pipelines, heads);
    const upfront = [...observers, ...this.#providers.values()];
    return { receivers, heads, downstream: [...upfront, ...downstream], storedQueues: this.#storedQueues };
  }

  /** All receivers, each feeding every pipeline that names it. */
  #receivers(pipelines: readonly Pipeline[], heads: ReadonlyMap<string, Consumer>): Node<Receiver>[] {
    const { deliveries, meter } = this.#options;
    return [...new Set(pipelines.flatMap((pipeline) => pipeline.receivers))].flatMap((id) => {
      const fed = pipelines.filter((pipeline) => pipeline.receivers.includes(id));
      const head = fanOut(fed.map((pipeline) => heads.get(pipeline.id) as Consumer));
      const health = new StageHealth();
      const count = outcomeCounter(receiverCounters(meter), { receiver: id });
      const counted = countedConsumer(head, withFailures(count, health));
      return (
        this.#node('receiver', id, { next: deliveries ? notedConsumer(counted, deliveries) : counted, health }) ?? []
      );
    });
  }

  /** The processors of a pipeline, each made for this pipeline alone; returns what receivers hand over to. */
  #chain(pipeline: Pipeline, sinks: Consumer, downstream: Node[]): Consumer {
    return pipeline.processors.reduceRight<Consumer>((next, id) => {
      const component = this.#component('processor', id);
      if (!component) return next;
      const health = new StageHealth();
      const items = this.#options.items.of(id, pipeline.id);
      const failures = new NamedFailures(id, this.#options.contextFor(component).logger, health);
      const node: Node<Processor> | undefined = this.#node('processor', id, {
        next: addedUp(failures.behind(next), items, 'outgoing'),
        health,
      });
      if (!node) return next;
      downstream.push({ ...node, pipeline: pipeline.id });
      return addedUp(failures.around(node.stage), items, 'incoming');
    }, sinks);
  }

  #exporter(id: string): ConnectedExporter | undefined {
    const node: Node<Exporter> | undefined = this.#node('exporter', id);
    const component = this.#component('exporter', id);
    if (!node || !component) return undefined;
    const { stage } = node;
    const count = withFailures(outcomeCounter(exporterCounters(this.#options.meter), { exporter: id }), node.health);
    if ('consume' in stage) return { node, consumer: countedConsumer(stage, count) };
    if (stage.queue.storage !== undefined) return this.#storedQueue(component, node, stage, count);
    const { maxElapsedTime, stopping, meter, contextFor } = this.#options;
    const queue = new SendingQueue(stage, {
      logger: contextFor(component).logger,
      maxElapsedTime,
      stopping,
      onFailure: (error) => node.health.failed(error),
    });
    gaugeQueue(queue, meter, { exporter: id });
    return { node: { ...node, stage: queue }, consumer: countedConsumer(queue, count) };
  }

  #storedQueue(
    component: Component,
    node: Node,
    stage: QueuedExporter,
    count: CountOutcome,
  ): ConnectedExporter | undefined {
    const { id, at } = component;
    let storage: Storage;
    try {
      storage = this.#storage(String(stage.queue.storage));
    } catch (error) {
      const remedy = 'configure one, and list it in service.extensions';
      const message = messageOf(error);
      this.problems.push({ code: 'CONFIG_UNDEFINED_REFERENCE', at, path: `exporters.${id}`, message, remedy });
      return undefined;
    }
    const { awaitsDelivery, maxElapsedTime, stopping, meter, contextFor } = this.#options;
    const queue = new StoredSendingQueue(stage, {
      logger: contextFor(component).logger,
      storage,
      name: `exporter_${id}`,
      awaitsDelivery,
      // What has been acknowledged is tried for ever.
      maxElapsedTime: awaitsDelivery ? maxElapsedTime : 0,
      stopping,
      count,
      onFailure: (error) => node.health.failed(error),
    });
    this.#storedQueues.push(queue);
    gaugeQueue(queue, meter, { exporter: id });
    return { node: { ...node, stage: queue }, consumer: queue };
  }

  #node<K extends Kind>(
    kind: K,
    id: string,
    { next, health = new StageHealth() }: { readonly next?: Consumer; readonly health?: StageHealth } = {},
  ): Node<StageOf<K>> | undefined {
    const component = this.#component(kind, id);
    if (!component) return undefined;
    const own = this.#options.contextFor(component);
    const context: Context | SourceContext = next ? this.#withSource(own, next) : own;
    try {
      const { plugin, config } = component;
      const create = plugin.create as (ctx: ContextOf<K>, config: unknown) => StageOf<K>;
      return { kind, id, stage: create.call(plugin, context as ContextOf<K>, config), health };
    } catch (error) {
      const path = `${kind}s.${id}`;
      const remedy = `check its settings against the README of the ${kind} \`${component.plugin.type}\``;
      const { at } = component;
      this.problems.push({ code: 'PLUGIN_CREATE_FAILED', at, path, message: messageOf(error), remedy });
      return undefined;
    }
  }

  #withSource(context: Context, next: Consumer): SourceContext {
    const { explain } = this.#options;
    const provider = (id: string) => this.#provider(id);
    const storage = (id: string) => this.#storage(id);
    // Runs that end in a sink are looked at, and leave nothing behind.
    const isKept = (id: string | undefined): id is string => id !== undefined && !this.#options.sink;
    const states = (id: string | undefined) => (isKept(id) ? this.#storage(id) : this.#memory);
    return { ...context, next, provider, storage, states, explain };
  }

  #provider(name: string): Provider {
    const id = parseId(name)?.id ?? name;
    const node: Node<Provider> | undefined = this.#providers.get(id) ?? this.#node('provider', id);
    if (!node) throw new Error(`provider \`${name}\` cannot be used`);
    this.#providers.set(id, node);
    return node.stage;
  }

  #storage(name: string): Storage {
    const storage = this.#storages.get(parseId(name)?.id ?? name);
    if (!storage) throw new Error(`no extension \`${name}\` that is started offers storage`);
    return storage;
  }

  #component(kind: Kind, id: string): Component | undefined {
    return this.#configuration.components.find((component) => component.kind === kind && component.id === id);
  }
}

/** Counts outcomes, and notes those that are failures. */
function withFailures(count: CountOutcome, health: StageHealth): CountOutcome {
  return (batch, error) => {
    if (error !== undefined) health.failed(error);
    count(batch, error);
  };
}
