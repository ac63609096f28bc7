import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type SumMetricData } from '@opentelemetry/sdk-metrics';
import { Run, secondsBetween } from 'wattline/plugin';
import { partsOf, totalCost } from './figures.ts';
import type { Increment } from './increments.ts';

/** A cumulative counter as it is stored. */
export interface Counter {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly labels: Attributes;
  readonly value: number;
  /** When what it counts began. */
  readonly start: readonly [seconds: number, nanoseconds: number];
  /** The time that it is stamped with: later by a millisecond at least with each change, so that no two share one. */
  readonly end: readonly [seconds: number, nanoseconds: number];
  /** The figures that it has seen, where it is over several. */
  readonly parts?: readonly string[];
}

/** The key that a counter is stored under: its name and labels. */
export function keyOf({ counter, labels }: Pick<Increment, 'counter' | 'labels'>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `counter/${JSON.stringify([counter, sorted])}`;
}

/** The counter with more added to it. */
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
    start: known?.start ?? plain(from),
    end: plain(later),
    ...(parts && { parts }),
  };
}

/** Whether a counter says what its name says: one over several figures has to have seen all of them, or their total. */
export function isComplete({ parts }: Counter): boolean {
  return parts === undefined || parts.includes(totalCost) || parts.length >= partsOf(totalCost);
}

/** Counters as the cumulative, monotonic sums of OpenTelemetry, one metric a name. */
export function sumsOf(counters: readonly Counter[]): Run {
  const byName = new Map<string, Counter[]>();
  for (const counter of counters) {
    const namesakes = byName.get(counter.name);
    if (namesakes) namesakes.push(counter);
    else byName.set(counter.name, [counter]);
  }
  const metrics = [...byName.values()].map(sumOf);
  return Run.of({}, { metrics: [{ scope: { name: 'wattline/totals' }, metrics }] });
}

function sumOf(counters: readonly Counter[]): SumMetricData {
  const { name, unit, description } = counters[0] as Counter;
  return {
    descriptor: { name, unit, description: `${description}; summed over live streams`, valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.SUM,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
    dataPoints: counters.map(({ start, end, labels, value }) => ({
      startTime: plain(start),
      endTime: plain(end),
      attributes: labels,
      value,
    })),
  };
}

function laterOf(a: HrTime, b: HrTime): HrTime {
  return secondsBetween(a, b) > 0 ? b : a;
}

function afterMillisecond([seconds, nanoseconds]: readonly [number, number]): HrTime {
  const more = nanoseconds + 1e6;
  return more < 1e9 ? [seconds, more] : [seconds + 1, more - 1e9];
}

function plain([seconds, nanoseconds]: readonly [number, number]): [number, number] {
  return [seconds, nanoseconds];
}
