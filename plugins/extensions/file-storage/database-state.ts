import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { messageOf, type StateChange, type StoredState } from 'wattline/plugin';
import { explained, stateFile } from './database.ts';
import { checksumOf, setDamagedAside } from './state-rows.ts';

interface Updating {
  readonly change: StateChange;
  resolve(): void;
  reject(error: unknown): void;
}

/** How many characters of texts are kept in memory: whoever updates a text asks for it first. */
const MOST_KEPT = 16 * 1024 * 1024;

/** Texts by key in a database. Each commit is synced before it returns; updates that arrive together share one. */
export class DatabaseState implements StoredState {
  readonly place: string;
  /** The keys of the rows that could not be read any more when it was opened; they are put aside in the file. */
  readonly damaged: readonly string[];
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  /** What the database holds, as far as it was asked for or written lately. */
  readonly #kept = new Map<string, string>();
  #keptSize = 0;
  /** What the commit under way has written so far. */
  readonly #written = new Map<string, string | undefined>();
  #updating: Updating[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  /** Throws, as the opening of a database does, where it cannot be read, and closes it then. */
  constructor(database: DatabaseSync, place: string) {
    this.place = place;
    this.#database = database;
    try {
      this.damaged = setDamagedAside(database);
      this.#select = database.prepare('SELECT value FROM entry WHERE key = ?');
      this.#upsert = database.prepare(
        `INSERT OR REPLACE INTO entry (key, value, checksum) VALUES (?1, ?2, ${checksumOf('?1', '?2')})`,
      );
      this.#delete = database.prepare('DELETE FROM entry WHERE key = ?');
    } catch (error) {
      database.close();
      throw explained(error, place, stateFile);
    }
  }

  get(key: string): string | undefined {
    if (this.#written.has(key)) return this.#written.get(key);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const value = this.#select.get(key)?.value as string | undefined;
    this.#keep(key, value);
    return value;
  }

  entries(prefix: string): (readonly [key: string, value: string])[] {
    return this.#database
      .prepare('SELECT key, value FROM entry WHERE substr(key, 1, length(:prefix)) = :prefix ORDER BY key')
      .all({ prefix })
      .map(({ key, value }) => [String(key), String(value)] as const);
  }

  update(change: StateChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#updating.push({ change, resolve, reject });
      this.#scheduled ??= setImmediate(() => this.#commit());
    });
  }

  async close(): Promise<void> {
    clearImmediate(this.#scheduled);
    this.#commit();
    this.#database.close();
  }

  #commit(): void {
    this.#scheduled = undefined;
    const updating = this.#updating.splice(0);
    if (updating.length === 0) return;
    const made: Updating[] = [];
    try {
      this.#database.exec('BEGIN');
      for (const update of updating) if (this.#make(update)) made.push(update);
      this.#database.exec('COMMIT');
      for (const [key, value] of this.#written) this.#keep(key, value);
      for (const { resolve } of made) resolve();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const refusal = new Error(`cannot be written to ${this.place}: ${messageOf(error)}`, { cause: error });
      for (const { reject } of updating) reject(refusal);
    } finally {
      this.#written.clear();
    }
  }

  #keep(key: string, value: string | undefined): void {
    if (this.#keptSize > MOST_KEPT) {
      this.#kept.clear();
      this.#keptSize = 0;
    }
    const before = this.#kept.get(key);
    if (before !== undefined) this.#keptSize -= key.length + before.length;
    this.#kept.delete(key);
    if (value === undefined) return;
    this.#keptSize += key.length + value.length;
    this.#kept.set(key, value);
  }

  /** Whether the change succeeded; one that throws fails alone, without the others of the commit. */
  #make({ change, reject }: Updating): boolean {
    let entries: (readonly [string, string | undefined])[];
    try {
      entries = [...change((key) => this.get(key))];
    } catch (error) {
      reject(error);
      return false;
    }
    for (const [key, value] of entries) {
      if (value === undefined) this.#delete.run(key);
      else this.#upsert.run(key, value);
      this.#written.set(key, value);
    }
    return true;
  }
}
