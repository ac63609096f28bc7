import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { Attribute, type Batch, isSignal, pointCount, scenarioOf } from 'wattline/plugin';
import { attributesOf } from './attributes.ts';
import { type Message, messageIn, messagesIn, textIn } from './message.ts';
import { convertMetric } from './metric.ts';
import type { ConvertedMetric, RejectedPoints } from './metric-data.ts';

/** An OTLP `ResourceMetrics` as a batch, and the points of it that yield no data. */
export interface OtlpRun {
  readonly batch: Batch;
  readonly rejections: readonly Rejection[];
}

/** Points that are not taken. */
export interface Rejection {
  /** The results-file name of the measured signal that is refused with them, else `data_points`. */
  readonly item: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

/** A `ResourceMetrics` as it was read. */
export interface ReadResource {
  readonly attributes: Attributes;
  readonly schemaUrl: string | undefined;
  readonly scopes: readonly ReadScope[];
}

export interface ReadScope {
  readonly scope: ScopeMetrics['scope'];
  readonly metrics: readonly ConvertedMetric[];
}

/** Reads an `ExportMetricsServiceRequest`. Throws `RequestError` where a field is of a wrong type. */
export function convertRequest(request: Message): OtlpRun[] {
  return messagesIn(request, 'resourceMetrics').map((message) =>
    makeOtlpRun({
      attributes: attributesOf(messageIn(message, 'resource')),
      scopes: messagesIn(message, 'scopeMetrics').map((scopeMessage) => ({
        metrics: messagesIn(scopeMessage, 'metrics').map(convertMetric),
        scope: scopeIn(scopeMessage),
      })),
      schemaUrl: textIn(message, 'schemaUrl'),
    }),
  );
}

/** What of a `ResourceMetrics` can be used as a batch, and why the rest cannot. */
export function makeOtlpRun({ attributes, schemaUrl, scopes }: ReadResource): OtlpRun {
  const name = scenarioOf(attributes);
  const rejections: Rejection[] = [];
  const refusedFields: string[] = [];
  const scopeMetrics = scopes.map(({ scope, metrics }): ScopeMetrics => {
    const taken: MetricData[] = [];
    for (const { metric, rejected } of metrics) {
      if (metric) taken.push(metric);
      if (!rejected) continue;
      if (rejected.signal) refusedFields.push(rejected.signal.field);
      rejections.push(rejectionOf(rejected, name ?? 'a run without a scenario name'));
    }
    if (name !== undefined) return { scope, metrics: taken };
    // Power and CPU use of nobody cannot be told from that of others.
    rejections.push(...taken.filter(isSignal).map(unnamed));
    return { scope, metrics: taken.filter((metric) => !isSignal(metric)) };
  });
  const resource = resourceFromAttributes(withRefused(attributes, refusedFields), schemaUrl ? { schemaUrl } : {});
  return { batch: { resource, scopeMetrics }, rejections };
}

/** A scope with what it is known to have. */
export function makeScope(name: string, version: string | undefined, schemaUrl: string | undefined) {
  return { name, ...(version && { version }), ...(schemaUrl && { schemaUrl }) };
}

function scopeIn(message: Message): ScopeMetrics['scope'] {
  const scope = messageIn(message, 'scope') ?? {};
  return makeScope(textIn(scope, 'name') ?? '', textIn(scope, 'version'), textIn(message, 'schemaUrl'));
}

function rejectionOf({ reason, problem, count, signal }: RejectedPoints, place: string): Rejection {
  const whole = signal ? `, so its ${count} points are refused` : ` (${count} points)`;
  return { item: signal?.field ?? 'data_points', reason, message: `${place}: ${problem}${whole}`, count };
}

function unnamed(metric: MetricData): Rejection {
  const message = `\`${metric.descriptor.name}\` without the resource attribute \`scenario\` or \`service.name\``;
  return { item: 'run', reason: 'no_name', message, count: pointCount(metric) };
}

/** Marks the signals that were measured but refused, so that no stage makes up for them. */
function withRefused(attributes: Attributes, fields: readonly string[]): Attributes {
  if (fields.length === 0) return attributes;
  const known = attributes[Attribute.refused];
  return { ...attributes, [Attribute.refused]: [...(Array.isArray(known) ? known.map(String) : []), ...fields] };
}
