import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, type StoredQueue } from 'wattline/plugin';
import { explained, queueFile } from './database.ts';
import { lockFile } from './folder-lock.ts';
import { Segment, segmentOf } from './segment.ts';

/** The number of entries that share a sync at most. */
const MOST_AT_ONCE = 1000;
/** Milliseconds before it is tried again to write down what has left, or to remove a segment. */
const LEAVE_AGAIN = 1000;

interface Adding {
  readonly data: Uint8Array;
  resolve(key: number): void;
  reject(error: unknown): void;
}

/** Entries of a file that were acknowledged and cannot be read. */
export interface Loss {
  readonly path: string;
  readonly entries: number;
  /** Whether they may be more, since all that says how many there were is gone. */
  readonly isCut: boolean;
}

/** What a queue tells. */
export interface SegmentQueueOptions {
  /** Called where its folder has vanished while it was in use, and has been made anew. */
  onVanished?(message: string): void;
}

/**
 * A queue in a folder of segments. Entries are synced before their keys are told; those that come meanwhile share the next
 * sync. A segment that nothing waits in is removed, which needs no space.
 */
export class SegmentQueue implements StoredQueue {
  readonly place: string;
  readonly #options: SegmentQueueOptions;
  readonly #segments: Segment[] = [];
  /** The segment that takes entries; only the last one does. */
  #current: Segment | undefined;
  #next = 1;
  #unlock: () => void;
  #adding: Adding[] = [];
  readonly #leaving = new Set<number>();
  /** The segments that nothing waits in and that cannot be removed now, as on a disk that has become read-only. */
  readonly #lingering = new Set<Segment>();
  #working: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;

  /** Opens a folder exclusively, and makes it where it is absent. Throws what is wrong with it and what to do. */
  constructor(place: string, options: SegmentQueueOptions = {}) {
    this.place = place;
    this.#options = options;
    this.#unlock = openFolder(place);
    try {
      const firsts = readdirSync(place).flatMap((file) => segmentOf(file) ?? []);
      for (const first of [...new Set(firsts)].sort((a, b) => a - b)) this.#segments.push(Segment.open(place, first));
      this.#next = this.#segments.at(-1)?.next ?? 1;
    } catch (error) {
      this.#unlock();
      throw explained(error, place, queueFile);
    }
  }

  /** How many entries of each file were acknowledged and cannot be read, as it was opened. */
  get lost(): readonly Loss[] {
    return this.#segments.flatMap(({ path, lost, isCut }) =>
      lost.length ? [{ path, entries: lost.length, isCut }] : [],
    );
  }

  /** Puts aside what is `lost`, so that it is told once, and removes what nothing waits in. */
  setLostAside(): void {
    for (const segment of [...this.#segments]) {
      segment.setLostAside();
      this.#removeIfDone(segment);
    }
  }

  keys(): number[] {
    return this.#segments.flatMap(({ waiting }) => [...waiting.keys()]);
  }

  bytesOf(key: number): number {
    return this.#segmentWith(key)?.waiting.get(key)?.length ?? 0;
  }

  read(key: number): Uint8Array {
    const segment = this.#segmentWith(key);
    if (!segment) throw new Error('it is not there');
    return segment.read(key);
  }

  add(data: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#adding.push({ data, resolve, reject });
      this.#work();
    });
  }

  remove(key: number): void {
    this.#leaving.add(key);
    this.#work();
  }

  setAside(key: number): void {
    this.#segmentWith(key)?.lose(key);
  }

  async close(): Promise<void> {
    while (this.#working) await this.#working;
    clearTimeout(this.#again);
    for (const segment of this.#segments) segment.close();
    this.#unlock();
  }

  /** Does what there is to do, one thing after the other. */
  #work(): void {
    this.#working ??= this.#workAll().finally(() => {
      this.#working = undefined;
    });
  }

  async #workAll(): Promise<void> {
    clearTimeout(this.#again);
    let stuck: number;
    do {
      // What comes at once shares a sync.
      await new Promise(setImmediate);
      const marked = [...this.#leaveAll()];
      stuck = this.#leaving.size;
      await Promise.all([this.#addAll(), ...marked.map((segment) => segment.sync().catch(() => {}))]);
      for (const segment of [...this.#lingering, ...marked]) this.#removeIfDone(segment);
    } while (this.#adding.length || this.#leaving.size > stuck);
    if (stuck || this.#lingering.size) this.#again = setTimeout(() => this.#work(), LEAVE_AGAIN);
  }

  /** Marks what is to leave, and returns the segments with new marks. What cannot be marked now waits for the next time. */
  #leaveAll(): Set<Segment> {
    const marked = new Set<Segment>();
    for (const key of this.#leaving) {
      const segment = this.#segmentWith(key);
      try {
        segment?.leave(key);
      } catch {
        continue;
      }
      this.#leaving.delete(key);
      if (segment) marked.add(segment);
    }
    return marked;
  }

  async #addAll(): Promise<void> {
    const adding = this.#adding.splice(0, MOST_AT_ONCE);
    if (adding.length === 0) return;
    try {
      const keys = await this.#append(adding.map(({ data }) => data));
      this.#next += keys.length;
      for (const [index, { resolve }] of adding.entries()) resolve(keys[index] as number);
    } catch (error) {
      const refusal = new Error(`cannot be written to ${this.place}: ${messageOf(error)}`, { cause: error });
      for (const { reject } of adding) reject(refusal);
    }
  }

  async #append(data: readonly Uint8Array[]): Promise<number[]> {
    try {
      return await (await this.#segmentFor(data.length)).append(data);
    } catch (error) {
      const hasVanished = this.#current ? !this.#current.isThere : !existsSync(this.place);
      if (hasVanished) this.#makeAnew();
      else if (!this.#current || this.#current.waiting.size > 0) throw error;
      // What has left the last segment may be all that fills the disk.
      const done = this.#current;
      this.#current = undefined;
      if (done) this.#removeIfDone(done);
      return (await this.#segmentFor(data.length)).append(data);
    }
  }

  async #segmentFor(entries: number): Promise<Segment> {
    if (this.#current && this.#current.room >= entries) return this.#current;
    const before = this.#current;
    this.#current = undefined;
    if (before) this.#removeIfDone(before);
    const segment = await Segment.create(this.place, this.#next);
    this.#segments.push(segment);
    this.#current = segment;
    return segment;
  }

  /** Makes a folder that somebody has removed; what waited there is lost where memory does not hold it. */
  #makeAnew(): void {
    const gone = this.#segments.filter(({ path }) => !existsSync(path));
    const entries = gone.reduce((sum, { waiting }) => sum + waiting.size, 0);
    this.#current = undefined;
    this.#unlock();
    this.#unlock = openFolder(this.place);
    this.#options.onVanished?.(
      `${this.place} has been removed while it was in use, with ${entries} entries that waited`,
    );
  }

  #removeIfDone(segment: Segment): void {
    if (segment === this.#current || segment.waiting.size > 0) return;
    const at = this.#segments.indexOf(segment);
    if (at < 0) return;
    try {
      segment.remove();
    } catch {
      this.#lingering.add(segment);
      return;
    }
    this.#lingering.delete(segment);
    this.#segments.splice(at, 1);
  }

  #segmentWith(key: number): Segment | undefined {
    return this.#segments.findLast(({ first }) => first <= key);
  }
}

function openFolder(place: string): () => void {
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    return lockFile(join(place, 'lock'));
  } catch (error) {
    throw explained(error, place, queueFile);
  }
}
