import type { Counter, Meter } from '@opentelemetry/api';
import type { Configuration } from '../config/configuration.ts';
import { ConfigurationError, formatProblem, messageOf } from '../errors.ts';
import { buildGraph, type Graph } from '../pipeline/graph.ts';
import type { GraphOptions } from '../pipeline/graph-options.ts';
import type { Node } from '../pipeline/node.ts';
import { describeChange } from './describe-change.ts';
import { type ExchangeMeans, exchange, release, retire } from './exchange.ts';

/** Reads the configuration anew; rejects where it has problems. */
export type Load = () => Promise<Configuration>;

/** It was carried out, or the configuration has problems, or a stage could not start with it. */
type Outcome = 'success' | 'refused' | 'failed';

/** Brings the stages that run to a new configuration, or leaves them as they are where that is not possible. */
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
   * Reloads, after a reload that is under way; of several that wait the last one counts. Resolves when nothing is left to
   * do, and never rejects: the log and the counter tell what came of it. Once everything is to stop it does nothing.
   */
  request(load: Load): Promise<void> {
    this.#wanted = load;
    this.#underWay ??= this.#reloadWanted().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Resolves when none is under way. */
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

  /** What came of it; undefined where it has ended with everything else. */
  async #reload(load: Load): Promise<Outcome | undefined> {
    const { live, listeners, logger, stopping, held } = this.#means;
    const before = live.graph;
    const graph = await this.#build(load);
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

  /** The graph of the new configuration; undefined where it is refused, with all problems in the log. */
  async #build(load: Load): Promise<Graph | undefined> {
    const { live, logger } = this.#means;
    try {
      const configuration = await load();
      return buildGraph(configuration, this.#options, {
        nodes: live.graph.nodes,
        isRunning: live.isRunning.bind(live),
      });
    } catch (error) {
      const problems = error instanceof ConfigurationError ? error.problems.map(formatProblem) : [messageOf(error)];
      for (const problem of problems) logger.error(problem);
      const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`;
      logger.error(`the new configuration is refused, and the one before runs on: ${count}`);
      return undefined;
    }
  }

  /** What has been stopped by then starts anew; everything else has never stopped. */
  async #takeBack({ configuration, nodes }: Graph): Promise<readonly Node[]> {
    const { live, logger, stopping } = this.#means;
    try {
      const isRunning = live.isRunning.bind(live);
      const graph = buildGraph(configuration, this.#options, { nodes, isRunning });
      return await exchange(graph, this.#means, { isLenient: true });
    } catch (error) {
      if (!stopping.aborted) logger.error(`the configuration before cannot be taken up again: ${messageOf(error)}`);
      return [];
    }
  }
}

/** What counts reloads. */
export function reloadCounter(meter: Meter): Counter {
  return meter.createCounter('wattline_reloads_total', {
    description: 'Reloads of the configuration, by outcome: success, refused or failed',
  });
}

/** Loggers of components have a level of their own. */
function setLevel({ configuration, nodes }: Graph, logger: ExchangeMeans['logger']): void {
  for (const own of [logger, ...nodes.map(({ context }) => context.logger)]) own.level = configuration.logLevel;
}
