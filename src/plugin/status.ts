import type { Kind } from './kind.ts';

/** What a stage is doing; all are `waiting` until their turn to start has come. */
export type StageState = 'waiting' | 'starting' | 'running' | 'stopping' | 'stopped';

/** What a whole is doing: `running` is that all of its stages are. */
export type RunState = 'starting' | 'running' | 'stopping';

/** Something that went wrong, and when it last did. */
export interface Failure {
  readonly message: string;
  readonly time: Date;
}

/** A machine whose streams a processor counts. */
export interface StreamStatus {
  /** What it is called, by the attributes that name it, the strongest first: `host.name` and its value. */
  readonly names: readonly (readonly [attribute: string, value: string])[];
  /** How many of its meters are followed. */
  readonly meters: number;
  /** When it was last heard of. */
  readonly lastHeard: Date;
}

/** What a processor was sent and does not read, though it may be what it is there for. */
export interface UnreadStatus {
  /**
   * Metrics that look like power or energy, each with the unit that it seems to have, who was the first to send it, and
   * the labels by which that one's points differ.
   */
  readonly metrics: readonly {
    readonly name: string;
    readonly unit: string;
    readonly sender: string;
    readonly labels: readonly string[];
  }[];
  /** How many more such metrics there are. */
  readonly more: number;
  /** Those that send something of which nothing is read, each with a metric that it sends. */
  readonly senders: readonly { readonly sender: string; readonly metric: string }[];
}

export interface StageStatus {
  readonly kind: Kind;
  readonly id: string;
  /** The pipeline that a processor was made for; the other kinds belong to all that name them. */
  readonly pipeline?: string | undefined;
  readonly state: StageState;
  /** What last failed in it: of a receiver what its runs were refused with, of an exporter what could not be sent. */
  readonly lastError?: Failure | undefined;
  /** What keeps it from working until somebody mends it, such as a token, and since when. */
  readonly blocked?: Failure | undefined;
  /** The machines that it counts, the last heard first; undefined where it counts no streams. */
  readonly streams?: readonly StreamStatus[] | undefined;
  /** What of its input it does not read; undefined where it counts no streams. */
  readonly unread?: UnreadStatus | undefined;
}

export interface PipelineStatus {
  readonly id: string;
  readonly state: RunState;
  /** Ids of its stages, processors in the order in which runs pass. */
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

/** How Wattline is doing at this moment. */
export interface ServiceStatus {
  readonly state: RunState;
  /** When the last stage had started; undefined before. */
  readonly upSince?: Date | undefined;
  readonly pipelines: readonly PipelineStatus[];
  /** All stages: extensions, providers, and those of the pipelines. */
  readonly stages: readonly StageStatus[];
}
