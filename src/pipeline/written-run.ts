import type { Run } from '../plugin/index.ts';
import type { Sizer } from '../plugin/push-settings.ts';
import type { RunCodec } from './run-codec.ts';
import { sizeOf } from './run-size.ts';

/** A run and what is to be written of it, which is made once. */
export class WrittenRun {
  readonly run: Run;
  readonly size: number;
  readonly #codec: RunCodec;
  #data: Uint8Array | undefined;

  constructor(codec: RunCodec, run: Run, sizer: Sizer) {
    this.run = run;
    this.#codec = codec;
    this.size = sizeOf(run, sizer, () => this.#bytes());
  }

  /** Throws where the run cannot be written. */
  data(): Uint8Array {
    this.#data ??= this.#codec.encode(this.run);
    return this.#data;
  }

  #bytes(): number {
    try {
      return this.data().length;
    } catch {
      // It is refused when it is taken.
      return 0;
    }
  }
}
