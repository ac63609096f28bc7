import { isDeepStrictEqual } from 'node:util';
import type { Counter, Meter } from '@opentelemetry/api';
import type { Configuration } from '../config/configuration.ts';
import { countOf } from '../count.ts';
import { ConfigurationError, formatProblem, messageOf } from '../errors.ts';
import { buildGraph, type Graph } from '../pipeline/graph.ts';
import type { GraphOptions } from '../pipeline/graph-options.ts';
import type { Node } from '../pipeline/node.ts';
import { type ExchangeMeans, exchange, release, retire } from './exchange.ts';

/** Reads the configuration again; rejects where it has problems. */
export type Load = () => Promise<Configuration>;

/** A reload succeeds, is refused where the configuration has problems, or fails where a stage cannot start. */
type Outcome = 'success' | 'refused' | 'failed';

/** Replaces the stages that run by those of a new configuration, or keeps them where that is not possible. */
export function reloadsOf(options: GraphOptions, means: ExchangeMeans) {
  const { live, listeners, logger, stopping, held } = means;
  const counter = reloadCounter(options.meter);
  for (const outcome of ['success', 'refused', 'failed']) counter.add(0, { outcome });
  let wanted: Load | undefined;
  let underWay: Promise<void> | undefined;

  const build = (configuration: Configuration, nodes: readonly Node[]) =>
    buildGraph(configuration, options, { nodes, isRunning: (node) => live.isRunning(node) });

  const reloadWanted = async () => {
    while (wanted && !stopping.aborted) {
      const load = wanted;
      wanted = undefined;
      const outcome = await reload(load);
      if (outcome) counter.add(1, { outcome });
    }
  };

  /** Returns undefined where the service stopped meanwhile. */
  const reload = async (load: Load): Promise<Outcome | undefined> => {
    const before = live.graph;
    let graph: Graph;
    try {
      graph = build(await load(), before.nodes);
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems.map(formatProblem) : [messageOf(error)];
      for (const problem of problems) logger.error(problem);
      const count = countOf(problems.length, 'problem');
      logger.error(`the new configuration is refused, and the one before runs on: ${count}`);
      return 'refused';
    }
    let succeeded: readonly Node[] = [];
    try {
      succeeded = await exchange(graph, means);
      setLevel(graph, logger);
      logger.info(`reloaded: ${describeChange(before, graph)}`);
      return 'success';
    } catch (error) {
      if (stopping.aborted) return undefined;
      logger.error(`the new configuration cannot run, and the one before goes on: ${messageOf(error)}`);
      for (const node of graph.nodes) if (!live.isRunning(node)) node.retire();
      succeeded = await takeBack(before);
      return 'failed';
    } finally {
      release(held);
      await listeners.settle();
      await retire(succeeded, means);
    }
  };

  /** Starts again what the exchange has stopped; everything else has kept running. */
  const takeBack = async ({ configuration, nodes }: Graph): Promise<readonly Node[]> => {
    try {
      return await exchange(build(configuration, nodes), means, { isLenient: true });
    } catch (error) {
      if (!stopping.aborted) logger.error(`the configuration before cannot be taken up again: ${messageOf(error)}`);
      return [];
    }
  };

  return {
    /**
     * Reloads after the current reload, if any; of several requests that wait only the last counts. Resolves when nothing
     * is left to do, and never rejects: the log and the counter show the result. Does nothing once the service stops.
     */
    request(load: Load): Promise<void> {
      wanted = load;
      underWay ??= reloadWanted().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    /** Resolves when no reload is under way. */
    async idle(): Promise<void> {
      await underWay;
    },
  };
}

/** Returns the counter of reloads. */
export function reloadCounter(meter: Meter): Counter {
  return meter.createCounter('wattline_reloads_total', {
    description: 'Reloads of the configuration, by outcome: success, refused or failed',
  });
}

/** Sets the level of all loggers, since those of components have levels of their own. */
function setLevel({ configuration, nodes }: Graph, logger: ExchangeMeans['logger']): void {
  for (const own of [logger, ...nodes.map(({ context }) => context.logger)]) own.level = configuration.logLevel;
}

/** Describes the difference between two graphs, such as `restarted processor cost; 5 components kept`. */
function describeChange(before: Graph, after: Graph): string {
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
