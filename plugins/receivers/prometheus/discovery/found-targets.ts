import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Context, messageOf } from 'wattline/plugin';
import type { Labels } from '../relabel.ts';
import type { Discovery } from './discovery.ts';

/** What the discoveries of a job have found last. */
export class FoundTargets {
  readonly #discoveries: readonly Discovery[];
  readonly #logger: Context['logger'];
  readonly #found = new Map<Discovery, readonly Labels[]>();
  readonly #failing = new Set<Discovery>();

  constructor(discoveries: readonly Discovery[], logger: Context['logger']) {
    this.#discoveries = discoveries;
    this.#logger = logger;
  }

  get all(): Labels[] {
    return [...this.#found.values()].flat();
  }

  /** Whether there are discoveries at all. */
  get isExpected(): boolean {
    return this.#discoveries.length > 0;
  }

  /** Opens what the discoveries need. Throws, with the key and the path, where a file cannot be used. */
  async start(): Promise<void> {
    for (const discovery of this.#discoveries) await discovery.start?.();
  }

  async close(): Promise<void> {
    for (const discovery of this.#discoveries) await discovery.close?.();
  }

  /** Asks each discovery once. Resolves with what has failed; never rejects. */
  async findOnce(signal: AbortSignal): Promise<(string | undefined)[]> {
    return Promise.all(this.#discoveries.map((discovery) => this.#ask(discovery, signal)));
  }

  /** Asks each discovery again and again until the signal is aborted, and calls `onChange` where there are other targets. */
  async keepFinding(onChange: () => void, signal: AbortSignal): Promise<void> {
    await Promise.all(this.#discoveries.map((discovery) => this.#keepAsking(discovery, onChange, signal)));
  }

  async #keepAsking(discovery: Discovery, onChange: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const before = this.#found.get(discovery) ?? [];
      await this.#ask(discovery, signal);
      const after = this.#found.get(discovery) ?? [];
      if (!signal.aborted && after !== before && !isDeepStrictEqual(after, before)) onChange();
      await sleep(discovery.interval, undefined, { signal }).catch(() => {});
    }
  }

  /** Asks a discovery; where that fails, what it found last stays, which is said once. Resolves with the failure. */
  async #ask(discovery: Discovery, signal: AbortSignal): Promise<string | undefined> {
    try {
      this.#found.set(discovery, await discovery.discover(signal));
      if (this.#failing.delete(discovery)) this.#logger.info(`${discovery.name} can be asked for targets again`);
      return undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      const message = `${discovery.name} cannot be asked for targets: ${messageOf(error)}`;
      const isNew = !this.#failing.has(discovery);
      this.#failing.add(discovery);
      if (isNew) this.#logger.warn(`${message}; those that were found before stay`);
      return message;
    }
  }
}
