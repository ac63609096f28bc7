import type { Attributes } from '@opentelemetry/api';
import { Attribute, numberOf, scenarioOf, streamsOf } from 'wattline/plugin';
import type { Observation } from './linear-model.ts';

/** In place of a number of streams where a run states none, and where it states none but had no encoder. */
const UNSTATED = -1;
const WITHOUT_ENCODER = -2;

/** Measured runs in the order in which they arrived, kept as columns: there are many, and few of them are looked at. */
export class ArrivedRuns {
  readonly #scenarios: (string | undefined)[] = [];
  readonly #starts: Float64Array;
  readonly #streams: Float64Array;
  readonly #watts: Float64Array;

  /** Has room for that many runs. */
  constructor(room: number) {
    this.#starts = new Float64Array(room);
    this.#streams = new Float64Array(room);
    this.#watts = new Float64Array(room);
  }

  get length(): number {
    return this.#scenarios.length;
  }

  get isFull(): boolean {
    return this.#scenarios.length === this.#watts.length;
  }

  /** Adds a run with its mean power in watts. */
  add(attributes: Attributes, watts: number): void {
    const at = this.#scenarios.push(scenarioOf(attributes)) - 1;
    const stated = numberOf(attributes, Attribute.streams);
    const otherwise = attributes[Attribute.encoder] === 'none' ? WITHOUT_ENCODER : UNSTATED;
    this.#starts[at] = numberOf(attributes, Attribute.startTime) ?? Number.NaN;
    this.#streams[at] = stated !== undefined && stated >= 0 ? stated : otherwise;
    this.#watts[at] = watts;
  }

  /** Takes out all; of each run with a known number of streams the latest comes back, at most that many, the latest last. */
  takeLatest(most: number): [run: string, observation: Observation][] {
    const latest = new Map<string, Observation>();
    for (let at = this.length - 1; at >= 0 && latest.size < most; at--) {
      const run = `${this.#scenarios[at]}\n${this.#starts[at]}`;
      const streams = this.#streamsAt(at);
      if (streams !== undefined && !latest.has(run)) latest.set(run, [streams, this.#watts[at] as number]);
    }
    this.#scenarios.length = 0;
    return [...latest].reverse();
  }

  #streamsAt(at: number): number | undefined {
    const stated = this.#streams[at] as number;
    if (stated >= 0) return stated;
    const encoder = stated === WITHOUT_ENCODER ? { [Attribute.encoder]: 'none' } : {};
    return streamsOf({ [Attribute.scenario]: this.#scenarios[at], ...encoder });
  }
}
