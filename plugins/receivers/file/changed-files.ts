import { stat } from 'node:fs/promises';
import { findFiles } from 'wattline/plugin';
import { GrowingFile, stateOf } from './growing-file.ts';

/** A file that there is something to read in. */
export interface FileToRead {
  readonly file: GrowingFile;
  readonly bytes: number;
  /** Whether it has stayed as it is, so that what is cut off in it is taken for that. */
  readonly isLast: boolean;
}

interface Config {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** How often files are looked at, in milliseconds. */
  readonly poll_interval: number;
}

/** What is known of a file that matches. All times are those of a clock that nobody sets. */
interface Followed {
  readonly file: GrowingFile;
  bytes: number;
  /** The state in which it was last seen, and since when. */
  state: string;
  since: number;
  /** Whether it has been in another one before. */
  hasChanged: boolean;
  /** How often it could not be read in a row, and when that is tried again. */
  failures: number;
  retryAt: number;
}

/** The longest pause after failures, in milliseconds, unless files are looked at less often. */
const LONGEST_PAUSE = 60_000;
/** A look that costs more, in milliseconds, is followed by a pause that is longer than `poll_interval`. */
const SHORT_LOOK = 50;
/** Looks take at most a twentieth of the time. */
const PAUSE_PER_LOOK = 19;
/** Files that have changed within this time, in milliseconds, are looked at every time. */
const ACTIVE = 60_000;

/** Knows which of the matching files are new or have changed since they were last read. */
export class ChangedFiles {
  readonly #config: Config;
  readonly #directory: string;
  readonly #followed = new Map<string, Followed>();
  /** The files that are looked at every time; the others have their turns. */
  readonly #active = new Set<string>();
  /** How many files have had their turn. */
  #turn = 0;
  /** When all files are looked for again. */
  #searchAt = 0;
  #pause: number;

  constructor(config: Config, directory: string) {
    this.#config = config;
    this.#directory = directory;
    this.#pause = config.poll_interval;
  }

  /** How many files matched when all were looked for. */
  get matched(): number {
    return this.#followed.size;
  }

  /** How long to wait before the next look, in milliseconds. */
  get pause(): number {
    return this.#pause;
  }

  /** Whether all files that match were read as far as they go. */
  get areAllRead(): boolean {
    for (const { file } of this.#followed.values()) if (file.state === undefined) return false;
    return true;
  }

  /** All files that match, by name, to be read as they are. */
  async all(): Promise<FileToRead[]> {
    const followed = await Promise.all((await this.#find()).map((path) => this.#look(path)));
    return followed.flatMap((one) => (one ? [toRead(one, true)] : []));
  }

  /** The files to read now, by name. */
  async changed(): Promise<FileToRead[]> {
    const cost = stopwatch();
    const isSearch = performance.now() >= this.#searchAt;
    const seen = isSearch ? await this.#search() : await this.#lookAt(this.#active);
    const { poll_interval } = this.#config;
    this.#pause = isSearch ? poll_interval : Math.max(poll_interval, restAfter(cost()));
    return seen.flatMap((one) => this.#dueOf(one)).sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  }

  /** Records that a file was read: one that is whole and has never changed is not expected to do so soon. */
  succeeded({ file }: FileToRead): void {
    const followed = this.#followed.get(file.path);
    if (followed && isDone(followed) && !followed.hasChanged) this.#active.delete(file.path);
  }

  /** Records that a file could not be read. It is left alone for a while, longer after each failure. */
  failed({ file }: FileToRead): void {
    const followed = this.#followed.get(file.path);
    if (!followed) return;
    const { poll_interval } = this.#config;
    const pause = Math.max(poll_interval, Math.min(LONGEST_PAUSE, poll_interval * 2 ** followed.failures));
    followed.failures++;
    followed.retryAt = performance.now() + pause;
  }

  #find(): Promise<string[]> {
    const { include, exclude } = this.#config;
    return findFiles(include, this.#directory, exclude);
  }

  /** Looks for files, at those that are new or active, and at as many of the others as the search took time for. */
  async #search(): Promise<Followed[]> {
    const began = performance.now();
    const cost = stopwatch();
    const paths = await this.#find();
    const known = new Set(paths);
    for (const path of this.#followed.keys()) if (!known.has(path)) this.#forget(path);
    const until = performance.now() + Math.max(SHORT_LOOK / 2, performance.now() - began);
    const seen = new Set(await this.#lookAt(this.#active));
    for (let i = 0; i < paths.length && performance.now() < until; i++) {
      const path = paths[this.#turn++ % paths.length] as string;
      const followed = this.#followed.get(path);
      if (followed && !seen.has(followed)) for (const one of await this.#lookAt([path])) seen.add(one);
    }
    this.#searchAt = performance.now() + restAfter(cost());
    // What is new is looked at once, which costs little beside reading it.
    for (const one of await this.#lookAt(paths.filter((path) => !this.#followed.has(path)))) seen.add(one);
    return [...seen];
  }

  async #lookAt(paths: Iterable<string>): Promise<Followed[]> {
    const seen: Followed[] = [];
    for (const path of [...paths]) {
      const followed = await this.#look(path);
      if (followed) seen.push(followed);
    }
    return seen;
  }

  async #look(path: string): Promise<Followed | undefined> {
    const facts = await stat(path).catch(() => undefined);
    if (!facts?.isFile()) {
      this.#forget(path);
      return undefined;
    }
    const state = stateOf(facts);
    const now = performance.now();
    const { size: bytes } = facts;
    const before = this.#followed.get(path);
    if (!before) {
      const followed = {
        file: new GrowingFile(path),
        bytes,
        state,
        since: now,
        hasChanged: false,
        failures: 0,
        retryAt: 0,
      };
      this.#followed.set(path, followed);
      return followed;
    }
    if (before.state !== state) {
      Object.assign(before, { bytes, state, since: now, hasChanged: true, failures: 0, retryAt: 0 });
      this.#active.add(path);
    } else if (now - before.since > ACTIVE && isDone(before)) this.#active.delete(path);
    return before;
  }

  #forget(path: string): void {
    this.#followed.delete(path);
    this.#active.delete(path);
  }

  #dueOf(followed: Followed): FileToRead[] {
    const now = performance.now();
    if (isDone(followed) || now < followed.retryAt) return [];
    const { file, state, since } = followed;
    this.#active.add(file.path);
    const isLast = now - since >= this.#config.poll_interval;
    return isLast || file.state !== state ? [toRead(followed, isLast)] : [];
  }
}

function isDone({ file, state }: Followed): boolean {
  return file.state === state && file.isWhole;
}

function toRead({ file, bytes }: Followed, isLast: boolean): FileToRead {
  return { file, bytes, isLast };
}

/** The pause after a look of that cost, in milliseconds. */
function restAfter(cost: number): number {
  return cost > SHORT_LOOK ? PAUSE_PER_LOOK * cost : 0;
}

/** Begins to measure what a look costs: milliseconds of CPU time, or those that have passed where these are fewer. */
function stopwatch(): () => number {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(performance.now() - began, (user + system) / 1000);
  };
}
