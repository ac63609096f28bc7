/** Keeps data beyond the end of the process. */
export interface Storage extends States {
  /**
   * Opens the queue of that name, and makes it where there is none; only one may have it open. Rejects with what is
   * wrong with it and what to do where that is not possible.
   */
  openQueue(name: string): Promise<StoredQueue>;
  /** The dead letters of that name, which several processes may have at once; undefined where the storage keeps none. */
  deadLetters?(name: string): DeadLetters;
}

/** Data that a server has rejected, or that were given up, until somebody sends them again. */
export interface DeadLetters {
  /** Where they are, for people. */
  readonly place: string;
  /** Keeps data. Resolves when they are safe; rejects where there is no room for them. */
  add(data: Uint8Array): Promise<void>;
  /** The names of those that are there, oldest first. */
  names(): Promise<string[]>;
  read(name: string): Promise<Uint8Array>;
  remove(name: string): Promise<void>;
}

/** Entries in the order in which they were added, on a disk or what stands for one. */
export interface StoredQueue {
  /** Where it is, for people. */
  readonly place: string;
  /** The keys of the entries that are there, oldest first. */
  keys(): number[];
  /** How many bytes the data of an entry have; 0 where it is not there. */
  bytesOf(key: number): number;
  /** The data of an entry. Throws where they are damaged. */
  read(key: number): Uint8Array;
  /** Resolves with the key of the new entry when it is safe. A rejection may be tried again, as after a full disk. */
  add(data: Uint8Array): Promise<number>;
  /** Removes an entry soon, also where the disk is full; after a crash it may be there still. */
  remove(key: number): void;
  /** Takes out an entry that cannot be used, and keeps what is left of it for people. */
  setAside(key: number): void;
  /** Carries out everything that is under way. */
  close(): Promise<void>;
}

/** Where stages keep what they must know again. */
export interface States {
  /**
   * Opens the state of that name, and makes it where there is none. Stages that open it under different roles share it;
   * rejects where the role is taken, and with what is wrong and what to do where it cannot be opened.
   */
  openState(name: string, role: string): Promise<StoredState>;
}

/** Texts by key that change together, on a disk or in memory. */
export interface StoredState {
  /** Where it is, for people. */
  readonly place: string;
  /** The text of a key, as of the last update that has resolved; undefined where there is none. */
  get(key: string): string | undefined;
  /** All entries whose key begins so, in the order of their keys. */
  entries(prefix: string): (readonly [key: string, value: string])[];
  /**
   * Makes a change, all of it or nothing, and resolves when it is safe. Changes are made one after the other, each
   * seeing those before it. A rejection may be tried again, as after a full disk.
   */
  update(change: StateChange): Promise<void>;
  /** Carries out everything that is under way, and gives the role back. */
  close(): Promise<void>;
}

/** What to write, given what is there; undefined removes a key. */
export type StateChange = (
  get: (key: string) => string | undefined,
) => Iterable<readonly [key: string, value: string | undefined]>;

/** `node:sqlite`. Some versions of Node.js announce that it is new, which is no news for who runs Wattline. */
export function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    // Loads at once, so that no other warning can get lost.
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
