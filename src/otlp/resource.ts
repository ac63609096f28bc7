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

/** What of a resource's metrics can be used, and why the rest cannot. */
export function readResource(message: Message<'ResourceMetrics'>, options: MetricOptions): ReadResource {
  const rejected: RejectedPoints[] = [];
  return {
    resource: {
      attributes: message.resource?.attributes ?? NO_ATTRIBUTES,
      schemaUrl: message.schemaUrl || undefined,
    },
    scopeMetrics: message.scopeMetrics.map((scope) => readScope(scope, options, rejected)),
    rejected,
  };
}

function readScope(
  message: Message<'ScopeMetrics'>,
  options: MetricOptions,
  allRejected: RejectedPoints[],
): ScopeMetrics {
  const { scope, schemaUrl } = message;
  const metrics: MetricData[] = [];
  for (const one of message.metrics) {
    const { metric, rejected } = readMetric(one, options);
    if (metric) metrics.push(metric);
    if (rejected) allRejected.push(rejected);
  }
  const version = scope?.version;
  return { scope: { name: scope?.name ?? '', ...(version && { version }), ...(schemaUrl && { schemaUrl }) }, metrics };
}
