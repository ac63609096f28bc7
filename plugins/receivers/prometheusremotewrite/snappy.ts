import { type BlockFormats, tooLarge } from 'wattline/receiving';

/** A copy of 64 bytes, the longest one, takes three. */
const MOST_TIMES = 64 / 3;

/** Returns what decompresses snappy's block format, in which remote write is compressed. */
export async function loadSnappy(): Promise<BlockFormats> {
  const { uncompress } = await import('snappy');
  return {
    async snappy(compressed, limit) {
      // The library makes room for as many bytes as the body says that it has.
      const length = declaredLength(compressed);
      if (length > limit.bytes) throw tooLarge(limit);
      if (length > compressed.length * MOST_TIMES)
        throw new Error('it is no snappy: it says that it is longer than it can be');
      // Without a copy each body would stay until the garbage collector finds it.
      return (await uncompress(compressed, { asBuffer: true, copyOutputData: true })) as Buffer;
    },
  };
}

/** Returns the length that a body states at its beginning, a varint of 32 bits. */
function declaredLength(compressed: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = compressed[index];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new Error('it is no snappy: it does not begin with its length');
}
