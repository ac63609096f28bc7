import type { Batch, Consumed, Consumer } from '../plugin/index.ts';

/** Sees what becomes of batches. */
export interface Witness {
  taken?(batch: Batch): void;
  /** Is told why a batch was not taken, and says what to throw. */
  failed(error: unknown, batch: Batch): unknown;
}

/** The same consumer with a witness: at once where that is done at once, without a promise. */
export function witnessed(consumer: Consumer, witness: Witness): Consumer {
  const settled = async (pending: Promise<void>, batch: Batch) => {
    try {
      await pending;
    } catch (error) {
      throw witness.failed(error, batch);
    }
    witness.taken?.(batch);
  };
  return {
    consume(batch, signal) {
      let pending: Consumed;
      try {
        pending = consumer.consume(batch, signal);
      } catch (error) {
        throw witness.failed(error, batch);
      }
      if (pending) return settled(pending, batch);
      witness.taken?.(batch);
    },
  };
}
