import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { messageOf, WattlineError } from '../errors.ts';
import { Listeners } from '../http/listeners.ts';
import { Secrets } from '../model/secrets.ts';
import { addFailure, type Deliveries } from '../pipeline/deliveries.ts';
import { buildGraph } from '../pipeline/graph.ts';
import type { GraphOptions } from '../pipeline/graph-options.ts';
import { countPointsOn } from '../pipeline/point-counts.ts';
import type { Consumer } from '../plugin/contract.ts';
import type { Extension, ServiceStatus, Skipped } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { memoryStates } from '../plugin/states.ts';
import type { Storage } from '../plugin/storage.ts';
import { LiveStages } from './live-stages.ts';
import { observeProcess } from './process-metrics.ts';
import { type Load, reloadsOf } from './reloads.ts';
import { serviceStatus } from './status.ts';
import { createTelemetry } from './telemetry.ts';

const GIVE_UP_AFTER = 300_000;
const GIVE_UP_AFTER_ONCE = 15_000;

/** The surroundings of a service. */
export interface ServiceOptions extends Pick<GraphOptions, 'sink' | 'withoutReceivers' | 'explain'> {
  readonly logger: Logger;
  /** The texts of its configurations that no output may show. */
  readonly secrets?: Secrets | undefined;
  /** The stream that exporters such as `debug` print to. */
  readonly stdout: NodeJS.WritableStream;
  /** Whether it reads all present data and ends, rather than following its sources. */
  readonly once: boolean;
  /** Called with everything that a component skips. */
  readonly onSkip?: (kind: Kind, skipped: Skipped) => void;
  /** Called with the bytes that a component has read so far, and all that it reads once. */
  readonly onProgress?: ((id: string, done: number, total: number) => void) | undefined;
}

/** Starts, reloads and stops the stages of a configuration. Its constructor does no I/O. */
export class Service {
  readonly #live: LiveStages;
  readonly #listeners: Listeners;
  readonly #reloads: ReturnType<typeof reloadsOf>;
  readonly #logger: Logger;
  readonly #secrets: Secrets;
  readonly #once: boolean;
  #upSince: Date | undefined;
  readonly #stopping = new AbortController();
  readonly #deliveries: Deliveries = { delivered: 0, failures: new Map() };

  /** Throws `ConfigurationError` where a plugin refuses its configuration. */
  constructor(configuration: Configuration, options: ServiceOptions) {
    const { logger, secrets = new Secrets(), stdout, once, onSkip, onProgress } = options;
    this.#logger = logger;
    this.#secrets = secrets;
    this.#once = once;
    const telemetry = createTelemetry(secrets);
    const listeners = new Listeners(logger);
    this.#listeners = listeners;
    const contextFor: GraphOptions['contextFor'] = ({ kind, id, plugin, directory }) => {
      const own = logger.child({ component: `${kind} ${id}` });
      const skip = telemetry.skipper(kind, id, own);
      return {
        id,
        logger: own,
        meter: telemetry.meters.getMeter(`wattline/${kind}/${plugin.type}`),
        telemetry: telemetry.producer,
        http: listeners.forComponent(),
        stdout,
        resolvePath: (path) => resolve(directory, path),
        skip(skipped) {
          skip(skipped);
          onSkip?.(kind, skipped);
        },
        status: () => this.#status(),
        hide: (text) => secrets.add(text),
        progress: onProgress && ((done, total) => onProgress(id, done, total)),
      };
    };
    const stopping = this.#stopping.signal;
    const meter = telemetry.meters.getMeter('wattline');
    observeProcess(meter);
    const graphOptions: GraphOptions = {
      ...options,
      meter,
      secrets,
      points: countPointsOn(meter),
      contextFor,
      memory: memoryStates(),
      awaitsDelivery: once,
      maxElapsedTime: once ? GIVE_UP_AFTER_ONCE : GIVE_UP_AFTER,
      stopping,
      deliveries: once ? this.#deliveries : undefined,
    };
    const graph = buildGraph(configuration, graphOptions);
    graph.connect();
    this.#live = new LiveStages(graph);
    this.#reloads = reloadsOf(graphOptions, { live: this.#live, listeners, logger, stopping, held: new Set() });
  }

