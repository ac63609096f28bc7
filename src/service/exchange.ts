import type { Logger } from 'pino';
import type { Listeners } from '../http/listeners.ts';
import type { Edge } from '../pipeline/edge.ts';
import type { Graph } from '../pipeline/graph.ts';
import type { Node } from '../pipeline/node.ts';
import { isReceiver, planExchange } from './exchange-plan.ts';
import type { LiveStages } from './live-stages.ts';

/** How long runs under way may take to arrive before their stages are exchanged all the same, in milliseconds. */
const ARRIVAL_DEADLINE = 5000;
/** How long a stage may take to start while runs wait for it. */
const START_DEADLINE = 30_000;
/** How long requests that a component has begun to answer may take when another has taken its place. */
const ANSWER_DEADLINE = 30_000;

/** What an exchange works on. */
export interface ExchangeMeans {
  readonly live: LiveStages;
  readonly listeners: Listeners;
  readonly logger: Logger;
  /** Aborted when everything is to stop, which ends an exchange where it is. */
  readonly stopping: AbortSignal;
  /** The edges at which runs wait; whoever asks for an exchange releases those that one which failed has left. */
  readonly held: Set<Edge>;
}

/**
 * Lets the stages of another graph take over from the ones that run; those that are in both go on as if nothing happened.
 * Runs wait for stages that are stopped before their successors start. Resolves with the stages that have been succeeded
 * and still run, for `retire`. Rejects at the first stage that cannot start, with everything as it is then; where it
 * `isLenient`, that is logged, and the rest goes on.
 */
export async function exchange(to: Graph, means: ExchangeMeans, { isLenient = false } = {}): Promise<readonly Node[]> {
  const { live, listeners, logger, stopping, held } = means;
  const plan = planExchange(live, to);
  const start = async (nodes: readonly Node[], deadline?: number) => {
    for (const node of nodes) {
      await startOne(node, means, deadline).catch((error: Error) => {
        if (!isLenient || stopping.aborted) throw error;
        logger.error(error.message);
      });
    }
  };
  const hold = (edges: readonly Edge[]) => {
    for (const edge of edges) edge.hold();
    for (const edge of edges) held.add(edge);
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

/** Lets the runs go on that wait at these edges. */
export function release(held: Set<Edge>): void {
  for (const edge of held) edge.release();
  held.clear();
}

/** Stops stages that others have succeeded, after they have finished what they have begun. */
export async function retire(nodes: readonly Node[], means: ExchangeMeans): Promise<void> {
  const answered = nodes.map(({ context }) => means.listeners.drain(context.http));
  await inTime(answered, ANSWER_DEADLINE, means.stopping);
  await untilIdle(
    nodes.flatMap(({ inlet }) => inlet ?? []),
    means,
  );
  await stop(nodes, means);
}

async function startOne(node: Node, { live, stopping }: ExchangeMeans, deadline?: number): Promise<void> {
  stopping.throwIfAborted();
  const signals = deadline === undefined ? [stopping] : [stopping, AbortSignal.timeout(deadline)];
  if (await live.start(node, AbortSignal.any(signals))) return;
  stopping.throwIfAborted();
  throw new Error(`${node.kind} ${node.id} has not started within ${START_DEADLINE / 1000} s`);
}

async function stop(nodes: readonly Node[], { live, logger }: ExchangeMeans): Promise<void> {
  for (const node of nodes.toReversed()) {
    const error = await live.stop(node);
    if (error) logger.error(error.message);
  }
}

async function untilIdle(
  edges: readonly Pick<Edge, 'idle' | 'underWay'>[],
  { logger, stopping }: ExchangeMeans,
): Promise<void> {
  await inTime(
    edges.map((edge) => edge.idle()),
    ARRIVAL_DEADLINE,
    stopping,
  );
  const runs = edges.reduce((sum, { underWay }) => sum + underWay, 0);
  if (runs === 0 || stopping.aborted) return;
  logger.warn(
    `runs that have not arrived after ${ARRIVAL_DEADLINE / 1000} s, and are not waited for any longer: ${runs}`,
  );
}

/** Waits for all of it, until so many milliseconds have passed or the signal is aborted. */
async function inTime(work: readonly Promise<unknown>[], milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const giveUp = () => resolve();
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  await Promise.race([Promise.all(work), promise]);
  clearTimeout(timer);
  signal.removeEventListener('abort', giveUp);
}
