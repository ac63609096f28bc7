import { readsMeters } from '../config/check-streams.ts';
import { authenticatorsOf, type Configuration } from '../config/configuration.ts';
import { ConfigurationError } from '../errors.ts';
import type { Consumer } from '../plugin/contract.ts';
import type { Run } from '../plugin/index.ts';
import { Destination, Edge } from './edge.ts';
import { fanOut } from './fan-out.ts';
import type { GraphOptions, Predecessor } from './graph-options.ts';
import type { ExporterNode, Node, ProcessorNode, ReceiverNode } from './node.ts';
import { NodeMaker } from './node-maker.ts';
import { StoredSendingQueue } from './stored-sending-queue.ts';
import { refuseStreams } from './stream-gate.ts';

/** The stages of a pipeline, in the order in which runs pass. */
export interface PipelineNodes {
  readonly id: string;
  readonly receivers: readonly ReceiverNode[];
  readonly processors: readonly ProcessorNode[];
  readonly exporters: readonly ExporterNode[];
}

/** All stages of a configuration; nothing is started. */
export interface Graph {
  readonly configuration: Configuration;
  readonly pipelines: readonly PipelineNodes[];
  readonly receivers: readonly ReceiverNode[];
  /** The consumer at the beginning of each pipeline, by its id. */
  readonly heads: ReadonlyMap<string, Consumer>;
  /** All stages but receivers in the order in which they start: extensions, providers, exporters, processors from last to first. */
  readonly downstream: readonly Node[];
  /** All stages, in the order in which they start. */
  readonly nodes: readonly Node[];
  /** The sending queues on disk. */
  readonly storedQueues: readonly StoredSendingQueue[];
  /** Connects the stages; from then on runs of kept stages of an earlier graph go this way too. */
  connect(): void;
}

/**
 * Creates all stages, except those that it can take over from the graph before. Throws `ConfigurationError` with a problem
 * for each plugin that refuses its configuration.
 */
export function buildGraph(configuration: Configuration, options: GraphOptions, predecessor?: Predecessor): Graph {
  const maker = new NodeMaker(configuration, options, predecessor);
  const graph = compose(configuration, options, maker);
  if (maker.problems.length === 0) return graph;
  maker.discard();
  throw new ConfigurationError(maker.problems);
}

function compose(configuration: Configuration, { sink, withoutReceivers }: GraphOptions, maker: NodeMaker): Graph {
  const named = (kind: 'receivers' | 'exporters') => [...new Set(configuration.pipelines.flatMap((one) => one[kind]))];
  const extensions = made(authFirst(configuration), (id) => maker.extension(id));
  const exporters = sink ? [] : made(named('exporters'), (id) => maker.exporter(id));
  const chains = configuration.pipelines.map((pipeline) => ({
    pipeline,
    // Problems and starts come from the last to the first.
    processors: made(pipeline.processors.toReversed(), (id) => maker.processor(id, pipeline.id)).toReversed(),
  }));
  const receivers = withoutReceivers ? [] : made(named('receivers'), (id) => maker.receiver(id));
  const pipelines = chains.map(({ pipeline, processors }) => ({
    id: pipeline.id,
    receivers: receivers.filter(({ id }) => pipeline.receivers.includes(id)),
    processors,
    exporters: made(pipeline.exporters, (id) => exporters.find((exporter) => exporter.id === id)),
  }));
  const observe = extensions.flatMap(({ stage }) => (stage.observe ? [stage.observe.bind(stage)] : []));
  const ends = new Map(
    pipelines.map(({ id, exporters }) => [
      id,
      new Destination(observed(sink?.(id) ?? fanOut(exporters.map(({ way }) => way)), observe)),
    ]),
  );
  const beginnings = new Map(
    pipelines.map(({ id, processors }) => {
      const beginning = processors[0]?.inlet ?? (ends.get(id) as Destination);
      const plugins = processors.map(({ component }) => component.plugin);
      const slices = plugins.some(({ streams }) => streams === 'slices');
      if (slices || !plugins.some(readsMeters)) return [id, beginning];
      return [id, new Destination(refuseStreams(edgeTo(beginning), configuration.streamRemedy))];
    }),
  );
  const heads = new Map([...beginnings].map(([id, beginning]) => [id, edgeTo(beginning)]));
  const processors = chains.flatMap((chain) => chain.processors.toReversed());
  const downstream = [...extensions, ...maker.providers, ...exporters, ...processors];
  return {
    configuration,
    pipelines,
    receivers,
    heads,
    downstream,
    nodes: [...downstream, ...receivers],
    storedQueues: downstream.flatMap(({ stage }) => (stage instanceof StoredSendingQueue ? [stage] : [])),
    connect() {
      for (const { way, inlet } of exporters) way.connect(inlet);
      for (const { id, processors } of pipelines) {
        for (const [index, { outlet }] of processors.entries()) {
          outlet.connect(processors[index + 1]?.inlet ?? (ends.get(id) as Destination));
        }
      }
      for (const { id, outlet } of receivers) {
        const fed = pipelines.filter(({ receivers }) => receivers.some((receiver) => receiver.id === id));
        const [only, ...others] = fed.map((pipeline) => pipeline.id);
        const beginning = others.length || only === undefined ? undefined : beginnings.get(only);
        outlet.connect(beginning ?? new Destination(fanOut(fed.map((pipeline) => heads.get(pipeline.id) as Edge))));
      }
    },
  };
}

/** Returns the extensions in the order of their start: as they are listed, but for those that others may ask who is let in. */
function authFirst(configuration: Configuration): string[] {
  const first = authenticatorsOf(configuration);
  return configuration.extensions.toSorted((a, b) => Number(first.includes(b)) - Number(first.includes(a)));
}

function edgeTo(destination: Destination): Edge {
  const edge = new Edge();
  edge.connect(destination);
  return edge;
}

/** Returns the same consumer, which calls each observer before it takes runs over. */
function observed(consumer: Consumer, observers: readonly ((runs: readonly Run[]) => void)[]): Consumer {
  if (observers.length === 0) return consumer;
  return {
    consume(runs, signal) {
      for (const observe of observers) observe(runs);
      return consumer.consume(runs, signal);
    },
  };
}

function made<N>(ids: readonly string[], make: (id: string) => N | undefined): N[] {
  return ids.flatMap((id) => make(id) ?? []);
}
