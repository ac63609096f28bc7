import type { Attributes } from '@opentelemetry/api';
import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { NO_ATTRIBUTES } from './attributes.ts';
import { type MetricOptions, type RejectedPoints, readMetric } from './metric.ts';
import type { Message } from './schema.ts';

/** An OTLP `ResourceMetrics` in the SDK's shape, and the points of it that yield no data. */
export interface ReadResource {
  readonly resource: { readonly attributes: Attributes; readonly schemaUrl: string | undefined };
  readonly scopeMetrics: ScopeMetrics[];
  readonly rejected: readonly RejectedPoints[];
}

/** How many metrics are read between two chances to give way. */
const SLICE = 500;

/** What of a resource's metrics can be used, and why the rest cannot. */
export function readResource(message: Message<'ResourceMetrics'>, options: MetricOptions): ReadResource {
  const read = begin(message);
  for (const scope of message.scopeMetrics) readMetrics(beginScope(read, scope), scope.metrics, options, read.rejected);
  return read;
}

/** The same in slices: it yields where others may have a turn. */
export function* readResourceInSlices(
  message: Message<'ResourceMetrics'>,
  options: MetricOptions,
): Generator<undefined, ReadResource> {
  const read = begin(message);
  for (const scope of message.scopeMetrics) {
    const metrics = beginScope(read, scope);
    for (let from = 0; from < scope.metrics.length; from += SLICE) {
      readMetrics(metrics, scope.metrics.slice(from, from + SLICE), options, read.rejected);
      yield;
    }
  }
  return read;
}

function begin({ resource, schemaUrl }: Message<'ResourceMetrics'>) {
  const rejected: RejectedPoints[] = [];
  const scopeMetrics: ScopeMetrics[] = [];
  const attributes = resource?.attributes ?? NO_ATTRIBUTES;
  return { resource: { attributes, schemaUrl: schemaUrl || undefined }, scopeMetrics, rejected };
}

/** Adds a scope to a resource; returns its metrics, of which there are none yet. */
function beginScope({ scopeMetrics }: ReadResource, { scope, schemaUrl }: Message<'ScopeMetrics'>): MetricData[] {
  const version = scope?.version;
  const metrics: MetricData[] = [];
  scopeMetrics.push({
    scope: { name: scope?.name ?? '', ...(version && { version }), ...(schemaUrl && { schemaUrl }) },
    metrics,
  });
  return metrics;
}

function readMetrics(
  metrics: MetricData[],
  messages: readonly Message<'Metric'>[],
  options: MetricOptions,
  allRejected: RejectedPoints[],
): void {
  for (const message of messages) {
    const { metric, rejected } = readMetric(message, options);
    if (metric) metrics.push(metric);
    if (rejected) allRejected.push(rejected);
  }
}
