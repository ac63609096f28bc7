import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type SumMetricData } from '@opentelemetry/sdk-metrics';
import { attributesKey, Run, secondsBetween } from 'wattline/plugin';
import { costParts, totalCost } from './figures.ts';
import type { Increment } from './increments.ts';

/** A cumulative counter as it is stored. */
export interface Counter {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly labels: Attributes;
  readonly value: number;
  /** The start of the first slice. */
  readonly start: HrTime;
  /** The time of its value: with each change at least a millisecond later, so that no two values share one. */
  readonly end: HrTime;
  /** The figures that it has seen, where it is the sum of several. */
  readonly parts?: readonly string[];
}

/** Returns the key that a counter is stored under: its name and labels. */
export function keyOf({ counter, labels }: Pick<Increment, 'counter' | 'labels'>): string {
  return `counter/[${JSON.stringify(counter)},${attributesKey(labels)}]`;
}

/** Returns the counter with an increment added to it. */
export function add(known: Counter | undefined, increment: Increment): Counter {
  const { counter: name, unit, description, labels, value, from, to, part } = increment;
  const parts = part === undefined ? known?.parts : [...new Set([...(known?.parts ?? []), part])].sort();
  const later = known && value > 0 ? laterOf(afterMillisecond(known.end), to) : (known?.end ?? to);
  return {
    name,
    unit,
    description: known?.description ?? description,
    labels,
    value: (known?.value ?? 0) + value,
    start: known?.start ?? from,
    end: later,
    ...(parts && { parts }),
  };
}

/** Returns whether a counter is complete: a sum of several figures must have seen all of them, or their total. */
export function isComplete({ parts }: Counter): boolean {
  return parts === undefined || parts.includes(totalCost) || parts.length >= costParts;
}

/** Returns a run with counters as cumulative monotonic sums of OpenTelemetry, one metric for each name. */
export function sumsOf(counters: readonly Counter[]): Run {
  const metrics = Array.from(Map.groupBy(counters, ({ name }) => name).values(), sumOf);
  return Run.of({}, { metrics: [{ scope: { name: 'wattline/totals' }, metrics }] });
}

function sumOf(counters: readonly Counter[]): SumMetricData {
  const { name, unit, description } = counters[0] as Counter;
  return {
    descriptor: { name, unit, description: `${description}; summed over live streams`, valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.SUM,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
    dataPoints: counters.map(({ start: startTime, end: endTime, labels: attributes, value }) => {
      return { startTime, endTime, attributes, value };
    }),
  };
}

function laterOf(a: HrTime, b: HrTime): HrTime {
  return secondsBetween(a, b) > 0 ? b : a;
}

function afterMillisecond([seconds, nanoseconds]: HrTime): HrTime {
  const more = nanoseconds + 1e6;
  return more < 1e9 ? [seconds, more] : [seconds + 1, more - 1e9];
}
