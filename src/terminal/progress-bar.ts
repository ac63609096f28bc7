import { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import { formatSpan } from './span.ts';

/** Milliseconds between two updates of the line. */
const INTERVAL = 100;
const WIDTH = 24;

/**
 * Shows the progress, rate and remaining time of reading in the last line of a terminal, from the first `update` to
 * `finish`. Any other output to the terminal must go through `above` meanwhile.
 */
export function progressBar(terminal: WriteStream) {
  const line = createLogUpdate(terminal, { showCursor: true });
  const readers = new Map<string, { readonly done: number; readonly total: number }>();
  let began = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    const sum = (part: 'done' | 'total') => [...readers.values()].reduce((bytes, reader) => bytes + reader[part], 0);
    line(formatProgress(sum('done'), sum('total'), (performance.now() - began) / 1000));
  };
  return {
    /** Records the progress of one reader, in bytes. */
    update(reader: string, done: number, total: number): void {
      readers.set(reader, { done, total });
      if (timer) return;
      began = performance.now();
      timer = setInterval(draw, INTERVAL).unref();
    },
    /** Returns a stream that writes to the given one and keeps the line below. */
    above(stream: NodeJS.WritableStream): Writable {
      return new Writable({
        decodeStrings: false,
        write(chunk, _, done) {
          line.clear();
          stream.write(chunk);
          if (timer) draw();
          done();
        },
      });
    },
    /** Removes the line. */
    finish(): void {
      clearInterval(timer);
      timer = undefined;
      line.clear();
    },
  };
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
