/** A body that is not the OTLP message that it should be. The message names the place of what is wrong. */
export class OtlpError extends Error {
  override name = 'OtlpError';
}

/** Messages nested deeper than this are refused, as protobuf's own readers do. */
export const DEEPEST = 100;

/**
 * Returns how many messages a body of that many bytes may hold. A point with an attribute takes some 15 bytes a message; an
 * empty message takes two, and two hundred times as much memory once it is read.
 */
export function mostMessages(bytes: number): number {
  return 10_000 + Math.floor(bytes / 8);
}
