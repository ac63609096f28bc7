import type { Counter } from './counters.ts';

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
