import type { Consumer, Lifecycle, QueuedExporter, Storage } from '../plugin/index.ts';
import { type CountOutcome, countedConsumer, gaugeQueue } from './counted.ts';
import type { GraphOptions } from './graph-options.ts';
import type { Node } from './node.ts';
import { SendingQueue } from './sending-queue.ts';
import { StoredSendingQueue } from './stored-sending-queue.ts';

/** A stage that takes batches for an exporter, and what hands them over to it. */
export interface QueueBefore {
  readonly stage: Lifecycle;
  readonly consumer: Consumer;
}

/** What a sending queue is made of. */
export interface QueueParts extends Pick<Node, 'id' | 'health'>, Pick<Node['context'], 'logger'> {
  readonly meter: GraphOptions['meter'];
  readonly count: CountOutcome;
  /** Where it is kept; undefined is in memory. */
  readonly storage: Storage | undefined;
}

/** Puts the sending queue before an exporter that it asks for: on disk where it names a storage, and in memory elsewhere. */
export function queueBefore(
  exporter: QueuedExporter,
  { id, health, logger, meter, count, storage }: QueueParts,
  { awaitsDelivery, maxElapsedTime, stopping }: GraphOptions,
): QueueBefore {
  const onFailure = (error: unknown) => health.failed(error);
  if (!storage) {
    const queue = new SendingQueue(exporter, { logger, maxElapsedTime, stopping, onFailure });
    gaugeQueue(queue, meter, { exporter: id });
    return { stage: queue, consumer: countedConsumer(queue, count) };
  }
  const queue = new StoredSendingQueue(exporter, {
    logger,
    storage,
    name: `exporter_${id}`,
    awaitsDelivery,
    // What has been acknowledged is tried for ever.
    maxElapsedTime: awaitsDelivery ? maxElapsedTime : 0,
    stopping,
    count,
    onFailure,
  });
  gaugeQueue(queue, meter, { exporter: id });
  return { stage: queue, consumer: queue };
}
