/** What a sender says of a metric. */
export interface Metadata {
  /** The number of its type, which both versions have alike; 0 is unknown. */
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}

export const COUNTER = 1;
export const UNKNOWN: Metadata = Object.freeze({ type: 0, help: '', unit: '' });
const MOST = 20_000;
const LONGEST = 500;
const SUFFIX = '_total';

/** Remembers what senders of version 1.0 say of metrics in requests of their own; of more than 20,000 those said last. */
export class MetadataMemory {
  readonly #known = new Map<string, Metadata>();

  /** Remembers what is said of the metric of that name. */
  note(name: string, { type, help, unit }: Metadata): void {
    if (name.length > LONGEST) return;
    this.#known.delete(name);
    this.#known.set(name, { type, help: help.slice(0, LONGEST), unit: unit.slice(0, LONGEST) });
    if (this.#known.size <= MOST) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest as string);
  }

  /** Returns what was said of a series: in OpenMetrics counters have a name without `_total`. */
  of(name: string): Metadata {
    const known = this.#known.get(name);
    if (known || !name.endsWith(SUFFIX)) return known ?? UNKNOWN;
    return this.#known.get(name.slice(0, -SUFFIX.length)) ?? UNKNOWN;
  }
}

/** Returns whether a series is a counter. Where nothing is said of its type its name says it, as it must in OpenMetrics. */
export function isCounter(name: string, { type }: Metadata): boolean {
  return type === COUNTER || (type === 0 && name.endsWith(SUFFIX));
}
