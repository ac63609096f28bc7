import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type SumMetricData } from '@opentelemetry/sdk-metrics';
import { type LabelledFigure, labelledFigures, runLabelsOf } from 'wattline/figures';
import { Attribute, attributesKey, type FigureDefinition, Run, secondsBetween } from 'wattline/plugin';
import { costParts, counterName, type Summed, totalCost } from './figures.ts';

/** A cumulative counter as it is stored, or what a slice adds to it. */
export interface Counter {
  /** Such as `cost_energy_load_aware_usd_total`. */
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

/** Returns what the figures of a slice add to counters, without those that are not summed. The same labels are one object. */
export function countersOf(run: Run, figures: ReadonlyMap<string, Summed>): Counter[] {
  const labelSets = new LabelSets(run);
  const isSummed = ({ name }: FigureDefinition) => name === totalCost || figures.has(name);
  const counters: Counter[] = [];
  for (const figure of labelledFigures(run, isSummed)) {
    const { name } = figure.definition;
    const summed = figures.get(name);
    const { plain, withBoundary } = labelSets.of(figure.labels);
    if (name === totalCost) counters.push(counterOf(name, figure, plain, 0, [name]));
    if (!summed) continue;
    counters.push(counterOf(name, figure, summed.hasBoundary ? withBoundary : plain, figure.value));
    if (summed.isCost) counters.push(counterOf(totalCost, figure, plain, figure.value, [name]));
  }
  return counters;
}

/** The labels of counters to which figures of one run add. */
class LabelSets {
  readonly #ofRun: Attributes;
  readonly #boundary: Attributes | undefined;
  readonly #made = new Map<Attributes, { readonly plain: Attributes; readonly withBoundary: Attributes }>();

  constructor(run: Run) {
    const boundary = run.attributes[Attribute.boundary];
    this.#ofRun = runLabelsOf(run);
    this.#boundary = boundary === undefined ? undefined : { [Attribute.boundary]: boundary };
  }

  /** Returns those of a figure that has such labels itself. */
  of(own: Attributes): { readonly plain: Attributes; readonly withBoundary: Attributes } {
    const known = this.#made.get(own);
    if (known) return known;
    const plain = { ...this.#ofRun, ...own };
    const made = { plain, withBoundary: this.#boundary ? { ...plain, ...this.#boundary } : plain };
    this.#made.set(own, made);
    return made;
  }
}

function counterOf(
  figure: string,
  { definition: { unit, description }, window: { start, end } }: LabelledFigure,
  labels: Attributes,
  value: number,
  parts?: readonly string[],
): Counter {
  const counter = { name: counterName(figure, unit), unit, description, labels, value, start, end };
  return parts ? { ...counter, parts } : counter;
}

/** Returns the key that a counter is stored under: its name and labels, whose own key may be known already. */
export function keyOf(
  { name, labels }: Pick<Counter, 'name' | 'labels'>,
  keyOfLabels: string = attributesKey(labels),
): string {
  return `counter/[${JSON.stringify(name)},${keyOfLabels}]`;
}

/** Returns the counter with more added to it. */
export function add(known: Counter | undefined, more: Counter): Counter {
  if (!known) return more;
  const { value, parts } = more;
  const end = value > 0 ? laterOf(afterMillisecond(known.end), more.end) : known.end;
  const all = parts && { parts: joined(known.parts ?? [], parts) };
  return { ...known, value: known.value + value, end, ...all };
}

function joined(some: readonly string[], more: readonly string[]): readonly string[] {
  return more.every((one) => some.includes(one)) ? some : [...new Set([...some, ...more])].sort();
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
