import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { formatSpan } from './span.ts';

/** How often it is drawn, in milliseconds. */
const INTERVAL = 100;
const WIDTH = 24;

/** How much has been read of how much, in bytes. */
interface Progress {
  readonly done: number;
  readonly total: number;
}

/**
 * A line at the bottom of a terminal that says how far reading has come, at which rate and for how much longer. It is there
 * from the first `update` to `finish`; whatever else goes to the terminal meanwhile must go through `above`.
 */
export class ProgressBar {
  readonly #line: ReturnType<typeof createLogUpdate>;
  readonly #parts = new Map<string, Progress>();
  #began = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: WriteStream) {
    this.#line = createLogUpdate(terminal, { showCursor: true });
  }

  /** Notes how far one of the readers has come. */
  update(reader: string, done: number, total: number): void {
    this.#parts.set(reader, { done, total });
    if (this.#timer) return;
    this.#began = performance.now();
    this.#timer = setInterval(() => this.#draw(), INTERVAL).unref();
  }

  /** A stream that leads to the given one, with the line kept below what it writes. */
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

  /** Takes the line away. */
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

/** The line for so many bytes of all within so many seconds. */
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
