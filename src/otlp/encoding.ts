import type { CheckFor } from './metric.ts';
import type { ReadResource } from './resource.ts';
import type { Message } from './schema.ts';

/** One of the two encodings of OTLP/HTTP; whatever is decoded throws `OtlpError` where it is malformed. */
export interface OtlpEncoding {
  readonly contentType: string;
  /** Reads an `ExportMetricsServiceRequest`; `checkFor` says which numbers its metrics may have. */
  decodeRequest(body: Uint8Array, checkFor?: CheckFor): ReadResource[];
  /** Writes an `ExportMetricsServiceResponse`. */
  encodeResponse(partial: PartialSuccess | undefined): string | Uint8Array;
  /** Reads an `ExportMetricsServiceResponse`; undefined is one that took everything and says nothing. */
  decodeResponse(body: Uint8Array): PartialSuccess | undefined;
  encodeStatus(status: Status): string | Uint8Array;
  decodeStatus(body: Uint8Array): Status;
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
}

/** Returns what a response says; undefined where it took everything and says nothing. */
export function partialSuccessOf({
  partialSuccess,
}: Message<'ExportMetricsServiceResponse'>): PartialSuccess | undefined {
  const rejectedDataPoints = Number(partialSuccess?.rejectedDataPoints ?? 0);
  const errorMessage = partialSuccess?.errorMessage ?? '';
  return rejectedDataPoints === 0 && errorMessage === '' ? undefined : { rejectedDataPoints, errorMessage };
}
