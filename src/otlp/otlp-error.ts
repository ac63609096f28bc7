/** A body that is not the OTLP message that it should be. The message names the place of what is wrong. */
export class OtlpError extends Error {
  override name = 'OtlpError';
}

/** A request of which more would be made than is allowed. */
export class OtlpLimitError extends OtlpError {
  override name = 'OtlpLimitError';
  /** What there is too much of; undefined where no limit can be set. */
  readonly limit: keyof OtlpLimits | undefined;

  constructor(message: string, limit?: keyof OtlpLimits) {
    super(message);
    this.limit = limit;
  }
}

/** How much of each may be made of one request. */
export interface OtlpLimits {
  /** Resources, empty ones among them. */
  readonly resources: number;
  /** Metrics, and scopes of metrics. */
  readonly metrics: number;
  readonly points: number;
  /** Attributes of resources and points. */
  readonly attributes: number;
}

/** Messages nested deeper than this are refused, as protobuf's own readers do. */
export const DEEPEST = 100;

/**
 * What a resource, a point, a set of attributes or a list of numbers may hold at most: such a part is read in one go, which
 * takes some 10 ms then.
 */
export const MOST_IN_A_PART = 10_000;

/** How many messages are read between two chances to give way: some 1 ms. */
const SLICE = 1000;

/**
 * Returns how many messages a body of that many bytes may hold. A point with an attribute takes some 15 bytes a message; an
 * empty message takes two, and two hundred times as much memory once it is read.
 */
function mostMessages(bytes: number): number {
  return 10_000 + Math.floor(bytes / 8);
}

/** Counts what is made of a body, and refuses what is too much. */
export class Allowance {
  resources: number;
  metrics: number;
  points: number;
  attributes: number;
  /** How many messages more there may be. */
  messages: number;
  readonly mostMessages: number;
  /** How many messages must be left when the part ends that is being read. */
  fewest = 0;
  readonly #limits: Partial<OtlpLimits>;
  #nextPause: number;

  /** Without a limit only the bytes count. */
  constructor(bytes: number, limits: Partial<OtlpLimits> = {}) {
    const { resources = Infinity, metrics = Infinity, points = Infinity, attributes = Infinity } = limits;
    this.resources = resources;
    this.metrics = metrics;
    this.points = points;
    this.attributes = attributes;
    this.mostMessages = mostMessages(bytes);
    this.messages = this.mostMessages;
    this.#limits = limits;
    this.#nextPause = this.messages - SLICE;
  }

  /** Takes one, or more. Throws `OtlpLimitError` where there is too much. */
  take(what: keyof OtlpLimits, count = 1): void {
    this[what] -= count;
    if (this[what] < 0) throw new OtlpLimitError(`the request has more than ${this.#limits[what]} ${what}`, what);
  }

  /** Whether so much has been read since it was true last that others should have a turn. */
  isPauseDue(): boolean {
    if (this.messages > this.#nextPause) return false;
    this.#nextPause = this.messages - SLICE;
    return true;
  }
}

/** Throws: a part of the body is beyond `MOST_IN_A_PART`. */
export function failPart(place: string): never {
  throw new OtlpLimitError(`${place} holds more than ${MOST_IN_A_PART} values`);
}
