import { setTimeout as sleep } from 'node:timers/promises';
import { orAborted } from '../abort.ts';
import { messageOf, WattlineError } from '../errors.ts';
import type { Graph } from '../pipeline/graph.ts';
import type { Node } from '../pipeline/node.ts';

/** Milliseconds that each stage may take to stop. */
const STOP_DEADLINE = 5000;

/** The graph that runs pass through, and its started stages. */
export class LiveStages {
  /** The connected graph. */
  graph: Graph;
  readonly #running = new Set<Node>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** The started stages, in the order in which they start. */
  get running(): readonly Node[] {
    const known = this.graph.nodes.filter((node) => this.#running.has(node));
    return [...new Set([...known, ...this.#running])];
  }

  isRunning(node: Node): boolean {
    return this.#running.has(node);
  }

  /** Starts a stage. Returns false where the signal was aborted before it had started. Throws `START_FAILED`. */
  async start(node: Node, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const { kind, id, stage, health } = node;
    health.state = 'starting';
    try {
      const hasStarted = await orAborted(stage.start?.(signal), signal);
      // A stage that is given up while it starts is stopped like the others.
      this.#running.add(node);
      if (hasStarted) health.state = 'running';
      return hasStarted;
    } catch (error) {
      health.state = 'stopped';
      node.retire();
      throw new WattlineError('START_FAILED', `${kind} ${id} cannot start: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Stops stages for good, the last one first and each with a deadline. Returns the errors. */
  async stop(nodes: readonly Node[]): Promise<Error[]> {
    const errors: Error[] = [];
    for (const node of nodes.toReversed()) {
      const { kind, id, stage, health } = node;
      this.#running.delete(node);
      health.state = 'stopping';
      try {
        await withDeadline(stage.shutdown?.bind(stage));
        health.state = 'stopped';
      } catch (error) {
        errors.push(new Error(`${kind} ${id} did not stop cleanly: ${messageOf(error)}`, { cause: error }));
      }
      node.retire();
    }
    return errors;
  }
}

/** Gives a stage one second more to react when its time is up. */
async function withDeadline(shutdown: ((signal: AbortSignal) => Promise<void>) | undefined): Promise<void> {
  if (!shutdown) return;
  const over = new AbortController();
  const late = sleep(STOP_DEADLINE + 1000, true, { signal: over.signal }).catch(() => false);
  try {
    const isLate = await Promise.race([shutdown(AbortSignal.timeout(STOP_DEADLINE)), late]);
    if (isLate) throw new Error(`it took longer than ${STOP_DEADLINE / 1000} s`);
  } finally {
    over.abort();
  }
}
