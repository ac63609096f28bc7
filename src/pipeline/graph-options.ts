import type { Meter } from '@opentelemetry/api';
import type { Component } from '../config/configuration.ts';
import type { Secrets } from '../model/secrets.ts';
import type { Consumer } from '../plugin/contract.ts';
import type { Context, SourceContext, States } from '../plugin/index.ts';
import type { Deliveries } from './deliveries.ts';
import type { Node } from './node.ts';
import type { AllPointCounts } from './point-counts.ts';

/** The surroundings of a graph. */
export interface GraphOptions {
  readonly meter: Meter;
  readonly points: AllPointCounts;
  /** The texts that no answer to a sender may have. */
  readonly secrets?: Secrets | undefined;
  contextFor(component: Component): Omit<Context, 'serverAuth' | 'clientAuth'>;
  /** Keeps the states of stages in memory. */
  readonly memory: States;
  /** Called with the arithmetic of figures, where it is wanted. */
  readonly explain?: SourceContext['explain'];
  /** Whether runs must be delivered before the end; otherwise a queue on disk may keep them. */
  readonly awaitsDelivery: boolean;
  /** The default of milliseconds after which a sending queue gives data up. */
  readonly maxElapsedTime: number;
  /** Aborted when everything must end without pauses. */
  readonly stopping: AbortSignal;
  /** Returns the consumer at the end of a pipeline, by its id; exporters are not created then. */
  readonly sink?: ((pipeline: string) => Consumer) | undefined;
  /** Whether receivers are left out too, so that runs enter by the heads only. */
  readonly withoutReceivers?: boolean | undefined;
  /** Collects the fate of each run, where it is wanted; it grows with the number of reasons. */
  readonly deliveries?: Deliveries | undefined;
}

/** The nodes that a graph may take over from the one before it. */
export interface Predecessor {
  readonly nodes: readonly Node[];
  isRunning(node: Node): boolean;
}
