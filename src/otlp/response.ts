import type { ExportMetricsServiceResponse } from './generated/metrics.js';

/** What is told to the sender of a request that was taken in part, or taken with a warning. */
export interface PartialSuccess {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

/** A `google.rpc.Status`, which is how OTLP reports errors. */
export interface Status {
  readonly code: number;
  readonly message: string;
}

/** What a response says; undefined where it took everything and says nothing. */
export function partialSuccessOf({
  partial_success: partial,
}: ExportMetricsServiceResponse): PartialSuccess | undefined {
  const rejectedDataPoints = Number(partial?.rejected_data_points ?? 0);
  const errorMessage = partial?.error_message ?? '';
  return rejectedDataPoints === 0 && errorMessage === '' ? undefined : { rejectedDataPoints, errorMessage };
}
