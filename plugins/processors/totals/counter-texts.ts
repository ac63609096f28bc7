import type { Attributes } from '@opentelemetry/api';
import { attributesKey } from 'wattline/plugin';
import { type Counter, keyOf } from './counters.ts';

/** Counters as texts and back: what was written last need not be parsed when it is read again. */
export class CounterTexts {
  readonly #last = new Map<string, { readonly text: string; readonly counter: Counter }>();

  /** Returns the counter with a key that a text holds. */
  read(key: string, text: string): Counter {
    const last = this.#last.get(key);
    if (last?.text === text) return last.counter;
    const counter = JSON.parse(text) as Counter;
    this.#last.set(key, { text, counter });
    return counter;
  }

  /** Returns the text of the counter with a key. */
  write(key: string, counter: Counter): string {
    const text = JSON.stringify(counter);
    this.#last.set(key, { text, counter });
    return text;
  }
}

/** Returns the keys of counters, each with its counter. Labels that several share are written once. */
export function keyed(counters: readonly Counter[]): (readonly [key: string, counter: Counter])[] {
  const texts = new Map<Attributes, string>();
  return counters.map((counter) => {
    const { labels } = counter;
    const text = texts.get(labels) ?? attributesKey(labels);
    texts.set(labels, text);
    return [keyOf(counter, text), counter];
  });
}
