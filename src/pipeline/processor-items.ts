import type { Meter } from '@opentelemetry/api';
import { type Consumer, countPoints } from '../plugin/index.ts';

/** How many data points one processor has been given in one pipeline, and how many it has handed on. */
export interface ItemCount {
  incoming: number;
  outgoing: number;
}

/** Counts the data points of processors, by the Collector's names. They are read when asked for; to count is to add. */
export class ProcessorItems {
  readonly #counts = new Map<string, ItemCount & { readonly processor: string; readonly pipeline: string }>();

  constructor(meter: Meter) {
    this.#expose(meter, 'incoming', 'Data points that a processor was given, by processor and pipeline');
    this.#expose(meter, 'outgoing', 'Data points that it handed on');
  }

  /** The count of a processor in a pipeline, which goes on where a processor of that name was before. */
  of(processor: string, pipeline: string): ItemCount {
    const key = JSON.stringify([processor, pipeline]);
    const count = this.#counts.get(key) ?? { processor, pipeline, incoming: 0, outgoing: 0 };
    this.#counts.set(key, count);
    return count;
  }

  #expose(meter: Meter, way: keyof ItemCount, description: string): void {
    meter
      .createObservableCounter(`otelcol_processor_${way}_items`, { unit: '{datapoint}', description })
      .addCallback((result) => {
        for (const { processor, pipeline, [way]: points } of this.#counts.values()) {
          result.observe(points, { processor, pipeline });
        }
      });
  }
}

/** The same consumer; the points that it is given are added up. */
export function addedUp(consumer: Consumer, count: ItemCount, way: keyof ItemCount): Consumer {
  return {
    consume(batch, signal) {
      count[way] += countPoints(batch);
      return consumer.consume(batch, signal);
    },
  };
}
