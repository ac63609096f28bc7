import type { Pipeline } from '../config/configuration.ts';
import type { Secrets } from '../model/secrets.ts';
import type { Node } from '../pipeline/node.ts';
import type { Lifecycle } from '../plugin/contract.ts';
import type { Processor, RunState, ServiceStatus } from '../plugin/index.ts';
import type { Failure } from '../plugin/status.ts';

type StatusNode = Pick<Node, 'kind' | 'id' | 'pipeline' | 'health'> & { readonly stage?: Lifecycle };

/** Returns the status of a service, without the secrets of its configuration. After the start it is `running`, also while stages are exchanged, until it stops. */
export function serviceStatus({
  nodes,
  pipelines,
  upSince,
  isStopping,
  secrets,
}: {
  readonly nodes: readonly StatusNode[];
  readonly pipelines: readonly Pipeline[];
  readonly upSince: Date | undefined;
  readonly isStopping: boolean;
  readonly secrets?: Secrets;
}): ServiceStatus {
  const stateOf = (stages: readonly StatusNode[]): RunState => {
    if (isStopping) return 'stopping';
    const isUnderWay = !upSince && stages.some(({ health: { state } }) => state === 'waiting' || state === 'starting');
    return isUnderWay ? 'starting' : 'running';
  };
  const shown = (failure: Failure | undefined) =>
    failure && secrets ? { ...failure, message: secrets.redact(failure.message) } : failure;
  return {
    state: stateOf(nodes),
    upSince,
    pipelines: pipelines.map((pipeline) => ({
      ...pipeline,
      state: stateOf(nodes.filter((node) => belongsTo(node, pipeline))),
    })),
    stages: nodes.map(({ kind, id, pipeline, health: { state, lastError, blocked }, stage }) => {
      const processor = stage as Processor | undefined;
      const [streams, unread] = [processor?.streams?.(), processor?.unread?.()];
      return { kind, id, pipeline, state, lastError: shown(lastError), blocked: shown(blocked), streams, unread };
    }),
  };
}

function belongsTo({ kind, id, pipeline: own }: StatusNode, pipeline: Pipeline): boolean {
  if (kind === 'processor') return own === pipeline.id;
  if (kind === 'receiver') return pipeline.receivers.includes(id);
  return kind === 'exporter' && pipeline.exporters.includes(id);
}
