import type { Attributes, Meter } from '@opentelemetry/api';
import { type Consumer, countPoints } from '../plugin/index.ts';

/** The Collector's counters of data points, by kind of component: their names, and what they count. */
const counters = {
  receiver: {
    otelcol_receiver_accepted_metric_points: 'Data points that went through the pipeline',
    otelcol_receiver_failed_metric_points: 'Data points that the pipeline rejected for good',
    otelcol_receiver_refused_metric_points: 'Data points that the pipeline could not take for now',
  },
  processor: {
    otelcol_processor_incoming_items: 'Data points that a processor was given, by processor and pipeline',
    otelcol_processor_outgoing_items: 'Data points that it handed on',
  },
  exporter: {
    otelcol_exporter_send_failed_metric_points: 'Data points that could not be sent',
    otelcol_exporter_sent_metric_points: 'Data points that arrived',
  },
} as const;

/** Who has counters. */
export type Counting = keyof typeof counters;
type CounterName<K extends Counting> = keyof (typeof counters)[K] & string;

/** How many data points there have been. */
export interface PointCount {
  points: number;
}

/** The counts of all components of a kind. They are read when somebody asks for them; to count is to add. */
export class PointCounts<K extends Counting> {
  readonly #counts = new Map<string, PointCount & { readonly name: string; readonly attributes: Attributes }>();

  constructor(kind: K, meter: Meter) {
    for (const [name, description] of Object.entries(counters[kind])) {
      meter.createObservableCounter(name, { unit: '{datapoint}', description }).addCallback((result) => {
        for (const count of this.#counts.values()) {
          if (count.name === name) result.observe(count.points, count.attributes);
        }
      });
    }
  }

  /** A counter's count with these attributes, which begins at 0, or goes on where there was one. */
  of(name: CounterName<K>, attributes: Attributes): PointCount {
    const key = JSON.stringify([name, attributes]);
    const count = this.#counts.get(key) ?? { name, attributes, points: 0 };
    this.#counts.set(key, count);
    return count;
  }
}

/** The counts of a process. */
export type AllPointCounts = { readonly [K in Counting]: PointCounts<K> };

/** Counts from 0 on, as the meter shows them. */
export function countPointsOn(meter: Meter): AllPointCounts {
  return {
    receiver: new PointCounts('receiver', meter),
    processor: new PointCounts('processor', meter),
    exporter: new PointCounts('exporter', meter),
  };
}

/** The same consumer; the points that it is given are added up. */
export function addedUp(consumer: Consumer, count: PointCount): Consumer {
  return {
    consume(batch, signal) {
      count.points += countPoints(batch);
      return consumer.consume(batch, signal);
    },
  };
}
