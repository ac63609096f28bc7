import type { Edge } from '../pipeline/edge.ts';
import type { Graph, PipelineNodes } from '../pipeline/graph.ts';
import type { ExporterNode, Node } from '../pipeline/node.ts';
import type { LiveStages } from './live-stages.ts';

/** Plans how the stages of another graph take over from those that run; all lists of stages are in the order of a start. */
export function planExchange(live: LiveStages, to: Graph) {
  const gone = live.running.filter((node) => !to.nodes.includes(node));
  // These go on until their successors have started; the others of the gone must stop before.
  const leaving = overlapping(gone, (node) => !isReceiver(node) || to.receivers.some(({ id }) => id === node.id));
  const closing = gone.filter((node) => !leaving.includes(node));
  const fresh = to.nodes.filter((node) => !live.isRunning(node));
  // These start before anything stops, the late ones when others have stopped, and receivers when runs can pass.
  const early = overlapping(fresh, (node) => !isReceiver(node));
  const late = fresh.filter((node) => !isReceiver(node) && !early.includes(node));
  return {
    gone,
    leaving,
    closing,
    early,
    late,
    receivers: fresh.filter(isReceiver),
    outlets: outletsInto(closing, live.graph, to),
    places: placesTaken(closing, to),
  };
}

export function isReceiver({ kind }: Node): boolean {
  return kind === 'receiver';
}

/** Returns the nodes that may run beside another one of the same component, and use no node that may not. */
function overlapping(nodes: readonly Node[], isFree: (node: Node) => boolean): Node[] {
  const others: Node[] = [];
  return nodes.filter((node) => {
    const mayOverlap =
      node.component.plugin.overlaps && isFree(node) && !node.uses.some((used) => others.includes(used));
    if (!mayOverlap) others.push(node);
    return mayOverlap;
  });
}

/** Returns the edges by which runs enter pipelines that lose a stage or get others in between. */
function outletsInto(closing: readonly Node[], from: Graph, to: Graph): Edge[] {
  // An extension that observes the runs of all pipelines must miss none.
  const isObserved = closing.some(({ stage }) => 'observe' in stage && stage.observe);
  const isAffected = (pipeline: PipelineNodes) => {
    const { processors } = to.pipelines.find(({ id }) => id === pipeline.id) ?? pipeline;
    const stages = [...pipeline.processors, ...pipeline.exporters];
    return isObserved || !isSame(processors, pipeline.processors) || stages.some((node) => closing.includes(node));
  };
  const receivers = from.pipelines.filter(isAffected).flatMap((pipeline) => pipeline.receivers);
  return [...new Set(receivers.map(({ outlet }) => outlet))];
}

/** Returns the edges to exporters that stop and that others replace. */
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
