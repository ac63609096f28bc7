import type { Meter } from '@opentelemetry/api';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';
import type { ZodType } from 'zod';
import type { FactorPeriod, Method } from '../model/factor.ts';
import type { Line } from '../model/line.ts';
import type { Run } from '../model/run.ts';
import type { Kind } from './kind.ts';
import type { Authenticate, Credentials, HttpListeners } from './listening.ts';
import type { Outcome } from './outcome.ts';
import type { QueueOptions } from './push-settings.ts';
import type { Offer } from './schema.ts';
import type { ServiceStatus, StreamStatus, UnreadStatus } from './status.ts';
import type { States, Storage } from './storage.ts';

export type { Kind } from './kind.ts';

/** Anything that can be started and stopped. `create` does no I/O; `start` opens what `shutdown` closes. */
export interface Lifecycle {
  start?(signal: AbortSignal): Promise<void>;
  shutdown?(signal: AbortSignal): Promise<void>;
}

/**
 * The version of this contract, which every plugin states. 1 was handed one run at a time; a plugin of another version is
 * refused when it is loaded.
 */
export const CONTRACT = 2;

/**
 * Takes runs over. `consume` resolves once each of them is safe downstream, refused for good, or deferred, which is not
 * taken and to be sent again later. A rejection is a fault: it defers all of them, and leaves nothing behind in a stage with
 * state.
 */
export interface Consumer {
  consume(runs: readonly Run[], signal: AbortSignal): Promise<Outcome>;
}

/** Brings measurements in. */
export interface Receiver extends Lifecycle {
  /** Hands over everything that is there now and resolves when it is safe downstream. Used in place of `start` by `run --once`. */
  readOnce?(signal: AbortSignal): Promise<void>;
}

/** Adds to what passes through it, and hands the result to `ctx.next`. */
export interface Processor extends Lifecycle, Consumer {
  /** The machines whose streams it counts, the last heard first. */
  streams?(): readonly StreamStatus[];
  /** What of its input it does not read, though it may be what it is there for. */
  unread?(): UnreadStatus;
}

/** Sends data out at once, and answers when they have arrived. */
export interface DirectExporter extends Lifecycle, Consumer {
  /**
   * Whether nothing of what it was handed is left when it stops, as of a page that is asked for: it is handed replayed runs
   * too. Other exporters are not, since they have them.
   */
  readonly forgets?: true;
}

/** Sends data to a server that may be slow or away: the pipeline puts a bounded sending queue with retries before it. */
export interface QueuedExporter extends Lifecycle {
  readonly queue: QueueOptions;
  /**
   * Sends the runs in one request. Those that are deferred are sent again, and after an error all of them. After a
   * `RejectedError` they are sent in halves, to find the runs that the server will never take. After a `DoubtfulError` too,
   * but a run is refused only once the server has taken others since. After a `BlockedError` the operator is told.
   */
  send(runs: readonly Run[], signal: AbortSignal): Promise<Sent>;
}

/** What became of the runs of a request. */
export interface Sent extends Outcome {
  /** How many points of the runs that were taken the server has dropped, where it does not say whose they are. */
  readonly rejectedPoints?: number;
}

export type Exporter = DirectExporter | QueuedExporter;

/** Where energy is used: a region, and where they are known its country (ISO 3166 alpha-3) and its grid (Electricity Maps zone). */
export interface Place {
  readonly region: string;
  readonly country?: string | undefined;
  readonly zone?: string | undefined;
}

/** Knows what electricity costs or emits, by place and time; processors name it in their configuration. */
export interface Provider extends Lifecycle {
  readonly quantity: 'price' | 'intensity';
  /** How its intensities count; a processor does not mix two methods. */
  readonly method?: Method;
  /** After how many milliseconds it reads what may still change again, where somebody asks; 5 minutes where left out. */
  readonly refresh?: number;
  /**
   * The factors from `from` to `to` (seconds since 1970), in order, disjoint, each saying whether it is live or cached, and
   * whether it may change; a gap, or nothing at all, is what it does not know. A price may be in any currency, which its
   * unit names, such as `EUR/kWh`. Resolves also where its service is away, within a bounded time. `lacks`, which only
   * `wattline explain` gives, is told why not all of that time is known, or not by its own values.
   */
  factors(
    place: Place,
    from: number,
    to: number,
    signal: AbortSignal,
    lacks?: (why: string) => void,
  ): Promise<readonly FactorPeriod[]>;
}

/** Serves the process beside the pipelines. */
export interface Extension extends Lifecycle {
  /** Is shown all runs that reach the exporters of any pipeline, replayed ones too. It must neither throw nor keep them from the exporters. */
  observe?(runs: readonly Run[]): void;
  /** Where other components may keep things, from its start to its shutdown; its plugin `offers` it. */
  readonly storage?: Storage;
  /** Who may call the servers that name it; its plugin `offers` it, as it does the next. */
  readonly serverAuth?: Authenticate | undefined;
  /** What clients that name it show to the servers that they call. */
  readonly clientAuth?: Credentials | undefined;
}

