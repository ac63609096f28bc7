import pino from 'pino';
import type { Component, Configuration, LogLevel } from '../../src/config/configuration.ts';
import type { AnyPlugin, Consumer, Lifecycle } from '../../src/plugin/contract.ts';
import { allTaken, type Context, definePlugin, Run, type SourceContext, transform, z } from '../../src/plugin/index.ts';
import type { Kind } from '../../src/plugin/kind.ts';
import { Service } from '../../src/service/service.ts';
import { memoryStorage } from './memory-storage.ts';

const never = new AbortController().signal;
export const at = { file: 'a.yaml', line: 1, column: 1 };
export const turns = async () => {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
};

interface Settings {
  /** What a processor writes into the path of a run, and an exporter notes. */
  readonly mark?: string;
  readonly provider?: string;
  readonly storage?: string;
}

type Hook = (signal: AbortSignal) => Promise<void> | void;
/** Settings of components by `kind type/name`. */
type Components = Readonly<Record<string, Settings>>;

/** A service whose stages note what they do. */
export class ReloadBench {
  readonly events: string[] = [];
  readonly lines: string[] = [];
  readonly arrived: string[] = [];
  onStart: Record<string, Hook> = {};
  /** What happens to a run within a stage before it goes on, by id. */
  onRun: Record<string, (scenario: unknown) => Promise<void> | void> = {};
  refuse: string[] = [];
  #next: Consumer | undefined;
  #service: Service | undefined;
  #context: Context | undefined;
  readonly #logger = pino({ base: null }, { write: (line: string) => void this.lines.push(JSON.parse(line).msg) });
  readonly #plugins = new Map<string, AnyPlugin>();

  async start(components: Components, pipeline = 'source > first, second > sink', more = {}): Promise<void> {
    this.#service = new Service(this.configure(components, pipeline, more), {
      logger: this.#logger,
      stdout: process.stdout,
      once: false,
    });
    await this.#service.start(never);
    this.events.length = 0;
  }

  /** Reloads, and returns what the stages did. */
  async reload(components: Components, pipeline = 'source > first, second > sink', more = {}): Promise<string[]> {
    this.events.length = 0;
    await this.service.reload(async () => this.configure(components, pipeline, more));
    return this.events;
  }

  get service(): Service {
    return this.#service as Service;
  }

  /** Rejects where the run is refused or deferred. */
  async send(scenario: string): Promise<void> {
    const outcome = await this.#next?.consume([Run.of({ scenario })], never);
    for (const { message } of outcome?.refused ?? []) throw new Error(message);
    if (outcome?.deferred.length) throw outcome.cause;
  }

  /** What a probe is told. */
  get state(): string | undefined {
    return this.#context?.status().state;
  }

  /** The reloads that were counted, by outcome; without what is still 0. */
  async reloads(): Promise<Record<string, unknown>> {
    const points = await this.points('wattline_reloads_total');
    return Object.fromEntries(
      points.filter(({ value }) => value !== 0).map(({ attributes, value }) => [attributes.outcome, value]),
    );
  }

  async points(name: string) {
    const { resourceMetrics } = (await this.#context?.telemetry.collect()) ?? {};
    const metrics = resourceMetrics?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    return metrics.filter(({ descriptor }) => descriptor.name === name).flatMap(({ dataPoints }) => [...dataPoints]);
  }

  configure(
    components: Components,
    pipeline: string,
    { logLevel = 'info' as LogLevel, extensions = [] as string[] } = {},
  ): Configuration {
    const [receivers = [], processors = [], exporters = []] = pipeline.split(' > ').map((ids) => ids.split(', '));
    const all = {
      'receiver source': {},
      'processor first': {},
      'processor second': {},
      'exporter sink': {},
      ...components,
    };
    return {
      components: Object.entries(all).map(([name, config]) => this.#component(name, config)),
      pipelines: [{ id: 'metrics', receivers, processors: processors.filter((id) => id !== '-'), exporters }],
      extensions,
      logLevel,
      warnings: [],
      streamRemedy: async () => 'see the README',
    };
  }

  #component(name: string, config: Settings): Component {
    const [kind, id] = name.split(' ') as [Kind, string];
    const type = id.split('/')[0] as string;
    const plugin = this.#plugins.get(`${kind} ${type}`) ?? this.#plugin(kind, type);
    this.#plugins.set(`${kind} ${type}`, plugin);
    return { kind, id, plugin, config, at, directory: '/' };
  }

  #plugin(kind: Kind, type: string): AnyPlugin {
    const plugin = definePlugin({
      contract: 2,
      kind,
      type,
      stability: 'stable',
      configSchema: z.strictObject({}),
      ...(type.startsWith('overlapping') && { overlaps: true as const }),
      create: ((ctx: SourceContext, config: Settings) => this.#stage(kind, ctx, config)) as never,
    });
    return plugin as unknown as AnyPlugin;
  }

  #stage(kind: Kind, ctx: SourceContext, { mark, provider, storage }: Settings): object {
    const { id } = ctx;
    const name = `${kind} ${id}`;
    this.#context = ctx;
    if (this.refuse.includes(name)) throw new Error(`no ${id} here`);
    if (provider) ctx.provider(provider);
    if (storage) ctx.states(storage);
    ctx.meter.createObservableGauge('alive').addCallback((result) => result.observe(1, { stage: name }));
    const lifecycle: Lifecycle = {
      start: async (signal) => {
        this.events.push(`start ${name}`);
        await this.onStart[name]?.(signal);
      },
      shutdown: async () => void this.events.push(`stop ${name}`),
    };
    const isHeld = async (run: Run) => this.onRun[id]?.(run.scenario);
    const pathOf = ({ attributes, scenario }: Run) => `${attributes.path ?? scenario}`;
    if (kind === 'receiver') {
      this.#next = ctx.next;
      return lifecycle;
    }
    if (kind === 'extension') return { ...lifecycle, storage: memoryStorage() };
    if (kind === 'provider') return { ...lifecycle, quantity: 'price', factors: async () => [] };
    if (kind === 'processor') {
      const processor = transform(ctx.next, async (run) => {
        await isHeld(run);
        return run.with({ attributes: { path: `${pathOf(run)}>${id}${mark ?? ''}` } });
      });
      return { ...lifecycle, ...processor };
    }
    const consume = async (runs: readonly Run[]) => {
      for (const run of runs) {
        await isHeld(run);
        this.arrived.push(`${pathOf(run)}>${id}${mark ?? ''}`);
      }
      return allTaken;
    };
    if (!id.startsWith('queued')) return { ...lifecycle, consume };
    const pause = 3_600_000;
    const retry = {
      enabled: true,
      initial_interval: pause,
      randomization_factor: 0,
      multiplier: 1,
      max_interval: pause,
    };
    const queue = { queue_size: 10, num_consumers: 1, maxRuns: 1, retry: { ...retry, max_elapsed_time: 0 } };
    return { ...lifecycle, queue, send: consume };
  }
}
