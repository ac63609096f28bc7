/** Messages nested deeper than this are refused, as protobuf's own readers do. */
export const DEEPEST = 100;

/**
 * Returns how many messages a body of that many bytes may hold. A point with an attribute takes some 15 bytes a message; an
 * empty message takes two, and two hundred times as much memory once it is read.
 */
export function mostMessages(bytes: number): number {
  return 10_000 + Math.floor(bytes / 8);
}
