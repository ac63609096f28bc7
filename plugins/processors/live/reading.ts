import type { DataPoint, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { Attribute, describeRun, type Run, type Skipped, toSeconds } from 'wattline/plugin';
import type { Boundary } from './boundaries.ts';
import type { Form, Point } from './increments.ts';
import { isExpectedUnit, labelsIn, type Meaning, meaningOf, sourceOf } from './names.ts';

/** The points of all meters of one metric at one boundary. */
export interface Reading {
  readonly meaning: Meaning;
  readonly boundary: Boundary;
  readonly form: Form;
  /** By what tells the meters apart. */
  readonly meters: Map<string, Point[]>;
}

/** What a run holds: live readings, what of them cannot be used, and all other metrics. */
export interface Readings {
  readonly readings: readonly Reading[];
  readonly skipped: readonly Skipped[];
  /** The run without its live metrics; undefined where nothing is left. */
  readonly rest: Run | undefined;
}

/** How far a point's time may be ahead of the own clock, in seconds: one far ahead would make all that follow late. */
const AHEAD = 600;

/**
 * Returns the live metrics of what a resource sent, at a time in seconds since 1970. Undefined where it has none, or is a
 * run: one that says when it was, or that it is one.
 */
export function readLive(run: Run, now: number): Readings | undefined {
  const { startTime, endTime, statedDuration, metrics: came } = run;
  if (came.length === 0) return undefined;
  if (startTime !== undefined || endTime !== undefined || statedDuration !== undefined) return undefined;
  if (run.attributes[Attribute.id] !== undefined) return undefined;
  const isLive = ({ descriptor }: MetricData) => meaningOf(descriptor.name) !== undefined;
  const live = came.flatMap(({ metrics }) => metrics.filter(isLive));
  if (live.length === 0) return undefined;
  const left = came
    .map(({ scope, metrics }): ScopeMetrics => ({ scope, metrics: metrics.filter((metric) => !isLive(metric)) }))
    .filter(({ metrics }) => metrics.length);
  const hasRest = left.length > 0 || run.figures.length > 0 || run.samples.length > 0;
  const rest = hasRest ? run.bare().with({ metrics: left, samples: run.samples, figures: run.figures }) : undefined;
  const skipped: Skipped[] = [];
  const readings = new Map<string, Reading>();
  for (const metric of live) {
    const item = metric.descriptor.name;
    readMetric(metric, now, readings, (reason, problem) => {
      skipped.push({ item, reason, message: `\`${item}\` of ${describeRun(run)} ${problem}` });
    });
  }
  return { readings: [...readings.values()], skipped, rest };
}

type Skip = (reason: string, problem: string) => void;

function readMetric(metric: MetricData, now: number, readings: Map<string, Reading>, skip: Skip): void {
  const { name, unit } = metric.descriptor;
  const meaning = meaningOf(name) as Meaning;
  const form = formOf(metric, meaning);
  if (!form) {
    skip('unexpected_type', `must be a ${isCounter(meaning) ? 'sum' : 'gauge'}`);
    return;
  }
  if (!isExpectedUnit(meaning, unit)) {
    skip('unexpected_unit', `is in \`${unit}\`, and must be in ${meaning.unit}`);
    return;
  }
  let hasSums = false;
  for (const point of metric.dataPoints as readonly DataPoint<number>[]) {
    const labels = labelsIn(point.attributes);
    const role = meaning.role?.(labels) ?? 'counts';
    const boundary = typeof meaning.boundary === 'string' ? meaning.boundary : meaning.boundary(labels);
    if (role === 'a_sum') hasSums = true;
    if (role !== 'counts') continue;
    if (!boundary) {
      const label = labels('hw.type') ?? labels('zone') ?? labels('domain_name');
      skip('unknown_zone', `measures \`${label}\`, which is none of the boundaries that are priced`);
    } else if (!(point.value >= 0 && point.value < Number.POSITIVE_INFINITY)) {
      skip('invalid_value', `has the value ${point.value}, which is not a number of 0 or more`);
    } else if (toSeconds(point.endTime) > now + AHEAD) {
      const time = new Date(point.endTime[0] * 1000).toISOString();
      skip('future_point', `has a point of ${time}, which is yet to come`);
    } else {
      const key = `${boundary} ${meaning.name}`;
      const reading = readings.get(key) ?? { meaning, boundary, form, meters: new Map<string, Point[]>() };
      readings.set(key, reading);
      const source = sourceOf(meaning, point.attributes);
      const points = reading.meters.get(source) ?? [];
      reading.meters.set(source, points);
      points.push(pointOf(point, meaning));
    }
  }
  if (hasSums) skip('overlapping_zone', 'has points that are sums of others or the same again');
}

function pointOf({ value, startTime, endTime }: DataPoint<number>, { per = 1 }: Meaning): Point {
  const isKnown = startTime[0] > 0 || startTime[1] > 0;
  return { time: endTime, value: value / per, start: isKnown ? startTime : undefined };
}

/** How to read a metric's values: scrapes often call a counter a gauge, so that its name decides. */
function formOf(metric: MetricData, meaning: Meaning): Form | undefined {
  if (metric.dataPointType === DataPointType.GAUGE) return isCounter(meaning) ? 'counter' : 'gauge';
  if (metric.dataPointType !== DataPointType.SUM) return undefined;
  const isDelta = metric.aggregationTemporality === AggregationTemporality.DELTA;
  if (isCounter(meaning)) return isDelta ? 'delta' : 'counter';
  return isDelta ? undefined : 'gauge';
}

function isCounter({ unit }: Meaning): boolean {
  return unit === 'J' || unit === 's';
}
