import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type GaugeMetricData,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics';
import { type LabelledFigure, labelledFigures, runLabelsOf } from 'wattline/figures';
import { Attribute, type FigureDefinition, Run, secondsBetween } from 'wattline/plugin';
import { costParts, counterName, type Summed, totalCost } from './figures.ts';
import { LabelSet, type LabelSets, overflowLabels } from './label-sets.ts';
import { chosenLabels } from './labels.ts';

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
  /** By how much it is too high, since figures that it has added were lowered: what comes next is less by that. */
  readonly owed?: number;
}

/** What is added to a counter, and the key that it is stored under. */
export type Addend = readonly [key: string, more: Counter];

/** Which figures are summed, by name, and which attributes of a slice become labels of the sums. */
export interface CounterOptions {
  readonly figures: ReadonlyMap<string, Summed>;
  readonly labels: readonly string[];
}

/** Returns what the figures of a slice add to counters, without those that are not summed. */
export function addendsOf(run: Run, { figures, labels }: CounterOptions, labelSets: LabelSets): Addend[] {
  const known = runLabelsOf(run);
  // The labels that every figure has come first, and keep their values.
  const ofRun = labels.length ? { ...known, ...chosenLabels(run.attributes, labels), ...known } : known;
  const boundary = run.attributes[Attribute.boundary];
  const isSummed = ({ name }: FigureDefinition) => name === totalCost || figures.has(name);
  const setsOf = (added: Attributes): [plain: LabelSet, bounded: LabelSet] => {
    const own = { ...ofRun, ...added };
    const set = labelSets.of(own);
    return [set, boundary === undefined ? set : labelSets.of({ ...own, [Attribute.boundary]: boundary })];
  };
  const addends: Addend[] = [];
  let before = known;
  let [plain, bounded] = setsOf(known);
  for (const figure of labelledFigures(run, isSummed)) {
    const { name } = figure.definition;
    const summed = figures.get(name);
    // Figures of a run mostly share their labels.
    if (figure.labels !== before) [plain, bounded] = setsOf(figure.labels);
    before = figure.labels;
    if (name === totalCost) addends.push(addendOf(name, figure, plain, 0, [name]));
    if (!summed) continue;
    const set = summed.hasBoundary ? bounded : plain;
    addends.push(addendOf(name, figure, set, figure.value));
    // What the price of CPU time includes is not added to it.
    const isIncluded = figure.labels[Attribute.includedIn] !== undefined;
    if (summed.isCost && !isIncluded) addends.push(addendOf(totalCost, figure, plain, figure.value, [name]));
  }
  return addends;
}

function addendOf(
  figure: string,
  { definition: { unit, description }, window: { start, end } }: LabelledFigure,
  set: LabelSet,
  value: number,
  parts?: readonly string[],
): Addend {
  const name = counterName(figure, unit);
  const more = { name, unit, description, labels: set.labels, value, start, end };
  return [set.keyOf(name), parts ? { ...more, parts } : more];
}

/** Returns what is added in place of that to a counter of fewer labels, whose values are few. */
export function overflowOf([, more]: Addend): Addend {
  const set = new LabelSet(overflowLabels(more.labels));
  return [set.keyOf(more.name), { ...more, labels: set.labels }];
}

/**
 * Returns the counter with more added to it, which may be negative. A counter never falls: what it would have to fall by is
 * owed, and taken from what is added later, so that its value without that is the sum of all that was added.
 */
export function add(known: Counter | undefined, more: Counter): Counter {
  if (!known) return more.value < 0 ? { ...more, value: 0, owed: -more.value } : more;
  const { owed: before = 0 } = known;
  const growth = Math.max(0, more.value - before);
  const owed = Math.max(0, before - more.value);
  const isChanged = growth > 0 || owed !== before;
  const end = isChanged ? laterOf(afterMillisecond(known.end), more.end) : known.end;
  const all = more.parts && { parts: joined(known.parts ?? [], more.parts) };
  const isOwing = owed > 0 || known.owed !== undefined;
  return { ...known, value: known.value + growth, end, ...all, ...(isOwing && { owed }) };
}

/** Returns the sum of all that was added to a counter. */
export function netOf({ value, owed = 0 }: Counter): number {
  return value - owed;
}

function joined(some: readonly string[], more: readonly string[]): readonly string[] {
  return more.every((one) => some.includes(one)) ? some : [...new Set([...some, ...more])].sort();
}

/** Returns whether a counter is complete: a sum of several figures must have seen all of them, or their total. */
export function isComplete({ parts }: Counter): boolean {
  return parts === undefined || parts.includes(totalCost) || parts.length >= costParts;
}

/**
 * Returns a run with counters as cumulative monotonic sums of OpenTelemetry, one metric for each name, and of those that have
 * ever owed something a gauge of what they owe.
 */
export function sumsOf(counters: readonly Counter[]): Run {
  const named = [...Map.groupBy(counters, ({ name }) => name).values()];
  const owing = named.map((alike) => alike.filter(({ owed }) => owed !== undefined)).filter(({ length }) => length > 0);
  const metrics = [...named.map(sumOf), ...owing.map(owedOf)];
  return Run.of({}, { metrics: [{ scope: { name: 'wattline/totals' }, metrics }] });
}

function owedOf(counters: readonly Counter[]): GaugeMetricData {
  const { name, unit } = counters[0] as Counter;
  const description = `By how much \`${name}\` is too high until it has grown by that, since figures were lowered`;
  return {
    descriptor: { name: owedName(name), unit, description, valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: counters.map(({ start: startTime, end: endTime, labels: attributes, owed = 0 }) => {
      return { startTime, endTime, attributes, value: owed };
    }),
  };
}

/** Returns the name of the gauge of what a counter owes, such as `co2_emissions_kg_owed`. */
function owedName(name: string): string {
  return name.replace(/_total$/, '_owed');
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
