import { RejectedError } from '../errors.ts';
import type { Batch, Consumed, Consumer } from '../plugin/index.ts';

/** A place in a graph that batches pass on their way, behind which stages can be exchanged without losing one. */
export class Port implements Consumer {
  #target: Consumer | undefined;
  #underWay = 0;
  #opening: PromiseWithResolvers<void> | undefined;
  readonly #waiting: (() => void)[] = [];

  /** What batches are handed over to from now on; those under way go on where they are. */
  connect(target: Consumer): void {
    this.#target = target;
  }

  /** How many batches have passed and are not settled yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Lets batches wait from now on, until `release`. */
  hold(): void {
    this.#opening ??= Promise.withResolvers();
  }

  release(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Resolves when nothing that has passed is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  consume(batch: Batch, signal: AbortSignal): Consumed {
    const { current } = this;
    return current ? this.pass(current, batch, signal) : this.#passLater(batch, signal);
  }

  /** What is behind it, unless it is held. */
  protected get current(): Consumer | undefined {
    return this.#opening ? undefined : this.#target;
  }

  /** Resolves with what is behind it when it is not held any more; rejects where the signal is aborted before. */
  protected async opened(signal: AbortSignal): Promise<Consumer> {
    while (this.#opening) await orAborted(this.#opening.promise, signal);
    if (!this.#target) throw new Error('nothing is connected here');
    return this.#target;
  }

  /** Hands a batch over to what is behind it, and counts it for as long as that takes. */
  protected pass(target: Consumer, batch: Batch, signal: AbortSignal): Consumed {
    this.#underWay++;
    let pending: Promise<void> | undefined;
    try {
      pending = target.consume(batch, signal) ?? undefined;
    } finally {
      if (!pending) this.#passed();
    }
    return pending && this.#settled(pending);
  }

  async #passLater(batch: Batch, signal: AbortSignal): Promise<void> {
    await this.pass(await this.opened(signal), batch, signal);
  }

  async #settled(pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } finally {
      this.#passed();
    }
  }

  #passed(): void {
    this.#underWay--;
    if (this.#underWay === 0 && this.#waiting.length) for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** The port of an exporter: what it could not deliver before it was exchanged is handed to the one in its place. */
export class ExporterPort extends Port {
  override consume(batch: Batch, signal: AbortSignal): Consumed {
    const target = this.current;
    if (!target) return this.#deliver(batch, signal);
    let pending: Consumed;
    try {
      pending = this.pass(target, batch, signal);
    } catch (error) {
      this.#throwUnlessExchanged(error, target, signal);
      return this.#deliver(batch, signal);
    }
    return pending && this.#settle(pending, target, batch, signal);
  }

  async #settle(pending: Promise<void>, target: Consumer, batch: Batch, signal: AbortSignal): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.#throwUnlessExchanged(error, target, signal);
      await this.#deliver(batch, signal);
    }
  }

  async #deliver(batch: Batch, signal: AbortSignal): Promise<void> {
    for (;;) {
      const target = this.current ?? (await this.opened(signal));
      try {
        return await this.pass(target, batch, signal);
      } catch (error) {
        this.#throwUnlessExchanged(error, target, signal);
      }
    }
  }

  #throwUnlessExchanged(error: unknown, target: Consumer, signal: AbortSignal): void {
    if (error instanceof RejectedError || signal.aborted || this.current === target) throw error;
  }
}

function orAborted(opening: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    opening.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
