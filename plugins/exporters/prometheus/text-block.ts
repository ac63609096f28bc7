import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, type ZlibOptions } from 'node:zlib';

/** Compresses in another thread. */
export const deflate: (text: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(deflateRaw);

/** Compression for speed, as suits a page that is sent within a data centre. */
export const FASTEST: ZlibOptions = { level: constants.Z_BEST_SPEED };
/** Ends at a whole byte and without a last block, so that another stream can follow. */
const TO_BE_CONTINUED: ZlibOptions = { ...FASTEST, finishFlush: constants.Z_SYNC_FLUSH };

/** A part of the page that does not change, with its compressed form. */
export class TextBlock {
  readonly text: Buffer;
  #deflated: Promise<Buffer> | undefined;
  #checksum: { readonly before: number; readonly after: number } | undefined;

  constructor(text: string) {
    this.text = Buffer.from(text);
  }

  /** The text as a deflate stream that another one must follow. */
  get deflated(): Promise<Buffer> {
    this.#deflated ??= deflate(this.text, TO_BE_CONTINUED);
    return this.#deflated;
  }

  /** Returns the CRC-32 of the page up to the end of this block, given that of the part before it. */
  checksum(before: number): number {
    if (this.#checksum?.before !== before) this.#checksum = { before, after: crc32(this.text, before) };
    return this.#checksum.after;
  }
}
