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

/** A line that waits. */
interface Line {
  /** What of it is not written yet. */
  rest: Buffer;
  hasBegun: boolean;
  /** How many dropped lines it tells of. */
  readonly tells: number;
}

/**
 * Writes lines of the log, and neither waits nor throws: lines that a full pipe has no room for wait in memory, and those
 * beyond that, or that a full disk refuses, are dropped. The lines that were dropped are counted, and the log says so once
 * it can.
 */
export class LogOutput {
  /** How many lines were dropped. */
  dropped = 0;
  readonly #write: Write;
  readonly #waiting: Line[] = [];
  #size = 0;
  /** How many of the dropped lines the log has told of. */
  #told = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: Write) {
    this.#write = write;
  }

  write(line: string): void {
    this.flush();
    const rest = Buffer.from(line);
    if (this.#waiting.length > 0 && this.#size + rest.length > MOST_WAITING) this.dropped++;
    else this.#add({ rest, hasBegun: false, tells: 0 });
    this.flush();
  }

  /** Writes what waits, as far as there is room for it. */
  flush(): void {
    while (this.#waiting.length > 0) {
      if (this.#writeFirst()) continue;
      this.#schedule();
      return;
    }
    const tells = this.dropped - this.#told;
    if (tells === 0) return;
    const msg = `lines of the log that could not be written: ${tells}`;
    const notice = `${JSON.stringify({ level: 40, time: new Date().toISOString(), msg })}\n`;
    this.#told += tells;
    this.#add({ rest: Buffer.from(notice), hasBegun: false, tells });
    if (!this.#writeFirst()) this.#schedule();
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

  /** Writes the first line that waits, or drops it where it is refused; returns whether it waits no more. */
  #writeFirst(): boolean {
    const [line] = this.#waiting as [Line];
    const { length } = line.rest;
    try {
      while (line.rest.length > 0) line.rest = line.rest.subarray(this.#write(line.rest));
    } catch (error) {
      line.hasBegun ||= line.rest.length < length;
      this.#size -= length - line.rest.length;
      const isFull = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      // The rest of a line that has begun is not dropped: the next one would go on in its middle.
      if (isFull || line.hasBegun) return false;
      if (line.tells > 0) this.#told -= line.tells;
      else this.dropped++;
      this.#waiting.shift();
      this.#size -= line.rest.length;
      return true;
    }
    this.#waiting.shift();
    this.#size -= length;
    return true;
  }

  #add(line: Line): void {
    this.#waiting.push(line);
    this.#size += line.rest.length;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
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
