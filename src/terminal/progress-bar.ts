import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { formatSpan } from './span.ts';

/** Milliseconds between two updates of the line. */
const INTERVAL = 100;
const WIDTH = 24;

/** Bytes read so far, and in total. */
interface Progress {
  readonly done: number;
  readonly total: number;
}

/**
 * Shows the progress, rate and remaining time of reading in the last line of a terminal, from the first `update` to
 * `finish`. Any other output to the terminal must go through `above` meanwhile.
 */
export class ProgressBar {
  readonly #line: ReturnType<typeof createLogUpdate>;
  readonly #parts = new Map<string, Progress>();
  #began = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: WriteStream) {
    this.#line = createLogUpdate(terminal, { showCursor: true });
  }

  /** Records the progress of one reader, in bytes. */
  update(reader: string, done: number, total: number): void {
    this.#parts.set(reader, { done, total });
    if (this.#timer) return;
    this.#began = performance.now();
    this.#timer = setInterval(() => this.#draw(), INTERVAL).unref();
  }

  /** Returns a stream that writes to the given one and keeps the line below. */
  above(stream: NodeJS.WritableStream): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk, _, done) => {
        this.#line.clear();
        stream.write(chunk);
        if (this.#timer) this.#draw();
        done();
      },
    });
  }

  /** Removes the line. */
  finish(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#line.clear();
  }

  #draw(): void {
    const all = [...this.#parts.values()];
    const sum = (part: keyof Progress) => all.reduce((before, { [part]: bytes }) => before + bytes, 0);
    this.#line(formatProgress(sum('done'), sum('total'), (performance.now() - this.#began) / 1000));
  }
}

/** Returns the line for a number of bytes read, of all, within a number of seconds. */
export function formatProgress(done: number, total: number, seconds: number): string {
  const part = total > 0 ? Math.min(1, done / total) : 1;
  const filled = Math.floor(part * WIDTH);
  const rate = seconds > 0 ? done / seconds : 0;
  const left = rate > 0 ? formatSpan(Math.max(1, (total - done) / rate)) : undefined;
  return [
    `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${Math.floor(part * 100)} %`,
    `${megabytes(done)} of ${megabytes(total)} MB`,
    `${megabytes(rate)} MB/s`,
    part === 1 ? 'delivering the last runs' : left === undefined ? undefined : `${left} left`,
  ]
    .filter((text) => text !== undefined)
    .join('  ');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
