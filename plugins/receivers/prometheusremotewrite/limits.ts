import { z } from 'wattline/plugin';

/** How much may be made of one request. */
export interface WriteLimits {
  readonly series: number;
  readonly samples: number;
  /** Labels of series, and symbols. */
  readonly labels: number;
}

/** The settings that say how much may be made of one request. */
export const limitSettings = {
  max_series: z.int().positive().default(100_000).describe('The most series of a request'),
  max_samples: z.int().positive().default(250_000).describe('The most samples of a request'),
  max_labels: z
    .int()
    .positive()
    .default(1_000_000)
    .describe('The most labels of a request; of version 2.0 its symbols count too'),
};

/** A request of which more would be made than is allowed. */
export class WriteLimitError extends Error {
  override name = 'WriteLimitError';
}

/** What one series or symbol holds at most: it is read in one go. */
export const MOST_IN_A_SERIES = 10_000;
/** How many fields are read between two chances to give way: some 1 ms. */
const SLICE = 1000;

/** Counts what is made of a body, and refuses what is too much. Each method throws `WriteLimitError`. */
export class Allowance {
  readonly #limits: WriteLimits;
  #series = 0;
  #samples = 0;
  #labels = 0;
  #fields: number;
  #nextPause: number;

  /** A body of that many bytes may have as many fields as one of series with a sample each, and no more. */
  constructor(bytes: number, limits: WriteLimits) {
    this.#limits = limits;
    this.#fields = 10_000 + Math.floor(bytes / 4);
    this.#nextPause = this.#fields - SLICE;
  }

  /** Takes a series with so many labels, samples and fields. */
  takeSeries(labels: number, samples: number, fields: number): void {
    this.#series++;
    this.#samples += samples;
    if (this.#series > this.#limits.series) this.#fail('series');
    if (this.#samples > this.#limits.samples) this.#fail('samples');
    this.takeLabels(labels);
    this.takeFields(fields);
  }

  /** Takes labels, or symbols. */
  takeLabels(count: number): void {
    this.#labels += count;
    if (this.#labels > this.#limits.labels) this.#fail('labels');
  }

  #fail(what: keyof WriteLimits): never {
    throw new WriteLimitError(`the request has more than ${this.#limits[what]} ${what}, which is max_${what}`);
  }

  /** Takes so many fields, of which a body has no more than its bytes allow. */
  takeFields(count: number): void {
    this.#fields -= count;
    if (this.#fields < 0) throw new WriteLimitError('the request has more fields than its bytes may have');
  }

  /** Whether so much has been read since it was true last that others should have a turn. */
  isPauseDue(): boolean {
    if (this.#fields > this.#nextPause) return false;
    this.#nextPause = this.#fields - SLICE;
    return true;
  }
}

/** Throws: a series or one of its lists is longer than what is read in one go. */
export function failPart(what: string): never {
  throw new WriteLimitError(`${what} holds more than ${MOST_IN_A_SERIES} values`);
}
