import { isDeepStrictEqual } from 'node:util';
import type { Component } from '../config/configuration.ts';
import type { Lifecycle } from '../plugin/contract.ts';
import type { Context, Processor, Receiver } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import type { Destination, Edge } from './edge.ts';
import type { StageHealth } from './stage-health.ts';

/** A stage in its place. */
export interface Node<S extends Lifecycle = Lifecycle> {
  readonly kind: Kind;
  readonly id: string;
  /** The pipeline that a processor was made for. */
  readonly pipeline?: string | undefined;
  readonly stage: S;
  readonly health: StageHealth;
  readonly component: Component;
  /** What it was given. */
  readonly context: Context;
  /** The providers and extensions that it uses. */
  readonly uses: readonly Node[];
  /** Where edges lead that end at it. */
  readonly inlet?: Destination;
  /** Takes back what it shows of itself; to be called when it has stopped for good. */
  retire(): void;
}

export interface ReceiverNode extends Node<Receiver> {
  /** Where it hands its runs over; one that takes its place hands over there too. */
  readonly outlet: Edge;
}

export interface ProcessorNode extends Node<Processor> {
  readonly inlet: Destination;
  readonly outlet: Edge;
}

export interface ExporterNode extends Node {
  readonly inlet: Destination;
  /** The way to the exporter, which is still there when another has taken its place. */
  readonly way: Edge;
}

/** What tells a node from all others of its graph. */
export function keyOf({ kind, id, pipeline }: Pick<Node, 'kind' | 'id' | 'pipeline'>): string {
  return JSON.stringify([kind, id, pipeline]);
}

/** Whether two components come out as the same stage, as far as their own settings go. */
export function isSameComponent(a: Component, b: Component): boolean {
  return a.plugin === b.plugin && a.directory === b.directory && isDeepStrictEqual(a.config, b.config);
}
