import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, type ZlibOptions } from 'node:zlib';

/** Compresses in another thread. */
export const deflate: (text: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(deflateRaw);

/** What is sent within a data centre is compressed for speed. */
export const FASTEST: ZlibOptions = { level: constants.Z_BEST_SPEED };
/** So that it ends at a whole byte and without the last block, and another stream can be put behind. */
const TO_BE_CONTINUED: ZlibOptions = { ...FASTEST, finishFlush: constants.Z_SYNC_FLUSH };

/** A part of the page that does not change, with what is made of it for who wants it compressed. */
export class TextBlock {
  readonly text: Buffer;
  #deflated: Promise<Buffer> | undefined;
  #checksum: { readonly before: number; readonly after: number } | undefined;

  constructor(text: string) {
    this.text = Buffer.from(text);
  }

  /** Its text as a deflate stream that another one is to follow. */
  get deflated(): Promise<Buffer> {
    this.#deflated ??= deflate(this.text, TO_BE_CONTINUED);
    return this.#deflated;
  }

  /** The CRC-32 of all up to its end, by that of all before it. */
  checksum(before: number): number {
    if (this.#checksum?.before !== before) this.#checksum = { before, after: crc32(this.text, before) };
    return this.#checksum.after;
  }
}
