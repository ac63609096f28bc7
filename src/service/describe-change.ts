import { isDeepStrictEqual } from 'node:util';
import type { Graph } from '../pipeline/graph.ts';
import type { Node } from '../pipeline/node.ts';

/** Says which components one graph has in place of another's, as `restarted processor cost; 5 components kept`. */
export function describeChange(before: Graph, after: Graph): string {
  const gone = namesOf(before.nodes.filter((node) => !after.nodes.includes(node)));
  const fresh = namesOf(after.nodes.filter((node) => !before.nodes.includes(node)));
  const kept = namesOf(after.nodes).filter((name) => !fresh.includes(name));
  const parts = [
    phrase(
      'started',
      fresh.filter((name) => !gone.includes(name)),
    ),
    phrase(
      'restarted',
      fresh.filter((name) => gone.includes(name)),
    ),
    phrase(
      'stopped',
      gone.filter((name) => !fresh.includes(name)),
    ),
  ].flat();
  if (parts.length === 0) {
    const isSame = isDeepStrictEqual(before.configuration.pipelines, after.configuration.pipelines);
    parts.push(isSame ? 'nothing has changed' : 'pipelines lead elsewhere');
  }
  return `${parts.join(', ')}; ${kept.length} component${kept.length === 1 ? '' : 's'} kept`;
}

/** A processor of several pipelines counts once. */
function namesOf(nodes: readonly Node[]): string[] {
  return [...new Set(nodes.map(({ kind, id }) => `${kind} ${id}`))];
}

function phrase(verb: string, names: readonly string[]): string[] {
  return names.length ? [`${verb} ${names.join(', ')}`] : [];
}
