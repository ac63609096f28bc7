import type { Batch, Consumer, Lifecycle, QueuedExporter } from '../plugin/index.ts';
import { Sender, type SenderOptions } from './sender.ts';

/**
 * A bounded queue in memory before an exporter that sends over the network. `consume` resolves when the batch has
 * arrived, so nothing is acknowledged that could still be lost; a full queue refuses at once, and may be tried again.
 */
export class SendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #sender: Sender;

  constructor(exporter: QueuedExporter, options: SenderOptions) {
    this.#exporter = exporter;
    this.#sender = new Sender(exporter, options);
  }

  /** How many batches wait, those being sent left out. */
  get size(): number {
    return this.#sender.waiting;
  }

  /** How many batches may wait. */
  get capacity(): number {
    return this.#exporter.queue.queueSize;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#exporter.start?.(signal);
  }

  consume(batch: Batch): Promise<void> {
    const { queueSize } = this.#exporter.queue;
    if (this.#sender.waiting >= queueSize) return Promise.reject(fullQueue(queueSize));
    return new Promise((resolve, reject) => {
      this.#sender.push({ load: () => batch, arrived: () => resolve(), failed: reject });
    });
  }

  /** Tries everything that waits once more, without pauses; what cannot be delivered until `signal` is given up. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.#sender.close(signal);
    await this.#exporter.shutdown?.(signal);
  }
}

/** The refusal of a queue in which that many runs wait already. */
export function fullQueue(queueSize: number): Error {
  return new Error(`the sending queue is full: ${queueSize} runs wait`);
}
