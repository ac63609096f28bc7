import type { Logger } from 'pino';
import { orAborted } from '../abort.ts';
import { messageOf } from '../errors.ts';
import type { Listeners } from '../http/listeners.ts';
import type { Edge } from '../pipeline/edge.ts';
import type { Graph } from '../pipeline/graph.ts';
import type { Node } from '../pipeline/node.ts';
import { isReceiver, planExchange } from './exchange-plan.ts';
import type { LiveStages } from './live-stages.ts';

/** Milliseconds that runs under way may take to arrive before their stages are exchanged all the same. */
const ARRIVAL_DEADLINE = 5000;
/** Milliseconds that a stage may take to start while runs wait for it. */
const START_DEADLINE = 30_000;
/** Milliseconds that a component may take to finish its answers when another has taken its place. */
const ANSWER_DEADLINE = 30_000;

/** The parts of a service that an exchange changes. */
export interface ExchangeMeans {
  readonly live: LiveStages;
  readonly listeners: Listeners;
  readonly logger: Logger;
  /** Aborted when the service stops, which ends an exchange at once. */
  readonly stopping: AbortSignal;
  /** The edges at which runs wait; after a failed exchange its caller releases them. */
  readonly held: Set<Edge>;
}

/**
 * Replaces the stages that run by those of another graph; stages of both go on undisturbed. Runs wait where a stage must
 * stop before its successor starts. Resolves with the replaced stages that still run, for `retire`. Rejects at the first
 * stage that cannot start and leaves the rest undone; with `isLenient`, logs the error and goes on.
 */
export async function exchange(to: Graph, means: ExchangeMeans, { isLenient = false } = {}): Promise<readonly Node[]> {
  const { live, listeners, logger, stopping, held } = means;
  const plan = planExchange(live, to);
  const start = async (nodes: readonly Node[], deadline?: number) => {
    for (const node of nodes) {
      try {
        stopping.throwIfAborted();
        const late = deadline === undefined ? [] : [AbortSignal.timeout(deadline)];
        if (await live.start(node, AbortSignal.any([stopping, ...late]))) continue;
        stopping.throwIfAborted();
        throw new Error(`${node.kind} ${node.id} has not started within ${START_DEADLINE / 1000} s`);
      } catch (error) {
        if (!isLenient || stopping.aborted) throw error;
        logger.error(messageOf(error));
      }
    }
  };
  const hold = (edges: readonly Edge[]) => {
    for (const edge of edges) {
      edge.hold();
      held.add(edge);
    }
  };

  listeners.exchange(plan.gone.map(({ context }) => context.http));
  await start(plan.early);
  for (const { context } of plan.closing) listeners.hold(context.http);
  await stop(plan.closing.filter(isReceiver), means);
  hold(plan.outlets);
  await untilIdle(plan.outlets, means);
  hold(plan.places);
  await stop(
    plan.closing.filter((node) => !isReceiver(node)),
    means,
  );
  await start(plan.late, START_DEADLINE);
  to.connect();
  live.graph = to;
  release(held);
  await start(plan.receivers, START_DEADLINE);
  return plan.leaving;
}

/** Lets runs pass these edges again. */
export function release(held: Set<Edge>): void {
  for (const edge of held) edge.release();
  held.clear();
}

/** Stops stages that others have replaced, after they have finished what they began. */
export async function retire(nodes: readonly Node[], means: ExchangeMeans): Promise<void> {
  const answered = nodes.map(({ context }) => means.listeners.drain(context.http));
  await inTime(Promise.all(answered), means.stopping, ANSWER_DEADLINE);
  const inlets = nodes.flatMap(({ inlet }) => inlet ?? []);
  await untilIdle(inlets, means);
  await stop(nodes, means);
}

/** Waits for work. The timer keeps the process alive, unlike that of `AbortSignal.timeout`. */
async function inTime(work: Promise<unknown>, signal: AbortSignal, milliseconds: number): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), milliseconds);
  await orAborted(work, AbortSignal.any([signal, over.signal]));
  clearTimeout(timer);
}

async function stop(nodes: readonly Node[], { live, logger }: ExchangeMeans): Promise<void> {
  for (const error of await live.stop(nodes)) logger.error(error.message);
}

async function untilIdle(
  edges: readonly Pick<Edge, 'idle' | 'underWay'>[],
  { logger, stopping }: ExchangeMeans,
): Promise<void> {
  const idle = edges.map((edge) => edge.idle());
  await inTime(Promise.all(idle), stopping, ARRIVAL_DEADLINE);
  const runs = edges.reduce((sum, { underWay }) => sum + underWay, 0);
  if (runs === 0 || stopping.aborted) return;
  logger.warn(
    `runs that have not arrived after ${ARRIVAL_DEADLINE / 1000} s, and are not waited for any longer: ${runs}`,
  );
}
