import fc from 'fast-check';
import { compressSync } from 'snappy';
import { loadSnappy } from '../../../plugins/receivers/prometheusremotewrite/snappy.ts';
import { RequestError } from '../../../src/receiving/index.ts';
import { hold, type Target } from '../target.ts';

const LIMIT = { bytes: 1024 * 1024, setting: 'max' };
const { snappy } = (await loadSnappy()) as Record<string, (bytes: Buffer, limit: typeof LIMIT) => Promise<Buffer>>;

/** Bodies in snappy's block format. */
const target: Target<Buffer> = {
  name: 'snappy',
  generated: fc
    .oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat({ max: 5000 }).map((length) => new Uint8Array(length)),
    )
    .map((bytes) => new Uint8Array(compressSync(bytes))),
  words: [Buffer.of(0xff, 0xff, 0x3f), Buffer.of(0xfe, 1, 0), Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f)],
  read: async (bytes) => (await snappy?.(bytes, LIMIT)) ?? Buffer.alloc(0),
  isRefusal: (error) => error instanceof RequestError || /snappy/.test(String((error as Error).message)),
  check(body, bytes) {
    hold(
      body.length <= LIMIT.bytes && body.length <= (64 / 3) * bytes.length,
      () => `${bytes.length} bytes have become ${body.length}`,
    );
    return 0;
  },
  most: { steps: 2000, memory: 100, made: 5 },
};

export default target;
