import type { Attributes, Counter, Meter } from '@opentelemetry/api';
import { messageOf, RejectedError } from '../errors.ts';
import { type Batch, type Consumer, countPoints } from '../plugin/index.ts';
import type { StageHealth } from './stage-health.ts';

/** What came of the runs that one receiver handed over. */
export interface Deliveries {
  delivered: number;
  /** How many runs could not be delivered, by the reason given. */
  readonly failures: Map<string, number>;
}

/** Counts what passes to a consumer: points that it took, rejected for good, or failed to take for now. */
export interface PointCounters {
  readonly taken: Counter;
  readonly rejected: Counter;
  readonly failed: Counter;
}

/** The Collector's counters of a receiver's data points. */
export function receiverCounters(meter: Meter): PointCounters {
  const unit = '{datapoint}';
  return {
    taken: meter.createCounter('otelcol_receiver_accepted_metric_points', {
      unit,
      description: 'Data points that went through the pipeline',
    }),
    rejected: meter.createCounter('otelcol_receiver_failed_metric_points', {
      unit,
      description: 'Data points that the pipeline rejected for good',
    }),
    failed: meter.createCounter('otelcol_receiver_refused_metric_points', {
      unit,
      description: 'Data points that the pipeline could not take for now',
    }),
  };
}

/** The Collector's counters of an exporter's data points; rejections and failures are one there. */
export function exporterCounters(meter: Meter): PointCounters {
  const unit = '{datapoint}';
  const failed = meter.createCounter('otelcol_exporter_send_failed_metric_points', {
    unit,
    description: 'Data points that could not be sent',
  });
  const sent = meter.createCounter('otelcol_exporter_sent_metric_points', {
    unit,
    description: 'Data points that arrived',
  });
  return { taken: sent, rejected: failed, failed };
}

/** Counts what became of a batch: it was taken, or it was not for the reason given. */
export type CountOutcome = (batch: Batch, error?: unknown) => void;

/** Counts the points of batches under the given attributes, from 0 on, so that a rate sees the first of them. */
export function outcomeCounter({ taken, rejected, failed }: PointCounters, attributes: Attributes): CountOutcome {
  for (const counter of [taken, rejected, failed]) counter.add(0, attributes);
  return (batch, error) => {
    const counter = error === undefined ? taken : error instanceof RejectedError ? rejected : failed;
    counter.add(countPoints(batch), attributes);
  };
}

/** The same counting, with failures noted in a stage's health. */
export function withFailures(count: CountOutcome, health: StageHealth): CountOutcome {
  return (batch, error) => {
    if (error !== undefined) health.failed(error);
    count(batch, error);
  };
}

/** The same consumer, with its points counted. */
export function countedConsumer(consumer: Consumer, count: CountOutcome): Consumer {
  return {
    async consume(batch, signal) {
      try {
        await consumer.consume(batch, signal);
      } catch (error) {
        count(batch, error);
        throw error;
      }
      count(batch);
    },
  };
}

/** The same consumer, with the fate of each run noted. */
export function notedConsumer(consumer: Consumer, deliveries: Deliveries): Consumer {
  return {
    async consume(batch, signal) {
      try {
        await consumer.consume(batch, signal);
        deliveries.delivered++;
      } catch (error) {
        noteFailure(deliveries, error);
        throw error;
      }
    },
  };
}

/** Notes a run that could not be delivered. */
export function noteFailure({ failures }: Deliveries, error: unknown): void {
  const reason = messageOf(error);
  failures.set(reason, (failures.get(reason) ?? 0) + 1);
}

/** The same consumer; each observer is shown what it takes over before it does. */
export function observedConsumer(consumer: Consumer, observers: readonly ((batch: Batch) => void)[]): Consumer {
  if (observers.length === 0) return consumer;
  return {
    async consume(batch, signal) {
      for (const observe of observers) observe(batch);
      await consumer.consume(batch, signal);
    },
  };
}

/** Gauges how full a sending queue is, by the Collector's names. */
export function gaugeQueue(queue: { size: number; capacity: number }, meter: Meter, attributes: Attributes): void {
  const unit = '{batch}';
  meter
    .createObservableGauge('otelcol_exporter_queue_size', { unit, description: 'Runs that wait in the sending queue' })
    .addCallback((result) => result.observe(queue.size, attributes));
  meter
    .createObservableGauge('otelcol_exporter_queue_capacity', { unit, description: 'Runs that may wait there' })
    .addCallback((result) => result.observe(queue.capacity, attributes));
}
