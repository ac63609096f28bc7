import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { Attribute, type Batch, isSignal, pointCount, scenarioOf } from 'wattline/plugin';
import { attributesOf } from './attributes.ts';
import { type Message, messageIn, messagesIn, textIn } from './message.ts';
import { convertMetric } from './metric.ts';

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

/** Reads an `ExportMetricsServiceRequest`. Throws `RequestError` where a field is of a wrong type. */
export function convertRequest(request: Message): OtlpRun[] {
  return messagesIn(request, 'resourceMetrics').map(convertResource);
}

function convertResource(message: Message): OtlpRun {
  const attributes = attributesOf(messageIn(message, 'resource'));
  const rejections: Rejection[] = [];
  const refusedFields: string[] = [];
  const convert = (metricMessage: Message): MetricData[] => {
    const { metric, rejected } = convertMetric(metricMessage);
    if (rejected) {
      const { reason, problem, count, signal } = rejected;
      if (signal) refusedFields.push(signal.field);
      const whole = signal ? `, so its ${count} points are refused` : ` (${count} points)`;
      const place = scenarioOf(attributes) ?? 'a run without a scenario name';
      const item = signal?.field ?? 'data_points';
      rejections.push({ item, reason, message: `${place}: ${problem}${whole}`, count });
    }
    return metric ? [metric] : [];
  };
  const isNamed = scenarioOf(attributes) !== undefined;
  /** Power and CPU use of nobody cannot be told from that of others. */
  const refuseUnnamed = (metric: MetricData): boolean => {
    if (!isSignal(metric)) return false;
    const problem = `\`${metric.descriptor.name}\` without the resource attribute \`scenario\` or \`service.name\``;
    rejections.push({ item: 'run', reason: 'no_name', message: problem, count: pointCount(metric) });
    return true;
  };
  const scopeMetrics = messagesIn(message, 'scopeMetrics').map((scopeMessage): ScopeMetrics => {
    const metrics = messagesIn(scopeMessage, 'metrics').flatMap(convert);
    return {
      scope: scopeOf(scopeMessage),
      metrics: isNamed ? metrics : metrics.filter((metric) => !refuseUnnamed(metric)),
    };
  });
  const schemaUrl = textIn(message, 'schemaUrl');
  const resource = resourceFromAttributes(withRefused(attributes, refusedFields), schemaUrl ? { schemaUrl } : {});
  return { batch: { resource, scopeMetrics }, rejections };
}

function scopeOf(message: Message): ScopeMetrics['scope'] {
  const scope = messageIn(message, 'scope') ?? {};
  const version = textIn(scope, 'version');
  const schemaUrl = textIn(message, 'schemaUrl');
  return { name: textIn(scope, 'name') ?? '', ...(version && { version }), ...(schemaUrl && { schemaUrl }) };
}

/** Marks the signals that were measured but refused, so that no stage makes up for them. */
function withRefused(attributes: Attributes, fields: readonly string[]): Attributes {
  if (fields.length === 0) return attributes;
  const known = attributes[Attribute.refused];
  return { ...attributes, [Attribute.refused]: [...(Array.isArray(known) ? known.map(String) : []), ...fields] };
}
