import type { Edge } from '../pipeline/edge.ts';
import type { Graph, PipelineNodes } from '../pipeline/graph.ts';
import type { ExporterNode, Node } from '../pipeline/node.ts';
import type { LiveStages } from './live-stages.ts';

/** Which stages go and which come; all lists are in the order of a start. */
export interface ExchangePlan {
  readonly gone: readonly Node[];
  /** Those of the gone that must stop before their successors start. */
  readonly closing: readonly Node[];
  /** Those of the gone that go on until their successors have started. */
  readonly leaving: readonly Node[];
  /** Those that start before anything stops. */
  readonly early: readonly Node[];
  /** Those that start when others have stopped. */
  readonly late: readonly Node[];
  /** Those that start when runs can pass. */
  readonly receivers: readonly Node[];
  /** Where runs come into pipelines that lose a stage, or have others in between. */
  readonly outlets: readonly Edge[];
  /** The places of exporters that stop and are taken by others. */
  readonly places: readonly Edge[];
}

/** Plans how the stages of another graph take over from those that run. */
export function planExchange(live: LiveStages, to: Graph): ExchangePlan {
  const gone = live.running.filter((node) => !to.nodes.includes(node));
  const leaving = overlapping(gone, (node) => !isReceiver(node) || to.receivers.some(({ id }) => id === node.id));
  const closing = gone.filter((node) => !leaving.includes(node));
  const fresh = to.nodes.filter((node) => !live.isRunning(node));
  const early = overlapping(fresh, (node) => !isReceiver(node));
  return {
    gone,
    closing,
    leaving,
    early,
    late: fresh.filter((node) => !isReceiver(node) && !early.includes(node)),
    receivers: fresh.filter(isReceiver),
    outlets: outletsInto(closing, live.graph, to),
    places: placesTaken(closing, to),
  };
}

export function isReceiver({ kind }: Node): boolean {
  return kind === 'receiver';
}

/** Those that may run beside another one of theirs, and use none that may not. */
function overlapping(nodes: readonly Node[], isFree: (node: Node) => boolean): Node[] {
  const others: Node[] = [];
  return nodes.filter((node) => {
    const mayOverlap =
      node.component.plugin.overlaps && isFree(node) && !node.uses.some((used) => others.includes(used));
    if (!mayOverlap) others.push(node);
    return mayOverlap;
  });
}

function outletsInto(closing: readonly Node[], from: Graph, to: Graph): Edge[] {
  // Whoever is shown the runs of all pipelines shall miss none.
  const isShown = closing.some(({ stage }) => 'observe' in stage && stage.observe);
  const isAffected = (pipeline: PipelineNodes) => {
    const { processors } = to.pipelines.find(({ id }) => id === pipeline.id) ?? pipeline;
    const stages = [...pipeline.processors, ...pipeline.exporters];
    return isShown || !isSame(processors, pipeline.processors) || stages.some((node) => closing.includes(node));
  };
  const receivers = from.pipelines.filter(isAffected).flatMap((pipeline) => pipeline.receivers);
  return [...new Set(receivers.map(({ outlet }) => outlet))];
}

function placesTaken(closing: readonly Node[], to: Graph): Edge[] {
  const taken = new Set(to.pipelines.flatMap(({ exporters }) => exporters.map(({ way }) => way)));
  return closing.flatMap((node) => {
    const { way } = node as Partial<ExporterNode>;
    return way && taken.has(way) ? way : [];
  });
}

function isSame(a: readonly Node[], b: readonly Node[]): boolean {
  return a.length === b.length && a.every((node, index) => node === b[index]);
}
