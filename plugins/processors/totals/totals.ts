import type { Batch, Processor, SourceContext, States, StoredState } from 'wattline/plugin';
import { add, type Counter, isComplete, keyOf, sumsOf } from './counters.ts';
import type { Summed } from './figures.ts';
import { HandOver } from './hand-over.ts';
import { type Increment, incrementsOf } from './increments.ts';

/** How the processor behaves. */
export interface TotalsOptions {
  readonly states: States;
  /** The name of the state that `live` reads. */
  readonly state: string;
  /** The figures that are summed, by name. */
  readonly figures: ReadonlyMap<string, Summed>;
}

/** The attributes by which `live` marks its slices. */
const ID = 'stream.id';
const PART = 'stream.part';
const POSITION = 'stream.position';
const PREFIX = 'counter/';

/**
 * Adds the figures of slices up. What they add and how far their stream has been counted are written at once, and only
 * then handed on: a slice that comes again finds the stream where it is, and what was not handed on goes with the next.
 */
export class Totals implements Processor {
  readonly #ctx: SourceContext;
  readonly #options: TotalsOptions;
  readonly #counters = new Map<string, Counter>();
  /** What of each counter has been handed on. */
  readonly #handedOn = new Map<string, number>();
  /** What the slices of a stream add that count together, until the last of them is there. */
  readonly #pending = new Map<string, Increment[]>();
  readonly #handOver = new HandOver((signal) => this.#handOn(signal));
  #state: StoredState | undefined;

  constructor(ctx: SourceContext, options: TotalsOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { states, state } = this.#options;
    this.#state = await states.openState(state, 'totals');
    for (const [key, value] of this.#state.entries(PREFIX)) this.#counters.set(key, JSON.parse(value));
  }

  async consume(batch: Batch, signal: AbortSignal): Promise<void> {
    const { [ID]: id, [PART]: part, [POSITION]: position } = batch.resource.attributes;
    if (typeof id !== 'string') return this.#ctx.next.consume(batch, signal);
    const before = part === 0 ? [] : (this.#pending.get(id) ?? []);
    const increments = [...before, ...incrementsOf(batch, this.#options.figures)];
    if (typeof position !== 'string') {
      this.#pending.set(id, increments);
      return;
    }
    this.#pending.delete(id);
    await this.#write(id, position, increments);
    await this.#handOver.run(signal);
  }

  async shutdown(): Promise<void> {
    await this.#state?.close();
    this.#state = undefined;
  }

  async #write(id: string, position: string, increments: readonly Increment[]): Promise<void> {
    if (!this.#state) throw new Error('the processor is not started');
    const changed = new Map<string, Counter>();
    await this.#state.update((get) => {
      for (const increment of increments) {
        const key = keyOf(increment);
        const stored = get(key);
        const known = changed.get(key) ?? (stored === undefined ? undefined : (JSON.parse(stored) as Counter));
        changed.set(key, add(known, increment));
      }
      return [...[...changed].map(([key, counter]) => [key, JSON.stringify(counter)] as const), [id, position]];
    });
    for (const [key, counter] of changed) this.#counters.set(key, counter);
  }

  async #handOn(signal: AbortSignal): Promise<void> {
    const news = [...this.#counters].filter(
      ([key, counter]) => isComplete(counter) && this.#handedOn.get(key) !== counter.value,
    );
    if (news.length === 0) return;
    await this.#ctx.next.consume(sumsOf(news.map(([, counter]) => counter)), signal);
    for (const [key, { value }] of news) this.#handedOn.set(key, value);
  }
}