/** Something that was skipped. It is counted under its reason, and the first of each reason are logged. */
export interface Skipped {
  /** What was skipped: `file`, `run`, or the name of a field or figure. */
  readonly item: string;
  /** A word in lower_snake_case; every plugin's README lists its own. */
  readonly reason: string;
  readonly message: string;
}

/** What every stage is given. */
export interface Context {
  /** The component's name in the configuration, `type` or `type/name`. */
  readonly id: string;
  readonly logger: Logger;
  /** For the component's own telemetry. */
  readonly meter: Meter;
  /** The own telemetry of the whole process, for who exposes it. */
  readonly telemetry: MetricProducer;
  readonly http: HttpListeners;
  readonly stdout: NodeJS.WritableStream;
  /** Makes a path of the configuration absolute: it is relative to the file that configures the component. */
  resolvePath(path: string): string;
  skip(skipped: Skipped): void;
  /** How all stages are doing at this moment. */
  status(): ServiceStatus;
  /** Who may call a server, by the extension of that id. Throws where it does not decide that; to be called in `create`. */
  serverAuth(id: string): Authenticate;
  /** The credentials that the extension of that id gives. Throws where it has none; to be called in `create`. */
  clientAuth(id: string): Credentials;
  /** Keeps a text out of everything that is logged or shown from now on, such as a token that was read from a file. */
  hide(text: string): void;
  /** Says how many bytes a receiver has read of all that it reads once, where somebody asked: `run --once` on a terminal does. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

/** A stage that has something behind it. */
export interface SourceContext extends Context {
  readonly next: Consumer;
  /** The provider of that id, which is started before this stage. Throws where there is none; to be called in `create`. */
  provider(id: string): Provider;
  /** The storage of the extension of that id, which is started before this stage. Throws where it offers none. */
  storage(id: string): Storage;
  /** Where this stage keeps its state: in that storage, or without an id in memory, which all stages of the process share. */
  states(id: string | undefined): States;
  /** Says how a figure came about, where somebody asked: only `wattline explain` does. */
  readonly explain?: ((lines: readonly Line[]) => void) | undefined;
}

interface Stages {
  receiver: Receiver;
  processor: Processor;
  exporter: Exporter;
  provider: Provider;
  extension: Extension;
}

interface Contexts {
  receiver: SourceContext;
  processor: SourceContext;
  exporter: Context;
  provider: Context;
  extension: Context;
}

export type StageOf<K extends Kind> = Stages[K];
export type ContextOf<K extends Kind> = Contexts[K];

export interface Emitted {
  readonly unit: string;
  readonly description: string;
}

/** A kind of stage that a configuration can name. */
export interface Plugin<K extends Kind = Kind, C = unknown> {
  /** The version of the contract that it is written for. */
  readonly contract: typeof CONTRACT;
  readonly kind: K;
  /** The word used in YAML, in lower_snake_case. */
  readonly type: string;
  /** Other words for its type, such as the one that newer Collectors use; an id keeps the word that it is written with. */
  readonly aliases?: readonly string[];
  readonly stability: 'development' | 'alpha' | 'beta' | 'stable';
  /** A strict object; defaults and descriptions live here only. */
  readonly configSchema: ZodType<C>;
  /**
   * The metrics that it works on and their units, by name. A pipeline in which none of them reaches it, or one comes
   * from a stage behind it or in another unit, is refused. Undefined is whatever comes.
   */
  readonly reads?: Readonly<Record<string, string>>;
  /** The metrics that it adds, by name; of a receiver undefined is whatever its senders have. */
  readonly emits?: Readonly<Record<string, Emitted>>;
  /**
   * Whether another one of the same id may start while it still runs, so that on a reload it is stopped only once the
   * other has started, and goes on as it is where that cannot. Without it, it is stopped first.
   */
  readonly overlaps?: true;
  /**
   * What it does with streams, the points that running machines keep sending: a receiver `sends` them, or `accepts` them
   * where a client sends some; a processor `slices` them into runs, or `adds` the figures of slices up. A receiver that
   * sends them needs both in a pipeline that makes figures.
   */
  readonly streams?: 'sends' | 'accepts' | 'slices' | 'adds';
  /** What `validate` says of a configuration of it beside that it is valid: lines without an end. */
  notes?(config: C): readonly string[];
  /** What an extension does for other components, which name it in their configuration. */
  readonly offers?: readonly Offer[];
  create(ctx: ContextOf<K>, config: C): StageOf<K>;
}

/** A plugin of whatever kind and configuration, as the loader hands it out. */
// biome-ignore lint/suspicious/noExplicitAny: its configuration has passed its own schema before it is created
export type AnyPlugin = { [K in Kind]: Plugin<K, any> }[Kind];

/** Declares a plugin; it only fixes the types. */
export function definePlugin<K extends Kind, C>(plugin: Plugin<K, C>): Plugin<K, C> {
  return plugin;
}
