import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import type { DataPoint, GaugeMetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { RunFacts, RunWindow } from './run-facts.ts';

/** What a figure is: its fixed name, its unit in UCUM, and a sentence about it. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

const descriptors = new WeakMap<Figure, MetricDescriptor>();

/** A figure of a run: a gauge of one point, which is made for who asks. */
export class FigureGauge implements GaugeMetricData {
  readonly dataPointType = DataPointType.GAUGE;
  readonly aggregationTemporality = AggregationTemporality.CUMULATIVE;
  readonly descriptor: MetricDescriptor;
  readonly value: number;
  /** What its point says beside the labels of its run. */
  readonly extra: Attributes | undefined;
  readonly #facts: RunFacts;
  readonly #window: RunWindow | undefined;
  #dataPoints: DataPoint<number>[] | undefined;

  /** A figure of the run with these facts, and with that window where they have none. */
  constructor(
    figure: Figure,
    value: number,
    extra: Attributes | undefined,
    facts: RunFacts,
    window: RunWindow | undefined,
  ) {
    this.descriptor = descriptorOf(figure);
    this.value = value;
    this.extra = extra;
    this.#facts = facts;
    this.#window = window;
  }

  /** The labels of its point; figures of a run that say the same beside them share one object. */
  get labels(): Readonly<Record<string, string>> {
    return this.#facts.labelsWith(this.extra);
  }

  /** When its run began and ended. */
  get window(): RunWindow {
    return this.#window ?? (this.#facts.window as RunWindow);
  }

  /** When its run ended. */
  get endTime(): HrTime {
    return this.window.end;
  }

  get dataPoints(): DataPoint<number>[] {
    const { start, end } = this.window;
    this.#dataPoints ??= [{ startTime: start, endTime: end, value: this.value, attributes: this.labels }];
    return this.#dataPoints;
  }
}

function descriptorOf(figure: Figure): MetricDescriptor {
  let descriptor = descriptors.get(figure);
  if (!descriptor) {
    descriptor = { ...figure, valueType: ValueType.DOUBLE };
    descriptors.set(figure, descriptor);
  }
  return descriptor;
}
