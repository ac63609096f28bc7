import { streamsOf } from 'wattline/figures';
import type { Run } from 'wattline/plugin';
import type { Observation } from './linear-model.ts';

/** Stand for the number of streams of a run that states none; the second where it also had no encoder. */
const UNSTATED = -1;
const WITHOUT_ENCODER = -2;
/** The bytes reserved for the name of each run; UTF-8 has at most three for each unit of a string. */
const NAME_BYTES = 48;
const MOST_BYTES_A_UNIT = 3;

/**
 * Measured runs in the order of their arrival, as columns of numbers and bytes: there are many, of which few are read, and
 * objects would stay long on the heap.
 */
export class ArrivedRuns {
  #length = 0;
  readonly #starts: Float64Array;
  readonly #streams: Float64Array;
  readonly #watts: Float64Array;
  #names: Buffer;
  /** The end of each name. */
  readonly #ends: Uint32Array;

  /** Makes room for that many runs, or fewer where their names are long. */
  constructor(room: number) {
    this.#starts = new Float64Array(room);
    this.#streams = new Float64Array(room);
    this.#watts = new Float64Array(room);
    this.#names = Buffer.allocUnsafeSlow(room * NAME_BYTES);
    this.#ends = new Uint32Array(room);
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a run with its mean power in watts. Returns false where there is no room for it. */
  add(run: Run, watts: number): boolean {
    const at = this.#length;
    const name = run.scenario ?? '';
    const from = this.#nameStart(at);
    const bytes = name.length * MOST_BYTES_A_UNIT;
    if (at === this.#ends.length || from + bytes > this.#names.length) {
      if (at > 0) return false;
      this.#names = Buffer.allocUnsafeSlow(bytes);
    }
    const { streams: stated } = run;
    const otherwise = run.encoder === 'none' ? WITHOUT_ENCODER : UNSTATED;
    this.#starts[at] = run.startTime ?? Number.NaN;
    this.#streams[at] = stated !== undefined && stated >= 0 ? stated : otherwise;
    this.#watts[at] = watts;
    this.#ends[at] = from + this.#write(name, from);
    this.#length++;
    return true;
  }

  /** Removes all. Returns the latest of each run with a known number of streams, at most that many, the latest last. */
  takeLatest(most: number): [run: string, observation: Observation][] {
    const latest = new Map<string, Observation>();
    for (let at = this.#length - 1; at >= 0 && latest.size < most; at--) {
      const name = this.#names.toString('utf8', this.#nameStart(at), this.#ends[at]);
      const run = `${name}\n${this.#starts[at]}`;
      const streams = this.#streamsAt(at, name);
      if (streams !== undefined && !latest.has(run)) latest.set(run, [streams, this.#watts[at] as number]);
    }
    this.#length = 0;
    return [...latest].reverse();
  }

  /** Writes a name and returns how many bytes it took. Most are ASCII, for which a loop takes less than the call to `Buffer`. */
  #write(name: string, from: number): number {
    for (let i = 0; i < name.length; i++) {
      const unit = name.charCodeAt(i);
      if (unit > 0x7f) return this.#names.write(name, from);
      this.#names[from + i] = unit;
    }
    return name.length;
  }

  #nameStart(at: number): number {
    return at === 0 ? 0 : (this.#ends[at - 1] as number);
  }

  #streamsAt(at: number, name: string): number | undefined {
    const stated = this.#streams[at] as number;
    if (stated >= 0) return stated;
    return streamsOf({ scenario: name, encoder: stated === WITHOUT_ENCODER ? 'none' : undefined, streams: undefined });
  }
}
