import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { readIfThere, sync, syncData, syncFolder, writeAll } from './file-writing.ts';
import { dataOf, type Found, HEADER_BYTES, recordOf, recordsIn } from './records.ts';

/** The number of entries that a segment holds at most. */
const SLOTS = 4096;
/** The bytes after which a segment takes no more. */
const FULL = 4 * 1024 * 1024;

/** What became of an entry, in four letters on disk. Whatever else stands there says nothing. */
const WAITING = 'WAIT';
const GONE = 'GONE';
const LOST = 'LOST';
const MARK = 4;
const KNOWN: readonly string[] = [WAITING, GONE, LOST];

const RECORDS = '.records';
const MARKS = '.marks';
const NEW = '.new';

/** Returns the key of the first entry of the segment that a file belongs to; undefined for other files. */
export function segmentOf(file: string): number | undefined {
  const [, digits] = /^(\d{16})\.(records|marks)$/.exec(file) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * A part of a queue, in two files: its records one after the other, and a mark for each. The marks have their space from
 * the beginning, so that an entry can leave also where the disk is full.
 */
export class Segment {
  readonly first: number;
  /** The path of its records. */
  readonly path: string;
  /** The keys of the entries that wait, and where their data are. */
  readonly waiting = new Map<number, Found>();
  /** The keys of the entries that were acknowledged and could not be read when it was opened. */
  readonly lost: number[] = [];
  readonly #marksPath: string;
  /** Whether entries were lost, so that what is left of them is kept. */
  #isDamaged = false;
  #isCut = false;
  #count = 0;
  #end = 0;
  #records: number | undefined;
  #marks: number | undefined;

  private constructor(folder: string, first: number) {
    const name = join(folder, String(first).padStart(16, '0'));
    this.first = first;
    this.path = name + RECORDS;
    this.#marksPath = name + MARKS;
  }

  /** Makes the files of a new segment with space for all marks, and syncs them. Rejects where the disk has none. */
  static async create(folder: string, first: number): Promise<Segment> {
    const segment = new Segment(folder, first);
    try {
      const unnamed = segment.#marksPath + NEW;
      segment.#marks = openSync(unnamed, 'w+', 0o600);
      await writeAll(segment.#marks, Buffer.alloc(SLOTS * MARK), 0);
      await sync(segment.#marks);
      // So that marks that are cut short are known to have been longer.
      renameSync(unnamed, segment.#marksPath);
      segment.#records = openSync(segment.path, 'wx+', 0o600);
      await syncFolder(folder);
      return segment;
    } catch (error) {
      segment.remove();
      throw error;
    }
  }

  /** Reads a segment from before, which takes no more entries. */
  static open(folder: string, first: number): Segment {
    const segment = new Segment(folder, first);
    const records = new Map(recordsIn(readIfThere(segment.path)).map((found) => [found.index, found]));
    const bytes = readIfThere(segment.#marksPath);
    const marks = bytes.toString('latin1').padEnd(SLOTS * MARK, '\0');
    const markOf = (index: number) => marks.slice(index * MARK, (index + 1) * MARK);
    let count = SLOTS;
    while (count > 0 && !KNOWN.includes(markOf(count - 1)) && !records.has(count - 1)) count--;
    segment.#end = FULL;
    segment.#isCut = count === 0 && bytes.length < SLOTS * MARK;
    // One stands for all that nothing tells of any more.
    segment.#count = segment.#isCut ? 1 : count;
    for (let index = 0; index < segment.#count; index++) {
      const mark = markOf(index);
      const found = records.get(index);
      if (mark === LOST) segment.#isDamaged = true;
      else if (mark === GONE) continue;
      else if (found) segment.waiting.set(first + index, found);
      else segment.lost.push(first + index);
    }
    return segment;
  }

  /** Whether more than those may be lost, since nothing in its files says how many entries there were. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The key of the entry after its last one. */
  get next(): number {
    return this.first + this.#count;
  }

  /** How many more entries it takes. */
  get room(): number {
    return this.#end < FULL ? SLOTS - this.#count : 0;
  }

  /** Adds at most `room` entries, and resolves with their keys once they are synced. Where it rejects, none is there. */
  async append(data: readonly Uint8Array[]): Promise<number[]> {
    const file = this.#recordsFile();
    const records = data.map((one, index) => recordOf(this.#count + index, one));
    try {
      await writeAll(file, Buffer.concat(records), this.#end);
      await syncData(file);
      if (!this.isThere) throw new Error(`${this.path} has been removed`);
      // Marked once it is synced, so that no mark speaks of what a crash has kept from the disk.
      this.#mark(this.#count, WAITING.repeat(records.length));
    } catch (error) {
      // What was not acknowledged must not be found at the next start, since its sender sends it again.
      ftruncateSync(file, this.#end);
      throw error;
    }
    return records.map((record) => {
      const key = this.next;
      const [index, offset, length] = [this.#count++, this.#end + HEADER_BYTES, record.length - HEADER_BYTES];
      this.waiting.set(key, { index, offset, length });
      this.#end += record.length;
      return key;
    });
  }

  /** Whether its records are at their path still. */
  get isThere(): boolean {
    const there = statSync(this.path, { throwIfNoEntry: false });
    const own = fstatSync(this.#recordsFile());
    return there?.ino === own.ino && there.dev === own.dev;
  }

  /** Returns the data of an entry. Throws where they are damaged. */
  read(key: number): Uint8Array {
    const found = this.waiting.get(key);
    if (!found) throw new Error('it is not there');
    const record = Buffer.allocUnsafe(HEADER_BYTES + found.length);
    const read = readSync(this.#recordsFile(), record, 0, record.length, found.offset - HEADER_BYTES);
    if (read < record.length) throw new Error('it is cut short');
    return dataOf(record);
  }

  /** Says for good that an entry need not be sent any more. */
  leave(key: number): void {
    this.#settle(key, GONE);
  }

  /** Says that an entry cannot be used, and keeps what is left of it. */
  lose(key: number): void {
    this.#settle(key, LOST);
    this.#isDamaged = true;
  }

  /** Writes down what is `lost`, so that it is told once. */
  setLostAside(): void {
    if (this.lost.length === 0) return;
    const waits = (index: number) => this.waiting.has(this.first + index);
    const marks: string[] = Array.from({ length: this.#count }, (_, index) => (waits(index) ? WAITING : GONE));
    for (const key of this.lost) marks[key - this.first] = LOST;
    writeFileSync(this.#marksPath, marks.join('').padEnd(SLOTS * MARK, '\0'), { mode: 0o600, flush: true });
    this.#isDamaged = true;
  }

  /** Makes sure that what has left stays away after a crash too. */
  async sync(): Promise<void> {
    if (this.#marks !== undefined) await syncData(this.#marks);
  }

  /** Removes the files, and keeps the records of a damaged one under another name. */
  remove(): void {
    this.close();
    if (this.#isDamaged && existsSync(this.path))
      renameSync(this.path, this.path.replace(RECORDS, `-${Date.now()}.damaged`));
    // The records first: without their marks they would count as waiting.
    rmSync(this.path, { force: true });
    for (const path of [this.#marksPath, this.#marksPath + NEW]) rmSync(path, { force: true });
  }

  close(): void {
    for (const file of [this.#records, this.#marks]) if (file !== undefined) closeSync(file);
    this.#records = undefined;
    this.#marks = undefined;
  }

  #settle(key: number, mark: string): void {
    const found = this.waiting.get(key);
    if (!found) return;
    try {
      this.#mark(found.index, mark);
    } catch (error) {
      // Files that somebody has removed need no mark.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    this.waiting.delete(key);
  }

  #mark(index: number, marks: string): void {
    this.#marks ??= openSync(this.#marksPath, 'r+');
    writeSync(this.#marks, marks, index * MARK);
  }

  #recordsFile(): number {
    this.#records ??= openSync(this.path, 'r');
    return this.#records;
  }
}
