import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Component, Configuration, Pipeline } from '../config/configuration.ts';
import { messageOf, WattlineError } from '../errors.ts';
import { type Deliveries, noteFailure } from '../pipeline/counted.ts';
import { buildGraph, type Graph, type Node } from '../pipeline/graph.ts';
import { ProcessorItems } from '../pipeline/processor-items.ts';
import type { Consumer, Context, Kind, ServiceStatus, Skipped, SourceContext } from '../plugin/index.ts';
import { createListeners } from './listeners.ts';
import { observeProcess } from './process-metrics.ts';
import { serviceStatus } from './status.ts';
import { createTelemetry } from './telemetry.ts';

/** How long each stage may take to stop, in milliseconds. */
const STOP_DEADLINE = 5000;
const GIVE_UP_AFTER = 300_000;
const GIVE_UP_AFTER_ONCE = 15_000;

/** What a service runs with. */
export interface ServiceOptions {
  readonly logger: Logger;
  /** Where the `debug` kind of exporters print. */
  readonly stdout: NodeJS.WritableStream;
  /** Whether it reads what is there and ends, rather than following its sources. */
  readonly once: boolean;
  /** What takes the runs in place of the exporters, if anything. */
  readonly sink?: Consumer;
  /** Whether receivers are left out, so that runs come by `pipelines` alone. */
  readonly withoutReceivers?: boolean;
  /** Is told of everything that a component skips. */
  readonly onSkip?: (kind: Kind, skipped: Skipped) => void;
  /** Is told how figures came about. */
  readonly explain?: SourceContext['explain'];
}

/** A configuration's stages, and how they start and stop together. Building one does no I/O. */
export class Service {
  readonly #graph: Graph;
  readonly #pipelines: readonly Pipeline[];
  readonly #logger: Logger;
  readonly #once: boolean;
  readonly #started: Node[] = [];
  #upSince: Date | undefined;
  readonly #stopping = new AbortController();
  #isStopping = false;
  readonly #deliveries: Deliveries = { delivered: 0, failures: new Map() };

  /** Throws `ConfigurationError` where a plugin refuses its configuration. */
  constructor(configuration: Configuration, options: ServiceOptions) {
    const { logger, stdout, once, sink, onSkip, explain, withoutReceivers } = options;
    this.#logger = logger;
    this.#once = once;
    this.#pipelines = configuration.pipelines;
    const telemetry = createTelemetry();
    const http = createListeners(logger);
    const contextFor = ({ kind, id, plugin, directory }: Component): Context => {
      const own = logger.child({ component: `${kind} ${id}` });
      const skip = telemetry.skipper(kind, id, own);
      return {
        id,
        logger: own,
        meter: telemetry.meters.getMeter(`wattline/${kind}/${plugin.type}`),
        telemetry: telemetry.producer,
        http,
        stdout,
        resolvePath: (path) => resolve(directory, path),
        skip(skipped) {
          skip(skipped);
          onSkip?.(kind, skipped);
        },
        status: () => this.#status(),
      };
    };
    const meter = telemetry.meters.getMeter('wattline');
    observeProcess(meter);
    const maxElapsedTime = once ? GIVE_UP_AFTER_ONCE : GIVE_UP_AFTER;
    const deliveries = once ? this.#deliveries : undefined;
    const stopping = this.#stopping.signal;
    const ends = { awaitsDelivery: once, maxElapsedTime, stopping };
    this.#graph = buildGraph(configuration, {
      meter,
      items: new ProcessorItems(meter),
      contextFor,
      ...ends,
      sink,
      withoutReceivers,
      deliveries,
      explain,
    });
  }

  /** What takes runs at the beginning of each pipeline, by its id. */
  get pipelines(): ReadonlyMap<string, Consumer> {
    return this.#graph.heads;
  }

  /**
   * Starts all stages, receivers last; once `signal` is aborted no more are started. Where one fails, what had started
   * is stopped and `START_FAILED` is thrown.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { downstream, receivers } = this.#graph;
    const isAborted = new Promise<false>((resolve) => {
      signal.addEventListener('abort', () => resolve(false), { once: true });
    });
    for (const node of this.#once ? downstream : [...downstream, ...receivers]) {
      if (signal.aborted) return;
      try {
        node.health.state = 'starting';
        const starting = node.stage.start?.(signal);
        const hasStarted = await Promise.race([starting?.then(() => true) ?? true, isAborted]);
        // One that is given up while it starts is stopped like the others.
        this.#started.push(node);
        if (!hasStarted) return;
        node.health.state = 'running';
      } catch (error) {
        for (const stopError of await this.stop()) this.#logger.error(stopError.message);
        const message = `${node.kind} ${node.id} cannot start: ${messageOf(error)}`;
        throw new WattlineError('START_FAILED', message, { cause: error });
      }
    }
    // Receivers that are read once are not started.
    for (const { health } of receivers) health.state = 'running';
    this.#upSince = new Date();
  }

  /**
   * Has every receiver hand over what is there now; resolves when all of it has been delivered or has failed. Throws
   * where a receiver could not read; the others have finished by then.
   */
  async readOnce(signal: AbortSignal): Promise<Deliveries> {
    const { receivers } = this.#graph;
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
    await this.#noteLeftovers();
    signal.removeEventListener('abort', hurry);
    const failures = results.flatMap((result, index) =>
      result.status === 'rejected' ? [`receiver ${readers[index]?.id}: ${messageOf(result.reason)}`] : [],
    );
    const sawAny = this.#deliveries.delivered > 0 || this.#deliveries.failures.size > 0;
    if (failures.length) throw new WattlineError(sawAny ? 'NOT_DELIVERED' : 'NOTHING_TO_READ', failures.join('; '));
    if (signal.aborted) throw new WattlineError('NOT_DELIVERED', 'stopped before everything had been read');
    return this.#deliveries;
  }

  /** Runs that queues on disk had from before are delivered too. */
  async #noteLeftovers(): Promise<void> {
    const results = await Promise.all(this.#graph.storedQueues.map((queue) => queue.leftovers()));
    for (const result of results.flat()) {
      if (result.status === 'fulfilled') this.#deliveries.delivered++;
      else noteFailure(this.#deliveries, result.reason);
    }
  }

  /** Stops all stages, receivers first, each with a deadline. Returns what went wrong; the rest still stops. */
  async stop(): Promise<Error[]> {
    this.#stopping.abort();
    this.#isStopping = true;
    const errors: Error[] = [];
    for (const { kind, id, stage, health } of this.#started.splice(0).reverse()) {
      health.state = 'stopping';
      try {
        await withDeadline(stage.shutdown?.bind(stage));
        health.state = 'stopped';
      } catch (error) {
        errors.push(new Error(`${kind} ${id} did not stop cleanly: ${messageOf(error)}`, { cause: error }));
      }
    }
    return errors;
  }

  #status(): ServiceStatus {
    const { downstream, receivers } = this.#graph;
    const nodes = [...downstream, ...receivers];
    return serviceStatus({
      nodes,
      pipelines: this.#pipelines,
      upSince: this.#upSince,
      isStopping: this.#isStopping,
    });
  }
}

async function withDeadline(shutdown: ((signal: AbortSignal) => Promise<void>) | undefined): Promise<void> {
  if (!shutdown) return;
  const deadline = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      deadline.abort();
      // One second more for the stage to notice.
      timer = setTimeout(() => reject(new Error(`it took longer than ${STOP_DEADLINE / 1000} s`)), 1000);
    }, STOP_DEADLINE);
  });
  try {
    await Promise.race([shutdown(deadline.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
