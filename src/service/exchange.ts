import type { Logger } from 'pino';
import type { Graph, PipelineNodes } from '../pipeline/graph.ts';
import type { ExporterNode, Node } from '../pipeline/node.ts';
import type { Port } from '../pipeline/port.ts';
import type { Listeners } from './listeners.ts';
import type { LiveStages } from './live-stages.ts';

/** How long runs under way may take to arrive before their stages are exchanged all the same, in milliseconds. */
const ARRIVAL_DEADLINE = 5000;

/** What an exchange works on. */
export interface ExchangeMeans {
  readonly live: LiveStages;
  readonly listeners: Listeners;
  readonly logger: Logger;
  /** Aborted when everything is to stop, which ends an exchange where it is. */
  readonly stopping: AbortSignal;
  /** The ports at which runs wait; who asks for an exchange releases those that one which failed has left. */
  readonly held: Set<Port>;
}

/**
 * Lets the stages of another graph take over from the ones that run; those that are in both go on as if nothing happened.
 * Runs wait for stages that are stopped before their successors start. Rejects at the first stage that cannot start, with
 * everything as it is then; with `isLenient` it is logged, and the rest goes on.
 */
export async function exchange(to: Graph, means: ExchangeMeans, { isLenient = false } = {}): Promise<void> {
  const { live, listeners, logger, stopping, held } = means;
  const { gone, closing, early, late } = planExchange(live, to);
  const start = async (nodes: readonly Node[]) => {
    for (const node of nodes) {
      stopping.throwIfAborted();
      await live.start(node, stopping).catch((error: Error) => {
        if (!isLenient) throw error;
        logger.error(error.message);
      });
    }
    stopping.throwIfAborted();
  };
  const stop = async (nodes: readonly Node[]) => {
    for (const node of nodes.toReversed()) {
      const error = await live.stop(node);
      if (error) logger.error(error.message);
    }
  };
  const untilArrived = async (ports: readonly Port[]) => {
    if (await areIdle(ports, stopping)) return;
    const runs = ports.reduce((sum, { underWay }) => sum + underWay, 0);
    if (runs) logger.warn(`${runs} runs have not arrived after ${ARRIVAL_DEADLINE / 1000} s, and are not waited for`);
  };

  listeners.exchange(gone.map(({ context }) => context.http));
  await start(early);
  for (const { context } of closing) listeners.hold(context.http);
  await stop(closing.filter(isReceiver));
  const outlets = outletsInto(closing, live.graph, to);
  hold(outlets, held);
  await untilArrived(outlets);
  hold(portsWithSuccessor(closing, to), held);
  await stop(closing.filter((node) => !isReceiver(node)));
  await start(late.filter((node) => !isReceiver(node)));
  to.connect();
  live.graph = to;
  release(held);
  await start(late.filter(isReceiver));
  const leaving = gone.filter((node) => !closing.includes(node));
  await untilArrived(leaving.flatMap(({ inlet }) => inlet ?? []));
  await stop(leaving);
}

/** Lets the runs go on that wait at these ports. */
export function release(held: Set<Port>): void {
  for (const port of held) port.release();
  held.clear();
}

/** Which stages go and come, and in which order; all lists are in the order of a start. */
interface ExchangePlan {
  readonly gone: readonly Node[];
  /** Those of the gone that stop before the late ones start. */
  readonly closing: readonly Node[];
  readonly early: readonly Node[];
  readonly late: readonly Node[];
}

function planExchange(live: LiveStages, to: Graph): ExchangePlan {
  const gone = live.running.filter((node) => !to.nodes.includes(node));
  const fresh = to.nodes.filter((node) => !live.isRunning(node));
  const late = butOverlapping(fresh);
  return { gone, closing: butOverlapping(gone), early: fresh.filter((node) => !late.includes(node)), late };
}

/** All but those that may run beside another one of theirs, and use none that may not. */
function butOverlapping(nodes: readonly Node[]): Node[] {
  const result: Node[] = [];
  for (const node of nodes) {
    const isFree =
      node.component.plugin.overlaps && !isReceiver(node) && !node.uses.some((used) => result.includes(used));
    if (!isFree) result.push(node);
  }
  return result;
}

/** Where runs come into pipelines that lose a stage, or get others in between. */
function outletsInto(closing: readonly Node[], from: Graph, to: Graph): Port[] {
  const isBlind = closing.some(({ stage }) => 'observe' in stage && stage.observe);
  const isAffected = (pipeline: PipelineNodes) => {
    const { processors } = to.pipelines.find(({ id }) => id === pipeline.id) ?? pipeline;
    const isSame =
      processors.length === pipeline.processors.length &&
      processors.every((node, index) => node === pipeline.processors[index]);
    return isBlind || !isSame || [...pipeline.processors, ...pipeline.exporters].some((node) => closing.includes(node));
  };
  const receivers = from.pipelines.filter(isAffected).flatMap((pipeline) => pipeline.receivers);
  return [...new Set(receivers.filter((node) => !closing.includes(node)).map(({ outlet }) => outlet))];
}

/** The places of exporters that stop and are to be taken by others. */
function portsWithSuccessor(closing: readonly Node[], to: Graph): Port[] {
  const ports = new Set(to.pipelines.flatMap(({ exporters }) => exporters.map(({ port }) => port)));
  return closing.flatMap((node) => {
    const { port } = node as Partial<ExporterNode>;
    return port && ports.has(port) ? port : [];
  });
}

function hold(ports: readonly Port[], held: Set<Port>): void {
  for (const port of ports) {
    port.hold();
    held.add(port);
  }
}

function isReceiver({ kind }: Node): boolean {
  return kind === 'receiver';
}

/** Whether all are idle before the deadline, or before the signal. */
async function areIdle(ports: readonly Port[], stopping: AbortSignal): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<false>();
  const giveUp = () => resolve(false);
  const timer = setTimeout(giveUp, ARRIVAL_DEADLINE);
  stopping.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([Promise.all(ports.map((port) => port.idle())).then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', giveUp);
  }
}
