import type { Pipeline } from '../config/configuration.ts';
import type { Node } from '../pipeline/node.ts';
import type { RunState, ServiceStatus } from '../plugin/index.ts';

type StatusNode = Pick<Node, 'kind' | 'id' | 'pipeline' | 'health'>;

/** What the status of a service is made of. */
export interface StatusFacts {
  readonly nodes: readonly StatusNode[];
  readonly pipelines: readonly Pipeline[];
  readonly upSince: Date | undefined;
  readonly isStopping: boolean;
}

/** How a service is doing: what is not stopping runs as soon as all of its stages do, and also while some are exchanged. */
export function serviceStatus({ nodes, pipelines, upSince, isStopping }: StatusFacts): ServiceStatus {
  const stateOf = (stages: readonly StatusNode[]): RunState => {
    if (isStopping) return 'stopping';
    const isUnderWay = !upSince && stages.some(({ health: { state } }) => state === 'waiting' || state === 'starting');
    return isUnderWay ? 'starting' : 'running';
  };
  return {
    state: stateOf(nodes),
    upSince,
    pipelines: pipelines.map(({ id, receivers, processors, exporters }) => {
      const state = stateOf(nodes.filter((node) => belongsTo(node, { id, receivers, processors, exporters })));
      return { id, state, receivers, processors, exporters };
    }),
    stages: nodes.map(({ kind, id, pipeline, health: { state, lastError } }) => ({
      kind,
      id,
      pipeline,
      state,
      lastError,
    })),
  };
}

function belongsTo({ kind, id, pipeline: own }: StatusNode, pipeline: Pipeline): boolean {
  if (kind === 'processor') return own === pipeline.id;
  if (kind === 'receiver') return pipeline.receivers.includes(id);
  return kind === 'exporter' && pipeline.exporters.includes(id);
}
