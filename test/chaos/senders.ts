import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../kit/random-numbers.ts';
import { numberedRun, runRequests } from './numbered-runs.ts';
import { post, type Request } from './requests.ts';

const SENDERS = 6;
const MOST_RUNS = 5;
/** Milliseconds. */
const LONGEST_PAUSE = 40;
const PATIENCE = 60_000;

/** Posts a request again and again until it is acknowledged, as senders of OTLP do. */
export async function postUntilTaken(port: number, random: Random, request: Request): Promise<void> {
  while (!(await post(port, request))) await sleep(random.between(5, LONGEST_PAUSE));
}

/** Post numbered runs in all formats to a port of loopback, side by side, until they are stopped. */
export class RunSenders {
  #acknowledged = 0;
  #next = 0;
  #failure: unknown;
  #isStopped = false;
  readonly #port: number;
  readonly #random: Random;
  readonly #sending: Promise<unknown>;

  constructor(port: number, random: Random) {
    this.#port = port;
    this.#random = random;
    this.#sending = Promise.all(Array.from({ length: SENDERS }, () => this.#send()));
    this.#sending.catch((error) => {
      this.#failure = error;
    });
  }

  /** How many runs have been acknowledged. Throws where an answer was wrong. */
  get acknowledged(): number {
    if (this.#failure) throw this.#failure;
    return this.#acknowledged;
  }

  /**
   * Ends once all that was sent is acknowledged, which must be within a minute. Returns how many runs these are, which are
   * numbered from 0 on.
   */
  async stop(): Promise<number> {
    this.#isStopped = true;
    const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
      throw new Error('what is sent is not acknowledged, though all is well again');
    });
    await Promise.race([this.#sending, late]);
    return this.#next;
  }

  async #send(): Promise<void> {
    while (!this.#isStopped) {
      const runs = Array.from({ length: this.#random.integer(1, MOST_RUNS) }, () => numberedRun(this.#next++));
      await postUntilTaken(this.#port, this.#random, this.#random.pick(runRequests)(runs));
      this.#acknowledged += runs.length;
      await sleep(this.#random.between(0, LONGEST_PAUSE));
    }
  }
}
