import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { messageOf, type StoredQueue } from 'wattline/plugin';

/** Milliseconds before the removal of entries is retried. */
const REMOVE_AGAIN = 1000;

interface Adding {
  readonly data: Uint8Array;
  resolve(key: number): void;
  reject(error: unknown): void;
}

/**
 * A queue in a database. Each commit is synced before it returns; requests that arrive meanwhile share the next one, so
 * that many entries cost little more than one.
 */
export class DatabaseQueue implements StoredQueue {
  readonly place: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #select: StatementSync;
  #adding: Adding[] = [];
  #removing: number[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync, place: string) {
    this.place = place;
    this.#database = database;
    this.#insert = database.prepare('INSERT INTO entry (checksum, data) VALUES (?, ?)');
    this.#delete = database.prepare('DELETE FROM entry WHERE key = ?');
    this.#select = database.prepare('SELECT checksum, data FROM entry WHERE key = ?');
  }

  keys(): number[] {
    return this.#database
      .prepare('SELECT key FROM entry ORDER BY key')
      .all()
      .map(({ key }) => Number(key));
  }

  read(key: number): Uint8Array {
    const row = this.#select.get(key);
    const data = row?.data as Uint8Array | undefined;
    if (!data) throw new Error('it is not there');
    if (crc32(data) !== row?.checksum) throw new Error('it is damaged');
    return data;
  }

  add(data: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#adding.push({ data, resolve, reject });
      this.#schedule();
    });
  }

  remove(key: number): void {
    this.#removing.push(key);
    this.#schedule();
  }

  async close(): Promise<void> {
    clearTimeout(this.#again);
    clearImmediate(this.#scheduled);
    if (this.#adding.length + this.#removing.length) this.#commit();
    clearTimeout(this.#again);
    this.#database.close();
  }

  #schedule(): void {
    this.#scheduled ??= setImmediate(() => this.#commit());
  }

  #commit(): void {
    this.#scheduled = undefined;
    const adding = this.#adding.splice(0);
    const removing = this.#removing.splice(0);
    try {
      const keys = this.#write(adding, removing);
      for (const [index, { resolve }] of adding.entries()) resolve(keys[index] as number);
    } catch (error) {
      const refusal = new Error(`cannot be written to ${this.place}: ${messageOf(error)}`, { cause: error });
      for (const { reject } of adding) reject(refusal);
      this.#removeAlone(removing);
    }
  }

  /** Removes sent entries even where the disk is full, since that frees space. */
  #removeAlone(keys: readonly number[]): void {
    try {
      this.#write([], keys);
    } catch {
      this.#removing.push(...keys);
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#schedule(), REMOVE_AGAIN);
    }
  }

  /** Adds and removes entries in one commit. Returns the keys of the new ones. */
  #write(adding: readonly Adding[], removing: readonly number[]): number[] {
    this.#database.exec('BEGIN');
    try {
      for (const key of removing) this.#delete.run(key);
      const keys = adding.map(({ data }) => Number(this.#insert.run(crc32(data), data).lastInsertRowid));
      this.#database.exec('COMMIT');
      return keys;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
