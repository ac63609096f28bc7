import type { Message } from './message.ts';

/** What is told to the sender of a request that was taken in part. */
export interface PartialSuccess {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

/** One of the two encodings of OTLP/HTTP. */
export interface Codec {
  readonly contentType: string;
  /** Reads an `ExportMetricsServiceRequest`. Throws `RequestError` where the bytes are none. */
  decodeRequest(body: Uint8Array): Message;
  /** Writes an `ExportMetricsServiceResponse`. */
  encodeResponse(partial: PartialSuccess | undefined): string | Uint8Array;
  /** Writes a `google.rpc.Status`, which is how OTLP reports errors. */
  encodeStatus(code: number, message: string): string | Uint8Array;
}
