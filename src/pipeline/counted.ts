import type { Attributes, Meter } from '@opentelemetry/api';
import { messageOf, RejectedError } from '../errors.ts';
import { type Batch, type Consumer, countPoints } from '../plugin/index.ts';
import type { PointCount, PointCounts } from './point-counts.ts';
import type { StageHealth } from './stage-health.ts';
import { witnessed } from './witnessed.ts';

/** What came of the runs that one receiver handed over. */
export interface Deliveries {
  delivered: number;
  /** How many runs could not be delivered, by the reason given. */
  readonly failures: Map<string, number>;
}

type Outcome = 'taken' | 'rejected' | 'failed';

/** Counts what became of a batch: it was taken, or it was not for the reason given. */
export type CountOutcome = (batch: Batch, error?: unknown) => void;

/** Counts the points of batches: of those that were taken, rejected for good, or failed to be taken for now. */
function outcomeCounter({ taken, rejected, failed }: Readonly<Record<Outcome, PointCount>>): CountOutcome {
  return (batch, error) => {
    const count = error === undefined ? taken : error instanceof RejectedError ? rejected : failed;
    count.points += countPoints(batch);
  };
}

/** The Collector's counters of a receiver's data points. */
export function receiverOutcomes(counts: PointCounts<'receiver'>, receiver: string): CountOutcome {
  const taken = counts.of('otelcol_receiver_accepted_metric_points', { receiver });
  const rejected = counts.of('otelcol_receiver_failed_metric_points', { receiver });
  const failed = counts.of('otelcol_receiver_refused_metric_points', { receiver });
  return outcomeCounter({ taken, rejected, failed });
}

/** The Collector's counters of an exporter's data points; rejections and failures are one there. */
export function exporterOutcomes(counts: PointCounts<'exporter'>, exporter: string): CountOutcome {
  const failed = counts.of('otelcol_exporter_send_failed_metric_points', { exporter });
  const taken = counts.of('otelcol_exporter_sent_metric_points', { exporter });
  return outcomeCounter({ taken, rejected: failed, failed });
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
  return witnessed(consumer, {
    taken: (batch) => count(batch),
    failed(error, batch) {
      count(batch, error);
      return error;
    },
  });
}

/** The same consumer, with the fate of each run noted. */
export function notedConsumer(consumer: Consumer, deliveries: Deliveries): Consumer {
  return witnessed(consumer, {
    taken() {
      deliveries.delivered++;
    },
    failed(error) {
      noteFailure(deliveries, error);
      return error;
    },
  });
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
    consume(batch, signal) {
      for (const observe of observers) observe(batch);
      return consumer.consume(batch, signal);
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