  /** The consumer at the beginning of each pipeline, by its id. */
  get pipelines(): ReadonlyMap<string, Consumer> {
    return this.#live.graph.heads;
  }

  /** Where the extensions let others keep things, by their ids. */
  get storages(): ReadonlyMap<string, Storage> {
    const extensions = this.#live.graph.nodes.filter(({ kind }) => kind === 'extension');
    return new Map(
      extensions.flatMap(({ id, stage }) => {
        const { storage } = stage as Extension;
        return storage ? [[id, storage] as const] : [];
      }),
    );
  }

  /**
   * Starts all stages, receivers last; starts no more once `signal` is aborted. Where a stage fails, stops those that have
   * started and throws `START_FAILED`.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { downstream, receivers, nodes } = this.#live.graph;
    this.#listeners.isStarting = true;
    try {
      for (const node of this.#once ? downstream : nodes) {
        if (!(await this.#live.start(node, signal))) return;
      }
    } catch (error) {
      for (const stopError of await this.stop()) this.#logger.error(stopError.message);
      throw error;
    }
    this.#listeners.isStarting = false;
    // Receivers that are read once have no start.
    for (const { health } of receivers) health.state = 'running';
    this.#upSince = new Date();
  }

  /**
   * Lets every receiver hand over all present data; resolves when all of it has been delivered or has failed. Throws where a
   * receiver could not read, after the others have finished.
   */
  async readOnce(signal: AbortSignal): Promise<Deliveries> {
    const { receivers } = this.#live.graph;
    const readers = receivers.filter(({ stage }) => stage.readOnce);
    if (readers.length === 0) {
      const ids = receivers.map(({ id }) => id).join(', ');
      throw new WattlineError('NOTHING_TO_READ', `no receiver can read once and end: ${ids}`);
    }
    for (const { id, stage } of receivers) {
      if (!stage.readOnce) this.#logger.warn(`receiver ${id} waits for others to call, and is not started`);
    }
    const hurry = () => this.#stopping.abort();
    signal.addEventListener('abort', hurry, { once: true });
    if (signal.aborted) hurry();
    const results = await Promise.allSettled(readers.map(async ({ stage }) => stage.readOnce?.(signal)));
    await this.#addLeftovers();
    signal.removeEventListener('abort', hurry);
    const failures = results.flatMap((result, index) =>
      result.status === 'rejected' ? [`receiver ${readers[index]?.id}: ${messageOf(result.reason)}`] : [],
    );
    const sawAny = this.#deliveries.delivered > 0 || this.#deliveries.failures.size > 0;
    if (failures.length) throw new WattlineError(sawAny ? 'NOT_DELIVERED' : 'NOTHING_TO_READ', failures.join('; '));
    if (signal.aborted) throw new WattlineError('NOT_DELIVERED', 'stopped before everything had been read');
    return this.#deliveries;
  }

  /** Adds the fate of runs that queues on disk kept from an earlier process. */
  async #addLeftovers(): Promise<void> {
    const results = await Promise.all(this.#live.graph.storedQueues.map((queue) => queue.leftovers()));
    for (const { refused, cause } of results.flat()) {
      const [first] = refused;
      if (first) addFailure(this.#deliveries, first.message);
      else if (cause) addFailure(this.#deliveries, messageOf(cause));
      else this.#deliveries.delivered++;
    }
  }

  /**
   * Replaces the configuration by the one that `load` reads: restarts only stages whose settings have changed, or those of
   * components that they use. Where it has problems or cannot start, everything stays as it is. Resolves when that is done,
   * and never rejects; does nothing before the start has finished and once the service stops.
   */
  async reload(load: Load): Promise<void> {
    if (this.#upSince && !this.#stopping.signal.aborted) await this.#reloads.request(load);
  }

  /** Stops all stages, receivers first, each with a deadline. Returns the errors; a failure does not keep others from stopping. */
  async stop(): Promise<Error[]> {
    this.#stopping.abort();
    await this.#reloads.idle();
    return this.#live.stop(this.#live.running);
  }

  #status(): ServiceStatus {
    const { nodes, configuration } = this.#live.graph;
    const { pipelines } = configuration;
    const isStopping = this.#stopping.signal.aborted;
    return serviceStatus({ nodes, pipelines, upSince: this.#upSince, isStopping, secrets: this.#secrets });
  }
}
