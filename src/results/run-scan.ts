import type { ResultParts, ResultSink } from './parts.ts';

/** Takes whole runs by a sink that can scan them, and says where it is worth waiting for the next bytes. */
export class RunScan {
  readonly #sink: ResultSink;
  readonly #parts: ResultParts;
  /** How many bytes came last. */
  pushed = 0;
  /** Whether the value that is being read was scanned up to where the bytes end, so that it is worth another try once there are more. */
  isCut = false;
  /** Whether its next bytes are waited for, and whether that has been done. */
  waits = false;
  #waited = false;
  /** The bytes of the last run that was scanned. */
  #length = 0;

  constructor(sink: ResultSink, parts: ResultParts) {
    this.#sink = sink;
    this.#parts = parts;
  }

  /**
   * Returns where the run ends that begins at `from`, or a negative number where that cannot be scanned. One that the bytes
   * end in, before `end`, waits where the next ones probably hold its end.
   */
  take(bytes: Buffer, from: number, end: number): number {
    const found = this.at(bytes, from);
    this.isCut = ~found === end && !this.#waited;
    this.waits = this.isCut && this.#length > 0 && this.#length < this.pushed;
    this.#waited = this.waits;
    if (found >= 0) this.#length = found - from;
    return found;
  }

  /** The same without looking at whether to wait. */
  at(bytes: Buffer, from: number): number {
    const found = this.#sink.scan?.(bytes, from) ?? ~from;
    if (found >= 0) this.#parts.scanned();
    return found;
  }
}
