import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { messageOf, type StateChange, type StoredState } from 'wattline/plugin';

interface Updating {
  readonly change: StateChange;
  resolve(): void;
  reject(error: unknown): void;
}

/** Texts by key in a database. Each commit is synced before it returns; updates that arrive together share one. */
export class DatabaseState implements StoredState {
  readonly place: string;
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  #updating: Updating[] = [];
  #scheduled: NodeJS.Immediate | undefined;

  constructor(database: DatabaseSync, place: string) {
    this.place = place;
    this.#database = database;
    this.#select = database.prepare('SELECT value FROM entry WHERE key = ?');
    this.#upsert = database.prepare('INSERT OR REPLACE INTO entry (key, value) VALUES (?, ?)');
    this.#delete = database.prepare('DELETE FROM entry WHERE key = ?');
  }

  get(key: string): string | undefined {
    return this.#select.get(key)?.value as string | undefined;
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
      for (const { resolve } of made) resolve();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const refusal = new Error(`cannot be written to ${this.place}: ${messageOf(error)}`, { cause: error });
      for (const { reject } of updating) reject(refusal);
    }
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
    }
    return true;
  }
}
