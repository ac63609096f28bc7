import { isDeepStrictEqual } from 'node:util';
import { countOf } from '../count.ts';
import type { Graph } from '../pipeline/graph.ts';
import type { Node } from '../pipeline/node.ts';

/** Describes the difference between two graphs, such as `restarted processor cost; 5 components kept`. */
export function describeChange(before: Graph, after: Graph): string {
  const gone = namesOf(before.nodes.filter((node) => !after.nodes.includes(node)));
  const fresh = namesOf(after.nodes.filter((node) => !before.nodes.includes(node)));
  const kept = namesOf(after.nodes).filter((name) => !fresh.includes(name));
  const changes = {
    started: fresh.filter((name) => !gone.includes(name)),
    restarted: fresh.filter((name) => gone.includes(name)),
    stopped: gone.filter((name) => !fresh.includes(name)),
  };
  const parts = Object.entries(changes).flatMap(([verb, names]) => (names.length ? `${verb} ${names.join(', ')}` : []));
  if (parts.length === 0) {
    const isSame = isDeepStrictEqual(before.configuration.pipelines, after.configuration.pipelines);
    parts.push(isSame ? 'nothing has changed' : 'the pipelines are connected differently');
  }
  return `${parts.join(', ')}; ${countOf(kept.length, 'component')} kept`;
}

/** Returns the names of the components; a processor of several pipelines counts once. */
function namesOf(nodes: readonly Node[]): string[] {
  return [...new Set(nodes.map(({ kind, id }) => `${kind} ${id}`))];
}
