import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { isPowerKind, wordsOfPower } from '../model/power-kind.ts';
import { timeAttributes, timeIn } from '../model/run-facts.ts';
import { type Signal, scaleOfSignal, signalNamed } from '../model/signals.ts';
import type { CheckFor, CheckNumber, ReadResource, RejectedPoints } from '../otlp/index.ts';
import { Attribute, isRun, Run, scenarioOf } from '../plugin/index.ts';

/** An OTLP `ResourceMetrics` as a run, and the points of it that yield no data. */
export interface OtlpRun {
  readonly run: Run;
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

/** The sample of a measured signal must be a number of 0 or more; NaN is a missing one. */
export const checkFor: CheckFor = (name) => (signalNamed(name) ? checkSample : undefined);

/** Returns what of a `ResourceMetrics` can be used as a run, which came from an address, and why the rest cannot. */
export function makeOtlpRun({ resource, scopeMetrics, rejected }: ReadResource, address?: string): OtlpRun {
  const { attributes, schemaUrl } = resource;
  const name = scenarioOf(attributes);
  const place = name ?? 'a run without a scenario name';
  const rejections: Rejection[] = [
    ...wrongTimes(attributes, place),
    ...rejected.map((points) => rejectionOf(points, place)),
    ...unknownPowerKind(attributes, place),
  ];
  // A measured signal with an unusable sample is refused whole, as in a results file.
  const fields = rejected.flatMap(({ name }) => signalNamed(name)?.field ?? []);
  const dropped = new Set(rejected.filter((points) => signalNamed(points.name)).map(({ kept }) => kept));
  // A stream has its machine to be told by; runs of no name cannot be told apart.
  const isNamed = name !== undefined || !isRun(Run.of(attributes));
  const isTaken = (metric: MetricData) => {
    const signal = signalNamed(metric.descriptor.name);
    if (!signal) return true;
    if (dropped.has(metric)) return false;
    const scale = scaleOfSignal(signal, metric);
    if (!scale) {
      fields.push(signal.field);
      rejections.push(inForeignUnit(signal, metric, place));
    } else if (!isNamed) rejections.push(unnamed(metric));
    return scale !== undefined && isNamed;
  };
  const scopes = scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(isTaken) }));
  const taken = { attributes: withRefused(attributes, fields), schemaUrl };
  return { run: Run.from({ resource: taken, scopeMetrics: scopes }, address), rejections };
}

const checkSample: CheckNumber = (value) => {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    return { reason: 'not_a_number', problem: `is ${value}, not a number` };
  return value < 0 ? { reason: 'negative', problem: `is ${value}, below 0` } : undefined;
};

function rejectionOf({ name, reason, problem, count, kept }: RejectedPoints, place: string): Rejection {
  const signal = signalNamed(name);
  if (!signal) return { item: 'data_points', reason, message: `${place}: ${problem} (${count} points)`, count };
  const all = count + (kept ? kept.dataPoints.length : 0);
  return { item: signal.field, reason, message: `${place}: ${problem}, so its ${all} points are refused`, count: all };
}

/** The times that a resource states and that are none: it goes on without them, and no point is refused for that. */
function wrongTimes(attributes: Attributes, place: string): Rejection[] {
  return timeAttributes.flatMap((item) => {
    const value = attributes[item];
    const time = value === undefined || value === null ? undefined : timeIn(value);
    if (typeof time !== 'string') return [];
    const message = `${place}: \`${item}\`, ${JSON.stringify(value)}, ${time}`;
    return [{ item, reason: 'invalid_field', message, count: 0 }];
  });
}

/** Rejects a word about the power that is none of the known ones, and no points with it: the power counts as measured. */
function unknownPowerKind({ [Attribute.power]: power }: Attributes, place: string): Rejection[] {
  if (power === undefined || isPowerKind(power)) return [];
  const message = `${place}: the attribute \`power\` must be ${wordsOfPower}, not ${JSON.stringify(power)}`;
  return [{ item: 'power', reason: 'invalid_field', message, count: 0 }];
}

function inForeignUnit({ field, unit }: Signal, { descriptor, dataPoints }: MetricData, place: string): Rejection {
  const problem = `\`${descriptor.name}\` is in \`${descriptor.unit}\`, which cannot be converted to ${unit}`;
  const message = `${place}: ${problem}, so its ${dataPoints.length} points are refused`;
  return { item: field, reason: 'unexpected_unit', message, count: dataPoints.length };
}

function unnamed(metric: MetricData): Rejection {
  const message = `\`${metric.descriptor.name}\` without the resource attribute \`scenario\` or \`service.name\``;
  return { item: 'run', reason: 'no_name', message, count: metric.dataPoints.length };
}

/** Marks the signals that were measured but refused, so that no stage makes up for them. */
function withRefused(attributes: Attributes, fields: readonly string[]): Attributes {
  if (fields.length === 0) return attributes;
  const known = attributes[Attribute.refused];
  return { ...attributes, [Attribute.refused]: [...(Array.isArray(known) ? known.map(String) : []), ...fields] };
}
