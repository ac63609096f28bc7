import type { Counter, Meter } from '@opentelemetry/api';
import type { Configuration } from '../config/configuration.ts';
import { countOf } from '../count.ts';
import { ConfigurationError, formatProblem, messageOf } from '../errors.ts';
import { buildGraph, type Graph } from '../pipeline/graph.ts';
import type { GraphOptions } from '../pipeline/graph-options.ts';
import type { Node } from '../pipeline/node.ts';
import { describeChange } from './describe-change.ts';
import { type ExchangeMeans, exchange, release, retire } from './exchange.ts';

/** Reads the configuration again; rejects where it has problems. */
export type Load = () => Promise<Configuration>;

/** A reload succeeds, is refused where the configuration has problems, or fails where a stage cannot start. */
type Outcome = 'success' | 'refused' | 'failed';

/** Replaces the stages that run by those of a new configuration, or keeps them where that is not possible. */
export class Reloads {
  readonly #options: GraphOptions;
  readonly #means: ExchangeMeans;
  readonly #counter: Counter;
  #wanted: Load | undefined;
  #underWay: Promise<void> | undefined;

  constructor(options: GraphOptions, means: ExchangeMeans) {
    this.#options = options;
    this.#means = means;
    this.#counter = reloadCounter(options.meter);
    for (const outcome of ['success', 'refused', 'failed']) this.#counter.add(0, { outcome });
  }

  /**
   * Reloads after the current reload, if any; of several requests that wait only the last counts. Resolves when nothing is
   * left to do, and never rejects: the log and the counter show the result. Does nothing once the service stops.
   */
  request(load: Load): Promise<void> {
    this.#wanted = load;
    this.#underWay ??= this.#reloadWanted().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Resolves when no reload is under way. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async #reloadWanted(): Promise<void> {
    while (this.#wanted && !this.#means.stopping.aborted) {
      const load = this.#wanted;
      this.#wanted = undefined;
      const outcome = await this.#reload(load);
      if (outcome) this.#counter.add(1, { outcome });
    }
  }

  /** Returns undefined where the service stopped meanwhile. */
  async #reload(load: Load): Promise<Outcome | undefined> {
    const { live, listeners, logger, stopping, held } = this.#means;
    const before = live.graph;
    const graph = await this.#load(load);
    if (!graph) return 'refused';
    let succeeded: readonly Node[] = [];
    try {
      succeeded = await exchange(graph, this.#means);
      setLevel(graph, logger);
      logger.info(`reloaded: ${describeChange(before, graph)}`);
      return 'success';
    } catch (error) {
      if (stopping.aborted) return undefined;
      logger.error(`the new configuration cannot run, and the one before goes on: ${messageOf(error)}`);
      for (const node of graph.nodes) if (!live.isRunning(node)) node.retire();
      succeeded = await this.#takeBack(before);
      return 'failed';
    } finally {
      release(held);
      await listeners.settle();
      await retire(succeeded, this.#means);
    }
  }

  /** Returns the graph of the new configuration; undefined where it is refused, with all problems in the log. */
  async #load(load: Load): Promise<Graph | undefined> {
    const { live, logger } = this.#means;
    try {
      return this.#build(await load(), live.graph.nodes);
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems.map(formatProblem) : [messageOf(error)];
      for (const problem of problems) logger.error(problem);
      const count = countOf(problems.length, 'problem');
      logger.error(`the new configuration is refused, and the one before runs on: ${count}`);
      return undefined;
    }
  }

  /** Starts again what the exchange has stopped; everything else has kept running. */
  async #takeBack({ configuration, nodes }: Graph): Promise<readonly Node[]> {
    const { logger, stopping } = this.#means;
    try {
      return await exchange(this.#build(configuration, nodes), this.#means, { isLenient: true });
    } catch (error) {
      if (!stopping.aborted) logger.error(`the configuration before cannot be taken up again: ${messageOf(error)}`);
      return [];
    }
  }

  #build(configuration: Configuration, nodes: readonly Node[]): Graph {
    const { live } = this.#means;
    return buildGraph(configuration, this.#options, { nodes, isRunning: (node) => live.isRunning(node) });
  }
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
