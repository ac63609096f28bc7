import type { Attributes, Meter } from '@opentelemetry/api';
import { messageOf } from '../errors.ts';
import type { QueuedExporter } from '../plugin/index.ts';
import type { Storage } from '../plugin/storage.ts';
import { Destination } from './edge.ts';
import type { GraphOptions } from './graph-options.ts';
import type { ExporterNode, Node } from './node.ts';
import type { OutcomeCount } from './point-counts.ts';
import { SendingQueue } from './sending-queue.ts';
import type { StageHealth } from './stage-health.ts';
import { StoredSendingQueue } from './stored-sending-queue.ts';

/** The parts of a sending queue. */
export interface QueueParts extends Pick<Node, 'id' | 'health' | 'context'> {
  readonly meter: Meter;
  readonly count: OutcomeCount;
  /** The storage of a queue on disk; without one it is in memory. */
  readonly storage: Storage | undefined;
}

/** Returns the sending queue of an exporter, as the stage that takes runs in its place. */
export function queueBefore(
  exporter: QueuedExporter,
  { id, health, context, meter, count, storage }: QueueParts,
  { awaitsDelivery, maxElapsedTime, stopping }: GraphOptions,
): Pick<ExporterNode, 'stage' | 'inlet'> {
  const { logger } = context;
  const options = {
    logger,
    stopping,
    count,
    onFailure: (error: Error) => health.failed(error),
    onBlocked(error: Error | undefined) {
      if (error && !health.blocked) logger.error(`nothing can be sent until somebody mends this: ${messageOf(error)}`);
      if (!error && health.blocked) logger.info('can send again');
      health.blockedBy(error);
    },
  };
  const queue = storage
    ? new StoredSendingQueue(exporter, {
        ...options,
        storage,
        name: `exporter_${id}`,
        awaitsDelivery,
        skip: (skipped) => context.skip(skipped),
        // Acknowledged runs are sent until they arrive.
        maxElapsedTime: awaitsDelivery ? maxElapsedTime : 0,
      })
    : new SendingQueue(exporter, { ...options, maxElapsedTime });
  gaugeQueue(queue, health, meter, { exporter: id });
  return { stage: queue, inlet: new Destination(queue, { withholdsReplays: true }) };
}

/** Gauges how full a sending queue is, by the Collector's names, and whether its exporter is blocked. */
export function gaugeQueue(
  queue: { size: number; capacity: number },
  health: Pick<StageHealth, 'blocked'>,
  meter: Meter,
  attributes: Attributes,
): void {
  const unit = '{batch}';
  meter
    .createObservableGauge('otelcol_exporter_queue_size', {
      unit,
      description: 'What waits in the sending queue: runs, or what `sizer` says',
    })
    .addCallback((result) => result.observe(queue.size, attributes));
  meter
    .createObservableGauge('otelcol_exporter_queue_capacity', { unit, description: 'How much may wait there' })
    .addCallback((result) => result.observe(queue.capacity, attributes));
  const description =
    '1 while nothing can be sent until somebody mends a token, a URL, a limit or a certificate, else 0';
  meter
    .createObservableGauge('wattline_exporter_blocked', { description })
    .addCallback((result) => result.observe(health.blocked ? 1 : 0, attributes));
}
