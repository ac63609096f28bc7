import type { Batch, Consumer } from 'wattline/plugin';

/** The end of a pipeline that keeps what arrives; `consume` decides what becomes of a batch before it is kept. */
export class MemorySink implements Consumer {
  readonly batches: Batch[] = [];
  readonly #decide: (batch: Batch, signal: AbortSignal) => Promise<void> | void;

  constructor(decide: (batch: Batch, signal: AbortSignal) => Promise<void> | void = () => {}) {
    this.#decide = decide;
  }

  /** The `scenario` of each batch that has arrived. */
  get scenarios(): unknown[] {
    return this.batches.map(({ resource }) => resource.attributes.scenario);
  }

  async consume(batch: Batch, signal: AbortSignal): Promise<void> {
    const deciding = this.#decide(batch, signal);
    if (deciding) await deciding;
    this.batches.push(batch);
  }
}
