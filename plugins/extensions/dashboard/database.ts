import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { loadSqlite } from 'wattline/plugin';

/** `WATT` in ASCII, which identifies a file as a history of Wattline. */
const APPLICATION = 0x57415454;
const IN_MEMORY = ':memory:';
/** Milliseconds to wait for another process that has the file locked. */
const LOCK_TIMEOUT = 500;

/** Each migrates a file from the version of its index to the next one. Released migrations must not change. */
const migrations: readonly string[] = [
  `CREATE TABLE run (
     id TEXT PRIMARY KEY,
     scenario TEXT, region TEXT, encoder TEXT, bitrate TEXT,
     started REAL, ended REAL NOT NULL, duration REAL,
     predicted INTEGER NOT NULL,
     joules REAL, core_seconds REAL,
     total_usd REAL, energy_usd REAL, compute_usd REAL, co2_kg REAL,
     attributes TEXT NOT NULL, figures TEXT NOT NULL
   ) STRICT;
   CREATE INDEX run_by_end ON run (ended, id);
   CREATE INDEX run_by_scenario ON run (scenario);
   CREATE TABLE series (
     run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
     signal TEXT NOT NULL,
     start_s INTEGER NOT NULL, start_ns INTEGER NOT NULL,
     step REAL, offsets BLOB, samples BLOB NOT NULL,
     PRIMARY KEY (run, signal)
   ) STRICT;`,
  `CREATE TABLE counter (
     key TEXT PRIMARY KEY,
     start REAL NOT NULL, at REAL NOT NULL, value REAL NOT NULL, total REAL NOT NULL,
     month REAL NOT NULL, month_base REAL NOT NULL, month_since REAL NOT NULL,
     mark_at REAL NOT NULL, mark_total REAL NOT NULL, next_at REAL NOT NULL, next_total REAL NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE run ADD COLUMN power_kind TEXT;
   UPDATE run SET power_kind = CASE
     WHEN predicted THEN 'predicted'
     WHEN attributes ->> '$."run.power_source"' = 'model' THEN 'modelled'
     WHEN joules IS NOT NULL THEN 'measured'
   END;
   ALTER TABLE run DROP COLUMN predicted;`,
  `ALTER TABLE run ADD COLUMN energy_included INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE run ADD COLUMN assumptions TEXT NOT NULL DEFAULT '[]';`,
];

/**
 * Opens the history at a path, or in memory without one, and migrates it to the present version. Throws an error that says
 * what is wrong with the file.
 */
export function openDatabase(path: string | undefined): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      keepPrivate(path);
    }
    database = new DatabaseSync(path ?? IN_MEMORY, { timeout: LOCK_TIMEOUT, enableForeignKeyConstraints: true });
    prepare(database, path !== undefined);
    return database;
  } catch (error) {
    database?.close();
    throw new Error(`the history ${path ?? 'in memory'} ${explain(error)}`, { cause: error });
  }
}

/** Makes the file of a database one that nobody but its owner may read; those that SQLite adds to it have the same mode. */
function keepPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
    for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) chmodSync(file, 0o600);
  } catch {
    // Where it cannot be opened, SQLite says why.
  }
}

/** Says that the content of the file is unsuitable. */
class UnfitFile extends Error {}

function prepare(database: DatabaseSync, isFile: boolean): void {
  const read = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
  // Only one process may write, and readers would have to wait for it: a second process gets an error at once.
  if (isFile) database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec('BEGIN IMMEDIATE');
  const isNew = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0;
  if (!isNew && read('application_id') !== APPLICATION) throw new UnfitFile('is the database of another program');
  const version = Number(read('user_version'));
  if (version > migrations.length) throw new UnfitFile(`was written by a later version of Wattline (${version})`);
  for (const migration of migrations.slice(version)) database.exec(migration);
  database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  const check = read('quick_check(1)');
  if (check !== 'ok') throw new UnfitFile(`is damaged (${check})`);
}

const REMEDIES: Readonly<Record<number, string>> = {
  5: 'is in use by another process; stop that one, or set another `history.path`',
  8: 'may not be written by this user; set another `history.path`',
  11: 'is damaged; move the file away, and a new one is created',
  14: 'cannot be opened for writing; set `history.path` to a file in a folder that this user may write to',
  26: 'is not an SQLite database; move the file away, or set another `history.path`',
};

function explain(error: unknown): string {
  if (error instanceof UnfitFile) return `${error.message}; move the file away, or set another \`history.path\``;
  const { code, errcode, syscall } = error as { code?: string; errcode?: number; syscall?: string };
  if (syscall === 'mkdir')
    return `cannot be created: its folder cannot be created (${code}); set another \`history.path\``;
  return (errcode !== undefined && REMEDIES[errcode & 0xff]) || 'cannot be opened';
}
