import type { Attributes, Meter } from '@opentelemetry/api';
import type { Lifecycle } from '../plugin/contract.ts';
import type { QueuedExporter } from '../plugin/index.ts';
import type { Storage } from '../plugin/storage.ts';
import { Destination } from './edge.ts';
import type { GraphOptions } from './graph-options.ts';
import type { Node } from './node.ts';
import type { OutcomeCount } from './point-counts.ts';
import { SendingQueue } from './sending-queue.ts';
import { StoredSendingQueue } from './stored-sending-queue.ts';

/** A stage that takes runs for an exporter, and where edges lead that end at it. */
export interface QueueBefore {
  readonly stage: Lifecycle;
  readonly inlet: Destination;
}

/** What a sending queue is made of. */
export interface QueueParts extends Pick<Node, 'id' | 'health'>, Pick<Node['context'], 'logger'> {
  readonly meter: GraphOptions['meter'];
  readonly count: OutcomeCount;
  /** Where it is kept; undefined is in memory. */
  readonly storage: Storage | undefined;
}

/** Puts the sending queue before an exporter that it asks for: on disk where it names a storage, and in memory elsewhere. */
export function queueBefore(
  exporter: QueuedExporter,
  { id, health, logger, meter, count, storage }: QueueParts,
  { awaitsDelivery, maxElapsedTime, stopping }: GraphOptions,
): QueueBefore {
  const common = { logger, stopping, count, onFailure: (error: unknown) => health.failed(error) };
  const queue = storage
    ? new StoredSendingQueue(exporter, {
        ...common,
        storage,
        name: `exporter_${id}`,
        awaitsDelivery,
        // What has been acknowledged is tried for ever.
        maxElapsedTime: awaitsDelivery ? maxElapsedTime : 0,
      })
    : new SendingQueue(exporter, { ...common, maxElapsedTime });
  gaugeQueue(queue, meter, { exporter: id });
  return { stage: queue, inlet: new Destination(queue) };
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
