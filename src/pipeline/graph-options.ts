import type { Meter } from '@opentelemetry/api';
import type { Component } from '../config/configuration.ts';
import type { Consumer } from '../plugin/contract.ts';
import type { Context, SourceContext, States } from '../plugin/index.ts';
import type { Deliveries } from './deliveries.ts';
import type { Node } from './node.ts';
import type { AllPointCounts } from './point-counts.ts';

/** What a graph is built with. */
export interface GraphOptions {
  readonly meter: Meter;
  readonly points: AllPointCounts;
  contextFor(component: Component): Context;
  /** Where stages keep states in memory. */
  readonly memory: States;
  /** Where stages say how figures came about, if anybody wants to know. */
  readonly explain?: SourceContext['explain'];
  /** Whether everything is to be delivered before the end, rather than taken over by a queue on disk. */
  readonly awaitsDelivery: boolean;
  /** Milliseconds after which a sending queue gives data up, where the configuration does not say. */
  readonly maxElapsedTime: number;
  /** Aborted when everything is to come to an end without pauses. */
  readonly stopping: AbortSignal;
  /** Gives what takes the runs at the end of a pipeline, by its id, in place of exporters, which are not created then. */
  readonly sink?: ((pipeline: string) => Consumer) | undefined;
  /** Whether receivers are left out too, so that runs come by the heads alone. */
  readonly withoutReceivers?: boolean | undefined;
  /** Where the fate of each run is noted, if anybody wants to know: it grows with the reasons. */
  readonly deliveries?: Deliveries | undefined;
}

/** What a graph may take over from the one before it. */
export interface Predecessor {
  readonly nodes: readonly Node[];
  isRunning(node: Node): boolean;
}
