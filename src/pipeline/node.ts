import { isDeepStrictEqual } from 'node:util';
import type { Component } from '../config/configuration.ts';
import type { Lifecycle } from '../plugin/contract.ts';
import type { Context, Processor, Receiver } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import type { Destination, Edge } from './edge.ts';
import type { StageHealth } from './stage-health.ts';

/** A stage in the graph. */
export interface Node<S extends Lifecycle = Lifecycle> {
  readonly kind: Kind;
  readonly id: string;
  /** The pipeline that a processor was made for. */
  readonly pipeline?: string | undefined;
  readonly stage: S;
  readonly health: StageHealth;
  readonly component: Component;
  readonly context: Context;
  /** The providers and extensions that it uses. */
  readonly uses: readonly Node[];
  /** The destination of edges that end at it. */
  readonly inlet?: Destination;
  /** Removes its metrics; called when it has stopped for good. */
  retire(): void;
}

export interface ReceiverNode extends Node<Receiver> {
  /** The edge that it hands runs to, as does a receiver that replaces it. */
  readonly outlet: Edge;
}

export interface ProcessorNode extends Node<Processor> {
  readonly inlet: Destination;
  readonly outlet: Edge;
}

export interface ExporterNode extends Node {
  readonly inlet: Destination;
  /** The edge to the exporter, which stays when another replaces it. */
  readonly way: Edge;
}

/** Returns a key that identifies a node in its graph. */
export function keyOf({ kind, id, pipeline }: Pick<Node, 'kind' | 'id' | 'pipeline'>): string {
  return JSON.stringify([kind, id, pipeline]);
}

/** Whether two components have the same plugin, settings and folder, and so make the same stage. */
export function isSameComponent(a: Component, b: Component): boolean {
  return a.plugin === b.plugin && a.directory === b.directory && isDeepStrictEqual(a.config, b.config);
}
