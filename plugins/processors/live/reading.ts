import type { HrTime } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { type Boundary, convert, isCounter, labelsIn, type Meaning, type Scale, scaleOf } from 'wattline/figures';
import { describeRun, isRun, type Run, restOf, type Skipped, toSeconds } from 'wattline/plugin';
import { deviceOf } from './groups.ts';
import type { Form } from './increments.ts';
import { Meters } from './meters.ts';
import type { Meters as MeterPoints } from './moments.ts';
import { type PlaceOf, placeOf } from './places.ts';
import type { Columns } from './positions.ts';

/** The points of all meters of one metric at one boundary, in lists of one length. */
export class Reading implements Columns {
  readonly meaning: Meaning;
  readonly boundary: Boundary;
  readonly form: Form;
  /** What keeps them apart from other meters of the metric. */
  readonly group: string;
  /** What tells the meter of each point from the others. */
  readonly sources: string[] = [];
  readonly times: HrTime[] = [];
  readonly values: number[] = [];
  /** Since when each counts, where that is known. */
  readonly starts: (HrTime | undefined)[] = [];

  constructor(meaning: Meaning, boundary: Boundary, form: Form, group: string) {
    this.meaning = meaning;
    this.boundary = boundary;
    this.form = form;
    this.group = group;
  }

  /** The points by what tells their meters apart. */
  get meters(): MeterPoints {
    const meters: MeterPoints = new Map();
    for (const [i, source] of this.sources.entries()) {
      const point = { time: this.times[i] as HrTime, value: this.values[i] as number, start: this.starts[i] };
      const known = meters.get(source);
      if (known) known.push(point);
      else meters.set(source, [point]);
    }
    return meters;
  }

  add(source: string, time: HrTime, value: number, start: HrTime | undefined): void {
    this.sources.push(source);
    this.times.push(time);
    this.values.push(value);
    this.starts.push(start);
  }
}

/** What a run holds: live readings, what of them cannot be used, and all other metrics. */
export interface Readings {
  readonly readings: readonly Reading[];
  readonly skipped: readonly Skipped[];
  /** How many cores the host has, as far as the metrics say so. */
  readonly cores: number | undefined;
  /** The run without its live metrics; undefined where nothing is left. */
  readonly rest: Run | undefined;
}

/** What is read, and how. */
export interface ReadingOptions {
  readonly meters: Meters;
  /** Whoever reads many gives `Places.of`, which is faster than `placeOf`. */
  readonly place: PlaceOf;
  /** Whether it is that of a host which its points name. */
  readonly isNamed: boolean;
  /** Is told of each metric that is none of the meters. */
  readonly onOther: (metric: MetricData) => void;
}

/** How far a point's time may be ahead of the own clock, in seconds: one far ahead would make all that follow late. */
const AHEAD = 600;
const coreCounts: ReadonlySet<string> = new Set([
  'system.cpu.logical.count',
  'system_cpu_logical_count',
  'machine_cpu_cores',
]);

/**
 * Returns the live metrics of what a resource sent, at a time in seconds since 1970. Undefined where it has none, or is a
 * run: one that says when it was, or that it is one.
 */
export function readLive(run: Run, now: number, options: Partial<ReadingOptions> = {}): Readings | undefined {
  if (run.metrics.length === 0 || isRun(run)) return undefined;
  const reader = new Reader(run, now, {
    meters: new Meters(),
    place: placeOf,
    isNamed: false,
    onOther() {},
    ...options,
  });
  const rest = restOf(run, (metric) => reader.take(metric));
  if (!reader.found) return undefined;
  return { readings: [...reader.readings.values()], skipped: reader.skipped, cores: reader.cores, rest };
}

class Reader {
  found = false;
  readonly readings = new Map<string, Reading>();
  readonly skipped: Skipped[] = [];
  cores: number | undefined;
  readonly #run: Run;
  readonly #now: number;
  readonly #options: ReadingOptions;
  /** The reading of the point before: mostly that of the next one too. */
  #last: Reading | undefined;

  constructor(run: Run, now: number, options: ReadingOptions) {
    this.#run = run;
    this.#now = now;
    this.#options = options;
  }

