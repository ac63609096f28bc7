import { Pace } from '../pace.ts';
import type { CheckFor } from './metric.ts';
import type { OtlpLimits } from './otlp-error.ts';
import type { ReadResource } from './resource.ts';
import type { Message } from './schema.ts';

/** One of the two encodings of OTLP/HTTP; whatever is decoded throws `OtlpError` where it is malformed. */
export interface OtlpEncoding {
  readonly contentType: string;
  /** Reads an `ExportMetricsServiceRequest`; `checkFor` says which numbers its metrics may have. */
  decodeRequest(body: Uint8Array, checkFor?: CheckFor): ReadResource[];
  /**
   * Reads the resources of an `ExportMetricsServiceRequest` in lists, between which others have a turn every 10 ms. Rejects
   * with `OtlpLimitError` where there is more than `limits` allow.
   */
  readResources(body: Uint8Array, options: RequestOptions): AsyncIterable<readonly ReadResource[]>;
  /** Writes an `ExportMetricsServiceResponse`. */
  encodeResponse(partial: PartialSuccess | undefined): string | Uint8Array;
  /** Reads an `ExportMetricsServiceResponse`; undefined is one that took everything and says nothing. */
  decodeResponse(body: Uint8Array): PartialSuccess | undefined;
  encodeStatus(status: Status): string | Uint8Array;
  decodeStatus(body: Uint8Array): Status;
}

/** How requests from outside are read. */
export interface RequestOptions {
  readonly checkFor?: CheckFor;
  readonly limits: OtlpLimits;
}

/** What the sender of a request learns that was taken in part, or taken with a warning. */
export interface PartialSuccess {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

/** A `google.rpc.Status`, which is how OTLP reports errors. */
export interface Status {
  readonly code: number;
  readonly message: string;
  /** Seconds after which its sender may try again, as a `google.rpc.RetryInfo`; only protobuf has it. */
  readonly retryAfter?: number;
}

/** Returns what a response says; undefined where it took everything and says nothing. */
export function partialSuccessOf({
  partialSuccess,
}: Message<'ExportMetricsServiceResponse'>): PartialSuccess | undefined {
  const rejectedDataPoints = Number(partialSuccess?.rejectedDataPoints ?? 0);
  const errorMessage = partialSuccess?.errorMessage ?? '';
  return rejectedDataPoints === 0 && errorMessage === '' ? undefined : { rejectedDataPoints, errorMessage };
}

/** Puts resources into lists, between which others have a turn every 10 ms; undefined stands for a chance to give way. */
export async function* inTurns(resources: Iterable<ReadResource | undefined>): AsyncGenerator<ReadResource[]> {
  const pace = new Pace();
  let list: ReadResource[] = [];
  for (const one of resources) {
    if (one) list.push(one);
    if (!pace.isDue) continue;
    yield list;
    list = [];
    await pace.giveWay();
  }
  yield list;
}
