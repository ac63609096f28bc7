import type { CheckFor } from './metric.ts';
import type { ReadResource } from './resource.ts';
import type { PartialSuccess, Status } from './response.ts';

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

/** The numbers of any metric may be whatever comes. */
export const checkNothing: CheckFor = () => undefined;
