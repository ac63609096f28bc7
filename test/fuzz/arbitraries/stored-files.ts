/** Two files in one: the length of the first, the size that the second is filled up to with zeros, and both. */
export function joinFiles(first: Uint8Array, second: Uint8Array, size: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(first.length);
  header.writeUInt32BE(size, 4);
  return Buffer.concat([header, first, second]);
}

/** The same again; whatever the bytes are, they are two files of at most `most` bytes each. */
export function splitFiles(bytes: Buffer, most: number): readonly [first: Buffer, second: Buffer] {
  if (bytes.length < 8) return [bytes, Buffer.alloc(0)];
  const first = bytes.subarray(8, 8 + (bytes.readUInt32BE() % (bytes.length + 1)));
  const second = Buffer.alloc(bytes.readUInt32BE(4) % (most + 1));
  bytes.copy(second, 0, 8 + first.length);
  return [first, second];
}
