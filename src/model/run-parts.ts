import type { Attributes, HrTime } from '@opentelemetry/api';
import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Figure } from './figure.ts';
import type { Samples } from './signals.ts';

/** When a run began and ended. */
export interface RunWindow {
  readonly start: HrTime;
  readonly end: HrTime;
}

/** What has the shape of the SDK's metrics of a resource: an exporter's, a clone, or an object of one's own. */
export interface ResourceMetricsLike {
  readonly resource: { readonly attributes: Attributes; readonly schemaUrl?: string | undefined };
  readonly scopeMetrics: readonly ScopeMetrics[];
}

/** What a stage adds to a run. */
export interface RunAdditions {
  readonly samples?: readonly Samples[] | undefined;
  readonly figures?: readonly Figure[] | undefined;
  /** What is neither, in the SDK's shape. */
  readonly metrics?: readonly ScopeMetrics[] | undefined;
  /** They replace those of the same name; one that is null or undefined takes nothing away. */
  readonly attributes?: Attributes | undefined;
}

/** Labels of a figure by name. */
export type Labels = Readonly<Record<string, string>>;