  /** Takes a metric where it is a live one, be it in vain. */
  take(metric: MetricData): boolean {
    const { name, unit } = metric.descriptor;
    const meaning = this.#options.meters.of(name);
    if (!meaning) {
      if (coreCounts.has(name)) for (const { value } of metric.dataPoints) this.#noteCores(Number(value));
      else this.#options.onOther(metric);
      return false;
    }
    this.found = true;
    const form = formOf(metric, meaning);
    const scale = scaleOf(meaning, unit);
    if (!this.#isNamed(meaning)) {
      const labels = meaning.identity?.map(({ label }) => `\`${label}\``).join(' or ');
      this.#skip(name, 'unnamed_host', `has points without the label ${labels}, by which each names its host`);
    } else if (!form) {
      this.#skip(name, 'unexpected_type', `must be a ${isCounter(meaning) ? 'sum' : 'gauge'}`);
    } else if (!scale) {
      this.#skip(name, 'unexpected_unit', `is in \`${unit}\`, which cannot be converted to ${meaning.unit}`);
    } else this.#takePoints(metric.dataPoints as readonly DataPoint<number>[], name, meaning, form, scale);
    return true;
  }

  #takePoints(points: readonly DataPoint<number>[], name: string, meaning: Meaning, form: Form, scale: Scale): void {
    for (const { attributes, value, startTime, endTime } of points) {
      const { role, boundary, source, labelled, cores } = this.#options.place(meaning, attributes);
      if (cores !== undefined) this.#noteCores(cores);
      if (role !== 'counts') continue;
      if (boundary === undefined || source === undefined) {
        const labels = labelsIn(attributes);
        const label = labels('hw.type') ?? labels('zone') ?? labels('rapl_zone') ?? labels('domain_name');
        this.#skip(name, 'unknown_zone', `measures \`${label}\`, which is none of the boundaries that are priced`);
      } else if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        this.#skip(name, 'invalid_value', `has the value ${value}, which is not a number of 0 or more`);
      } else if (toSeconds(endTime) > this.#now + AHEAD) {
        const time = new Date(endTime[0] * 1000).toISOString();
        this.#skip(name, 'future_point', `has a point of ${time}, which is yet to come`);
      } else {
        const isKnown = startTime[0] > 0 || startTime[1] > 0;
        const group = form === 'counter' ? labelled : deviceOf(meaning, source);
        const reading = this.#readingOf(meaning, boundary, form, group);
        reading.add(source, endTime, convert(value, scale), isKnown ? startTime : undefined);
      }
    }
  }

  /** Whether it is known whose a metric is whose points name their hosts; an attribute of the resource may do that too. */
  #isNamed({ identity }: Meaning): boolean {
    return this.#options.isNamed || (identity?.some(({ attribute, label }) => attribute === label) ?? true);
  }

  #noteCores(cores: number): void {
    if (cores > (this.cores ?? 0)) this.cores = cores;
  }

  #readingOf(meaning: Meaning, boundary: Boundary, form: Form, group: string): Reading {
    const last = this.#last;
    if (last?.meaning === meaning && last.boundary === boundary && last.form === form && last.group === group)
      return last;
    const key = `${boundary} ${meaning.name} ${form} ${group}`;
    const reading = this.readings.get(key) ?? new Reading(meaning, boundary, form, group);
    this.readings.set(key, reading);
    this.#last = reading;
    return reading;
  }

  #skip(item: string, reason: string, problem: string): void {
    this.skipped.push({ item, reason, message: `\`${item}\` of ${describeRun(this.#run)} ${problem}` });
  }
}

/** How to read a metric's values: scrapes often call a counter a gauge, so that its name decides. */
function formOf(metric: MetricData, meaning: Meaning): Form | undefined {
  if (metric.dataPointType === DataPointType.GAUGE) return isCounter(meaning) ? 'counter' : 'gauge';
  if (metric.dataPointType !== DataPointType.SUM) return undefined;
  const isDelta = metric.aggregationTemporality === AggregationTemporality.DELTA;
  if (isCounter(meaning)) return isDelta ? 'delta' : 'counter';
  return isDelta ? undefined : 'gauge';
}
