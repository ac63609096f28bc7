import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { Attribute, attributesKey, type Run, toSeconds } from 'wattline/plugin';
import type { CounterPoint } from './counter-record.ts';
import { type Money, usDollars } from './money.ts';

/** The cost of energy that the price of CPU time includes is another quantity, so that no sum has both. */
export type Quantity =
  | 'joules'
  | 'core_seconds'
  | 'co2_kg'
  | `energy_${string}`
  | `included_energy_${string}`
  | `compute_${string}`;

/** Returns what is shown of streams, by the name of its counter; costs are in one currency, as `energy_eur`. */
function quantitiesIn({ suffix }: Money): Readonly<Record<string, Quantity>> {
  return {
    energy_joules_total: 'joules',
    cpu_core_seconds_total: 'core_seconds',
    [`cost_energy_load_aware_${suffix}_total`]: `energy_${suffix}`,
    [`cost_compute_load_aware_${suffix}_total`]: `compute_${suffix}`,
    co2_emissions_kg_total: 'co2_kg',
  };
}

/** Which counter of streams it is. */
export interface CounterName {
  readonly quantity: Quantity;
  /** Null is what its sender does not say. */
  readonly scenario: string | null;
  readonly region: string | null;
  readonly encoder: string | null;
  readonly namespace: string | null;
  readonly host: string | null;
}

/** A value of a counter of streams, and the key that tells the counter from all others. */
export interface NamedPoint extends CounterPoint {
  readonly key: string;
}

/** Returns the values of the counters of streams in what reached the exporters; most often there are none. */
export function counterPointsOf(run: Run, money: Money = usDollars): NamedPoint[] {
  const quantities = quantitiesIn(money);
  return run.metrics.flatMap(({ metrics }) =>
    metrics.flatMap((metric) => pointsOf(metric, quantities[metric.descriptor.name], run.attributes)),
  );
}

function pointsOf(metric: MetricData, quantity: Quantity | undefined, resource: Attributes): NamedPoint[] {
  if (!quantity || metric.dataPointType !== DataPointType.SUM) return [];
  if (metric.aggregationTemporality !== AggregationTemporality.CUMULATIVE) return [];
  return metric.dataPoints.flatMap(({ startTime, endTime, attributes, value }) => {
    if (!isByLocation(attributes) || !Number.isFinite(value)) return [];
    const isIncluded = quantity.startsWith('energy_') && attributes[Attribute.includedIn] !== undefined;
    const key = `${isIncluded ? `included_${quantity}` : quantity} ${attributesKey({ ...resource, ...attributes })}`;
    return [{ key, start: toSeconds(startTime), at: toSeconds(endTime), value }];
  });
}

/** Returns how many characters the longest value of the labels in a key has. */
export function longestLabel(key: string): number {
  return Math.max(0, ...Object.values(labelsOf(key)).map((value) => String(value).length));
}

/** Returns which counter a key is of. */
export function counterNameOf(key: string): CounterName {
  const labels = labelsOf(key);
  const text = (...names: readonly string[]) => {
    const name = names.find((one) => labels[one] !== undefined && labels[one] !== '');
    return name === undefined ? null : String(labels[name]);
  };
  return {
    quantity: key.slice(0, key.indexOf(' ')) as Quantity,
    scenario: text(Attribute.scenario),
    region: text(Attribute.region),
    encoder: text(Attribute.encoder),
    namespace: text('k8s.namespace.name'),
    host: text('host.name', 'k8s.node.name'),
  };
}

function labelsOf(key: string): Attributes {
  return Object.fromEntries(JSON.parse(key.slice(key.indexOf(' ') + 1)));
}

/** Emissions by another method stand beside those by location, and are in no sum. */
function isByLocation({ method }: Attributes): boolean {
  return method === undefined || method === 'location';
}
