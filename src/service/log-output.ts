import { writeSync } from 'node:fs';

/** How many bytes of lines wait for whoever reads them. */
const MOST_WAITING = 1024 * 1024;
/** Milliseconds between two looks whether the rest can be written. */
const AGAIN = 100;

/** Milliseconds that the end of the process waits for a reader that takes nothing. */
const PATIENCE = 500;
const NAP = 5;

/** What writes bytes to a file or pipe, as `fs.writeSync` does: it returns how many it took, or throws. */
export type Write = (bytes: Uint8Array) => number;

/**
 * Writes lines of the log, and neither waits nor throws: lines that a full pipe has no room for wait in memory, and those
 * beyond that, or that a full disk refuses, are dropped. The lines that were dropped are counted, and the log says so once
 * it can.
 */
export class LogOutput {
  /** How many lines were dropped. */
  dropped = 0;
  readonly #write: Write;
  #waiting: Buffer[] = [];
  #size = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: Write) {
    this.#write = write;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    this.flush();
    if (this.#waiting.length > 0) this.#wait(bytes);
    else if (this.#put(bytes) === 'refused') this.dropped++;
  }

  /** Writes what waits, as far as there is room for it. */
  flush(): void {
    while (this.#waiting.length > 0) {
      const [first] = this.#waiting.splice(0, 1) as [Buffer];
      this.#size -= first.length;
      const became = this.#put(first, true);
      if (became === 'waits') return;
      if (became === 'refused') this.dropped++;
    }
    if (this.dropped === this.#told) return;
    const count = this.dropped - this.#told;
    const msg = `lines of the log that could not be written: ${count}`;
    const told = this.dropped;
    const line = `${JSON.stringify({ level: 40, time: new Date().toISOString(), msg })}\n`;
    if (this.#put(Buffer.from(line)) !== 'refused') this.#told = told;
  }

  /** Writes what waits before the process ends; whoever takes nothing for half a second does not hold it up. */
  end(): void {
    const nap = new Int32Array(new SharedArrayBuffer(4));
    for (let left = PATIENCE; this.#waiting.length > 0 && left > 0; left -= NAP) {
      const before = this.#size;
      this.flush();
      if (this.#size < before) left = PATIENCE;
      else Atomics.wait(nap, 0, 0, NAP);
    }
  }

  /** Writes bytes, or keeps the rest where there is no room now. */
  #put(bytes: Buffer, isFirst = false): 'out' | 'waits' | 'refused' {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(this.#write(rest));
      return 'out';
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      // The rest of a line that has begun is not dropped: the next one would go on in its middle.
      const hasBegun = rest.length < bytes.length;
      if (!isFull && !hasBegun) return 'refused';
      this.#wait(rest, isFirst || hasBegun);
      return 'waits';
    }
  }

  #wait(bytes: Buffer, isFirst = false): void {
    if (!isFirst && this.#size + bytes.length > MOST_WAITING) {
      this.dropped++;
      return;
    }
    if (isFirst) this.#waiting.unshift(bytes);
    else this.#waiting.push(bytes);
    this.#size += bytes.length;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
      if (this.#waiting.length > 0) this.#schedule();
    }, AGAIN).unref();
  }
}

let output: LogOutput | undefined;

/** Returns what writes lines to standard error. */
export function standardError(): LogOutput {
  if (output) return output;
  // Asked for anything, it makes a pipe one that says when it is full.
  void process.stderr.writable;
  const own = new LogOutput((bytes) => writeSync(2, bytes));
  process.on('exit', () => own.end());
  output = own;
  return own;
}

/** Returns how many lines of the log were dropped since nobody took them. */
export function droppedLines(): number {
  return output?.dropped ?? 0;
}
