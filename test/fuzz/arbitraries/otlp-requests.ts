import fc from 'fast-check';
import { randomRequest } from '../../kit/random-request.ts';

/** Requests in protobuf as senders write them, and odd ones. */
export const requests = fc.tuple(fc.integer(), fc.constantFrom(0, 0, 0.01, 0.05)).map(([seed, oddity]) => {
  return randomRequest(seed, oddity);
});

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];

/** A builder of messages in protobuf of any fields, repeated or nested often; no more than `most` bytes of one part. */
export function hostileProtobuf(most: number): fc.Arbitrary<Buffer> {
  const counts = countsUpTo(most);
  const repeated = (bytes: Buffer, count: number) =>
    Buffer.alloc(bytes.length * Math.min(count, Math.floor(most / Math.max(1, bytes.length))), bytes);
  return fc.letrec<{ message: Buffer }>((tie) => ({
    message: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constant(Buffer.alloc(0)),
      fc
        .constantFrom([0x0a, 0], [0x12, 0], [0x40, 0], [0x0b], [0x0c], [0x19, 0, 0, 0, 0, 0, 0, 0, 1])
        .map((b) => Buffer.from(b)),
      fc.tuple(fc.integer({ min: 1, max: 12 }), tie('message')).map(([id, content]) => {
        return Buffer.concat([Buffer.from([(id << 3) | 2, ...varint(content.length)]), content]);
      }),
      fc.tuple(tie('message'), counts).map(([message, count]) => repeated(message, count)),
      fc.array(tie('message'), { maxLength: 4 }).map((messages) => Buffer.concat(messages)),
    ),
  })).message;
}

/** How often something is repeated: rarely so often that it takes `most` bytes. */
export function countsUpTo(most: number): fc.Arbitrary<number> {
  return fc.constantFrom(0, 1, 3, 99, 101, ...[5000, 200_000].filter((count) => count <= most / 5));
}
