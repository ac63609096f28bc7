import type { Logger } from 'pino';
import { messageOf, RejectedError } from '../errors.ts';
import type { Run } from '../model/run.ts';
import type { Sent } from '../plugin/contract.ts';
import { allTaken, refuseAll } from '../plugin/outcome.ts';
import type { EncodeRequest } from './encoder.ts';
import type { OtlpEncoding, PartialSuccess } from './encoding.ts';

/** Returns the bytes of a request with these runs. Throws `RejectedError` where one of them cannot be written as OTLP. */
export function encodeRuns(runs: readonly Run[], encode: EncodeRequest): Uint8Array {
  try {
    return encode(runs);
  } catch (error) {
    throw new RejectedError(`a run cannot be written as OTLP: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads what a server answers to the requests that it takes, and warns of what it says in them. */
export class OtlpAnswers {
  readonly #logger: Logger;
  readonly #place: string;
  readonly #encoding: OtlpEncoding;
  #lastWarning = '';

  /** `place` is what the server is called in messages. */
  constructor(logger: Logger, place: string, encoding: OtlpEncoding) {
    this.#logger = logger;
    this.#place = place;
    this.#encoding = encoding;
  }

  /**
   * Returns what became of the runs of a request by the `ExportMetricsServiceResponse`. What is rejected must not be sent
   * again, and of several runs the server does not say whose it is: only where all points are rejected, or all are of one run,
   * is the run refused.
   */
  outcomeOf(runs: readonly Run[], body: Uint8Array): Sent {
    const partial = this.#partialSuccess(body);
    if (!partial) return allTaken;
    const { rejectedDataPoints: rejected, errorMessage: said } = partial;
    const points = runs.reduce((sum, run) => sum + run.pointCount, 0);
    const why = said && `: ${said}`;
    if (rejected > 0 && (runs.length === 1 || rejected >= points)) {
      return refuseAll(runs, 'rejected', `${this.#place} rejected ${rejected} data points${why}`);
    }
    if (rejected > 0)
      this.#warn(`${this.#place} rejected ${rejected} of the ${points} data points of ${runs.length} runs${why}`);
    else this.#warn(`${this.#place} took everything, and says: ${said}`);
    return { ...allTaken, rejectedPoints: rejected };
  }

  #warn(warning: string): void {
    if (warning !== this.#lastWarning) this.#logger.warn(warning);
    this.#lastWarning = warning;
  }

  #partialSuccess(body: Uint8Array): PartialSuccess | undefined {
    try {
      return this.#encoding.decodeResponse(body);
    } catch {
      // Servers that are not strict answer with a text of their own.
      return undefined;
    }
  }
}
