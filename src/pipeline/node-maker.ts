import type { Component, Configuration } from '../config/configuration.ts';
import { messageOf, type Problem } from '../errors.ts';
import type { Consumer, ContextOf, Provider, StageOf } from '../plugin/contract.ts';
import type { Context, Extension, SourceContext } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { addDeliveries } from './deliveries.ts';
import { Destination, Edge } from './edge.ts';
import { queueBefore } from './exporter-queue.ts';
import type { GraphOptions, Predecessor } from './graph-options.ts';
import { type ExporterNode, isSameComponent, keyOf, type Node, type ProcessorNode, type ReceiverNode } from './node.ts';
import { exporterOutcomes, receiverOutcomes } from './point-counts.ts';
import { References } from './references.ts';
import { retirableMeter } from './retirable-meter.ts';
import { StageFailures, StageHealth } from './stage-health.ts';

/** A node without its stage. */
interface Draft extends Omit<Node, 'stage'> {
  readonly uses: Node[];
  /** The actions of `retire`. */
  readonly removals: (() => void)[];
}

/**
 * Makes the nodes of a configuration. Takes over nodes of the graph before that run, have the same plugin, settings and
 * folder, and use only nodes that are taken over too. Collects a problem for each plugin that refuses.
 */
export class NodeMaker {
  readonly problems: Problem[] = [];
  readonly #references = new References(
    (id) => this.#kept<Node<Provider>>('provider', id) ?? this.#plain('provider', id),
  );
  readonly #drafts: Draft[] = [];
  readonly #configuration: Configuration;
  readonly #options: GraphOptions;
  readonly #before: ReadonlyMap<string, Node>;
  readonly #isRunning: Predecessor['isRunning'];

  constructor(configuration: Configuration, options: GraphOptions, predecessor?: Predecessor) {
    this.#configuration = configuration;
    this.#options = options;
    this.#before = new Map(predecessor?.nodes.map((node) => [keyOf(node), node]));
    this.#isRunning = (node) => predecessor?.isRunning(node) ?? false;
  }

  /** The providers that the nodes made so far use. */
  get providers(): Node<Provider>[] {
    return this.#references.providers;
  }

  /** Retires the nodes that it has made. */
  discard(): void {
    for (const draft of this.#drafts) draft.retire();
  }

  extension(id: string): Node<Extension> | undefined {
    const node = this.#kept<Node<Extension>>('extension', id) ?? this.#plain('extension', id);
    if (node) this.#references.addExtension(node);
    return node;
  }

  exporter(id: string): ExporterNode | undefined {
    const kept = this.#kept<ExporterNode>('exporter', id);
    if (kept) return kept;
    const draft = this.#draft('exporter', id);
    const exporter = draft && this.#create('exporter', draft);
    if (!exporter) return undefined;
    const count = exporterOutcomes(this.#options.points.exporter, id, draft.health);
    const way = (this.#before.get(keyOf(draft)) as ExporterNode | undefined)?.way ?? new Edge({ redelivers: true });
    if ('consume' in exporter) {
      const options = { outcomes: count, withholdsReplays: !exporter.forgets };
      return { ...draft, way, inlet: new Destination(exporter, options), stage: exporter };
    }
    const { storage: name } = exporter.queue;
    const remedy = 'configure one, and list it in service.extensions';
    const place = this.#attempt(draft, 'CONFIG_UNDEFINED_REFERENCE', remedy, () => ({
      storage: name === undefined ? undefined : this.#references.storage(name, draft.uses),
    }));
    if (!place) return undefined;
    const meter = retirableMeter(this.#options.meter, draft.removals);
    return { ...draft, way, ...queueBefore(exporter, { ...draft, ...place, meter, count }, this.#options) };
  }

  /** Returns a processor of one pipeline; pipelines share none. */
  processor(id: string, pipeline: string): ProcessorNode | undefined {
    const kept = this.#kept<ProcessorNode>('processor', id, pipeline);
    if (kept) return kept;
    const draft = this.#draft('processor', id, pipeline);
    if (!draft) return undefined;
    const names = { processor: id, pipeline };
    const { processor: counts } = this.#options.points;
    const failures = new StageFailures(id, draft.context.logger, draft.health);
    const outlet = new Edge({ outgoing: counts.of('otelcol_processor_outgoing_items', names), failures });
    const stage = this.#create('processor', draft, outlet);
    if (!stage) return undefined;
    const incoming = counts.of('otelcol_processor_incoming_items', names);
    return { ...draft, stage, inlet: new Destination(stage, { incoming, failures }), outlet };
  }

  receiver(id: string): ReceiverNode | undefined {
    const kept = this.#kept<ReceiverNode>('receiver', id);
    if (kept) return kept;
    const draft = this.#draft('receiver', id);
    if (!draft) return undefined;
    const { deliveries, points, secrets } = this.#options;
    const countPoints = receiverOutcomes(points.receiver, id, draft.health);
    const outlet = (this.#before.get(keyOf(draft)) as ReceiverNode | undefined)?.outlet ?? new Edge({ secrets });
    outlet.outcomes = (runs, outcome) => {
      countPoints(runs, outcome);
      if (deliveries) addDeliveries(deliveries, runs, outcome);
    };
    const stage = this.#create('receiver', draft, outlet);
    return stage && { ...draft, stage, outlet };
  }

  #plain<K extends 'extension' | 'provider'>(kind: K, id: string): Node<StageOf<K>> | undefined {
    const draft = this.#draft(kind, id);
    const stage = draft && this.#create(kind, draft);
    return stage && { ...draft, stage };
  }

  #kept<N extends Node>(kind: Kind, id: string, pipeline?: string): N | undefined {
    const node = this.#before.get(keyOf({ kind, id, pipeline }));
    const component = this.#component(kind, id);
    if (!node || !component || !this.#isRunning(node) || !isSameComponent(node.component, component)) return undefined;
    return node.uses.every((used) => this.#references.has(used)) ? (node as N) : undefined;
  }

  #draft(kind: Kind, id: string, pipeline?: string): Draft | undefined {
    const component = this.#component(kind, id);
    if (!component) return undefined;
    const removals: (() => void)[] = [];
    const own = this.#options.contextFor(component);
    const uses: Node[] = [];
    const context: Context = {
      ...own,
      meter: retirableMeter(own.meter, removals),
      serverAuth: (name) => this.#references.serverAuth(name, uses),
      clientAuth: (name) => this.#references.clientAuth(name, uses),
    };
    const retire = () => {
      for (const remove of removals.splice(0)) remove();
    };
    const draft = { kind, id, pipeline, component, context, health: new StageHealth(), uses, retire, removals };
    this.#drafts.push(draft);
    return draft;
  }

  #create<K extends Kind>(kind: K, draft: Draft, next?: Consumer): StageOf<K> | undefined {
    const { plugin, config } = draft.component;
    const context = next ? this.#withSource(draft, next) : draft.context;
    const create = plugin.create as (ctx: ContextOf<K>, config: unknown) => StageOf<K>;
    const remedy = `check its settings against the README of the ${kind} \`${plugin.type}\``;
    return this.#attempt(draft, 'PLUGIN_CREATE_FAILED', remedy, () =>
      create.call(plugin, context as ContextOf<K>, config),
    );
  }

  /** Returns the result of `act`; where it throws, adds a problem with the component and returns undefined. */
  #attempt<T>(
    { kind, id, component: { at } }: Draft,
    code: Problem['code'],
    remedy: string,
    act: () => T,
  ): T | undefined {
    try {
      return act();
    } catch (error) {
      this.problems.push({ code, at, path: `${kind}s.${id}`, message: messageOf(error), remedy });
      return undefined;
    }
  }

  #withSource({ context, uses }: Draft, next: Consumer): SourceContext {
    const { explain, sink, memory } = this.#options;
    const references = this.#references;
    const storage = (name: string) => references.storage(name, uses);
    // Runs that end in a sink must not change stored states.
    const states = (id: string | undefined) => (id === undefined || sink ? memory : storage(id));
    return { ...context, next, provider: (name) => references.provider(name, uses), storage, states, explain };
  }

  #component(kind: Kind, id: string): Component | undefined {
    return this.#configuration.components.find((component) => component.kind === kind && component.id === id);
  }
}
