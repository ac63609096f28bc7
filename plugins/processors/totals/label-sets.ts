import type { Attributes } from '@opentelemetry/api';
import { attributesKey } from 'wattline/plugin';

/** Labels that are longer as a text, and more sets than so many, are not kept. */
const LONGEST = 500;
const MOST_SETS = 20_000;

/** The labels of figures whose values are few, and without which sums would mean nothing. */
const KEPT: readonly string[] = [
  ...['boundary', 'power', 'cpu', 'extrapolated', 'method', 'state', 'region_known', 'fill'],
];

/**
 * Returns the labels of the counter that takes the place of one for which there is no room: what may have any number of
 * values is left out.
 */
export function overflowLabels(labels: Attributes): Attributes {
  const kept = KEPT.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const]));
  return { ...Object.fromEntries(kept), overflow: 'true' };
}

/** The labels of counters, and the keys under which those that have them are stored. */
export class LabelSet {
  readonly labels: Attributes;
  readonly #text: string;
  readonly #keys = new Map<string, string>();

  constructor(labels: Attributes) {
    this.labels = labels;
    this.#text = attributesKey(labels);
  }

  /** Returns the key of the counter of that name: the same for the same labels in any order. */
  keyOf(name: string): string {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = `counter/[${JSON.stringify(name)},${this.#text}]`;
    this.#keys.set(name, key);
    return key;
  }
}

/** Keeps sets of labels, since the slices of a host have the same ones again and again. */
export class LabelSets {
  readonly #sets = new Map<string, LabelSet>();
  readonly #most: number;

  /** Keeps at most so many. */
  constructor(most = MOST_SETS) {
    this.#most = most;
  }

  /** Returns the set of some labels. */
  of(labels: Attributes): LabelSet {
    const text = JSON.stringify(labels);
    const known = this.#sets.get(text);
    if (known) return known;
    const set = new LabelSet(labels);
    if (text.length > LONGEST) return set;
    if (this.#sets.size >= this.#most) this.#sets.clear();
    this.#sets.set(text, set);
    return set;
  }
}
