import { ExportResultCode } from '@opentelemetry/core';
import type { MetricProducer, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { messageOf, RejectedError } from '../errors.ts';
import type { Batch } from '../model/attributes.ts';
import type { Consumer, Processor, QueuedExporter, QueueOptions, Receiver, SourceContext } from './contract.ts';

type Stepped = Batch | undefined;

/** A processor from a step: what it returns, or resolves to, goes on; undefined drops the run. */
export function transform(
  next: Consumer,
  step: (batch: Batch, signal: AbortSignal) => Stepped | Promise<Stepped>,
): Processor {
  const later = async (stepped: Promise<Stepped>, signal: AbortSignal) => {
    const result = await stepped;
    if (result) await next.consume(result, signal);
  };
  return {
    consume(batch, signal) {
      const stepped = step(batch, signal);
      if (stepped instanceof Promise) return later(stepped, signal);
      return stepped && next.consume(stepped, signal);
    },
  };
}

/** An exporter from any `PushMetricExporter` of the SDK, which takes one run a request. */
export function fromExporter(
  create: () => PushMetricExporter,
  queue: Omit<QueueOptions, 'maxBatches'>,
): QueuedExporter {
  let exporter: PushMetricExporter | undefined;
  const open = () => {
    exporter ??= create();
    return exporter;
  };
  return {
    queue: { ...queue, maxBatches: 1 },
    async send(batches) {
      for (const batch of batches) await exportOne(open(), batch);
    },
    async shutdown() {
      await exporter?.shutdown();
    },
  };
}

/**
 * A receiver from any `MetricProducer` of the SDK, collected every `interval` milliseconds. A collection that fails is
 * logged, and the next one is made as if it had not.
 */
export function fromProducer({ next, logger }: SourceContext, producer: MetricProducer, interval: number): Receiver {
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const readOnce = async (signal: AbortSignal) => {
    const { resourceMetrics, errors } = await producer.collect();
    await next.consume(resourceMetrics, signal);
    if (errors.length) throw new AggregateError(errors, 'the producer could not collect everything');
  };
  const schedule = () => {
    timer = setTimeout(() => {
      running = readOnce(stopped.signal)
        .catch((error: unknown) => logger.error({ err: error }, `a collection failed: ${messageOf(error)}`))
        .then(() => {
          if (!stopped.signal.aborted) schedule();
        });
    }, interval);
  };
  return {
    readOnce,
    async start() {
      schedule();
    },
    async shutdown() {
      clearTimeout(timer);
      stopped.abort();
      await running;
    },
  };
}

function exportOne(exporter: PushMetricExporter, batch: Batch): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(batch as Parameters<PushMetricExporter['export']>[0], ({ code, error }) => {
      if (code === ExportResultCode.SUCCESS) resolve();
      else if (isPermanent(error)) reject(new RejectedError(messageOf(error), { cause: error }));
      else reject(error ?? new Error('the export failed without a reason'));
    });
  });
}

/** The SDK's OTLP exporters put the HTTP status of an answer that must not be retried in `code`. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code >= 400;
}
