import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Sampling } from 'wattline/plugin';
import { type ParsedRun, ResultReader, type ResultsPlace } from 'wattline/results';
import { FileTail, type SealedTail, sameTail } from './file-tail.ts';
import { readChunks } from './read-chunks.ts';

/** How far a file was read. */
interface Progress {
  readonly inode: number;
  /** How many bytes were read, the beginning of a run whose end was not there among them. */
  readonly bytes: number;
  readonly tail: SealedTail;
  readonly place: ResultsPlace;
}

export interface ReadOptions {
  /** How the samples of runs that do not say it themselves are to be read. */
  readonly sampling?: Sampling | undefined;
  /** The time zone of times that are text without an offset. */
  readonly timeZone?: string | undefined;
  /** Whether runs are to have digests. */
  readonly digests: boolean;
  /** Whether nothing more is expected to come, so that what is cut off is reported. */
  readonly isLast: boolean;
  /** Whether it is read as far as it goes, also where it grows meanwhile. */
  readonly toEnd?: boolean;
  readonly signal: AbortSignal;
  /** Is called with a number of bytes once the runs in them are on their way. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/** Milliseconds within which a file may be written to twice without another time of change. */
const TICK = 20;

/** A file that may grow: each reading begins where the one before has ended, unless it is another one by then. */
export class GrowingFile {
  readonly path: string;
  /** The state in which it was last read; undefined where it is to be read again. */
  state: string | undefined;
  /** Whether nothing is left in it that has neither been read nor reported. */
  isWhole = false;
  #progress: Progress | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Reads the runs that are complete. Rejects where the file cannot be read, and is to be read again as it was then. */
  async *read({
    isLast,
    toEnd = false,
    signal,
    onRead,
    ...options
  }: ReadOptions): AsyncGenerator<readonly ParsedRun[]> {
    const file = await open(this.path);
    try {
      const facts = await file.stat();
      const { place, tail } = await this.#goOn(file, facts);
      const reader = new ResultReader(options, place);
      const from = place?.byte ?? 0;
      let bytes = from;
      // A file that always grows does not keep the others waiting.
      const to = toEnd ? Number.POSITIVE_INFINITY : facts.size;
      for await (const chunk of readChunks(file, { from, to, expected: facts.size - from, signal, onRead })) {
        for (let runs = reader.push(chunk); runs.length; runs = reader.goOn()) yield runs;
        if (!toEnd) tail.push(chunk);
        bytes += chunk.length;
      }
      // Nobody goes on where it has been read to its end.
      if (!toEnd) this.#progress = { inode: facts.ino, bytes, tail: tail.seal(), place: reader.place };
      this.isWhole = isLast || reader.isComplete;
      const mayChangeUnseen = !isLast && Math.abs(Date.now() - facts.mtimeMs) < TICK;
      this.state = mayChangeUnseen ? undefined : stateOf(facts);
      const rest = isLast ? reader.end() : [];
      if (rest.length) yield rest;
    } finally {
      await file.close();
    }
  }

  /** Where to go on; the beginning where the file is not the one that was read, or more than its end has changed. */
  async #goOn(file: FileHandle, facts: Stats): Promise<{ readonly place?: ResultsPlace; readonly tail: FileTail }> {
    const before = this.#progress;
    const isSame = before?.inode === facts.ino && (facts.size > before.bytes || this.state === stateOf(facts));
    const bytes = before && isSame ? await sameTail(file, before.bytes, before.tail) : undefined;
    if (!before || !bytes) return { tail: new FileTail() };
    const unread = before.bytes - before.place.byte;
    return { place: before.place, tail: new FileTail(bytes.subarray(0, Math.max(bytes.length - unread, 0))) };
  }
}

/** Returns what differs whenever a file has been written to or replaced. */
export function stateOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}
