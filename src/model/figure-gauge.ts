import { type HrTime, ValueType } from '@opentelemetry/api';
import type { DataPoint, GaugeMetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';

/** What a figure is: its fixed name, its unit in UCUM, and a sentence about it. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** When a point began and ended. */
interface Window {
  readonly start: HrTime;
  readonly end: HrTime;
}

const descriptors = new WeakMap<Figure, MetricDescriptor>();

/** A figure of a run: a gauge of one point, which is made for who asks. */
export class FigureGauge implements GaugeMetricData {
  readonly dataPointType = DataPointType.GAUGE;
  readonly aggregationTemporality = AggregationTemporality.CUMULATIVE;
  readonly descriptor: MetricDescriptor;
  readonly value: number;
  /** The labels of its point; figures of a run that have the same labels share them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly #window: Window;
  #dataPoints: DataPoint<number>[] | undefined;

  constructor(figure: Figure, value: number, labels: Readonly<Record<string, string>>, window: Window) {
    this.descriptor = descriptorOf(figure);
    this.value = value;
    this.labels = labels;
    this.#window = window;
  }

  /** When its run ended. */
  get endTime(): HrTime {
    return this.#window.end;
  }

  get dataPoints(): DataPoint<number>[] {
    const { start, end } = this.#window;
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
