import { accessSync, chmodSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { loadSqlite } from 'wattline/plugin';
import { addChecksums, defineChecksum, rowsTable } from './state-rows.ts';

/** The format of a file: its application id and its tables. */
export interface FileKind {
  readonly noun: string;
  /** Four ASCII letters, which SQLite stores in the file. */
  readonly application: number;
  readonly version: number;
  readonly schema: string;
  /** Makes of a file of the version before what this one has. */
  readonly upgrade?: (database: DatabaseSync) => void;
  /** The consequence of starting with an empty file. */
  readonly loss: string;
}

/** `WATQ`: the entries of a queue, as Wattline wrote them up to 0.1.0; they are moved into a folder of segments. */
export const queueFile: FileKind = {
  noun: 'queue',
  application: 0x57415451,
  version: 1,
  schema:
    'CREATE TABLE entry (key INTEGER PRIMARY KEY AUTOINCREMENT, checksum INTEGER NOT NULL, data BLOB NOT NULL) STRICT',
  loss: 'what it holds is then not sent',
};

/** `WATS`: texts by key; version 1 had no checksums. */
export const stateFile: FileKind = {
  noun: 'state',
  application: 0x57415453,
  version: 2,
  schema: rowsTable('entry'),
  upgrade: addChecksums,
  loss: 'what it counts then begins at 0',
};

/** Milliseconds to wait for another process that has the file locked. */
export const LOCK_TIMEOUT = 500;

/**
 * Opens a file exclusively, and creates it where it is absent; only its owner may read it. Every commit is synced. Throws an error that says what is
 * wrong with the file and what to do.
 */
export function openDatabase(path: string, kind: FileKind = queueFile): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    keepPrivate(path);
    database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT });
    prepare(database, kind);
    return database;
  } catch (error) {
    database?.close();
    throw explained(error, path, kind);
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

function prepare(database: DatabaseSync, { application, version, schema, upgrade }: FileKind): void {
  const read = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
  // The lock is released when the process ends, however it ends.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec('BEGIN IMMEDIATE');
  const isNew = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0;
  if (isNew) {
    database.exec(`${schema}; PRAGMA application_id = ${application}; PRAGMA user_version = ${version}`);
  } else if (read('application_id') !== application) throw new UnfitFile('is the database of another program');
  const found = Number(read('user_version'));
  const isFormer = found === version - 1 && upgrade !== undefined;
  if (found !== version && !isFormer) throw new UnfitFile(`was written by another version of Wattline (${found})`);
  // A file whose format is for reading alone says so only where something is written.
  database.exec(`PRAGMA user_version = ${found}; COMMIT`);
  const check = String(read('quick_check(1)'));
  if (check !== 'ok') throw new UnfitFile(`is damaged (${check.split('\n').at(-1)})`);
  defineChecksum(database);
  if (!isFormer) return;
  database.exec('BEGIN IMMEDIATE');
  upgrade(database);
  database.exec(`PRAGMA user_version = ${version}; COMMIT`);
}

const ELSEWHERE = 'set `directory` to one that this user may write to';

/** Returns an error that says what is wrong with a file or folder, and what to do. */
export function explained(error: unknown, path: string, kind: FileKind): Error {
  return new Error(`the ${kind.noun} ${path} ${explain(error, kind)}`, { cause: error });
}

function explain(error: unknown, { noun, loss }: FileKind): string {
  const away = `move the file away to start with an empty one; ${loss}`;
  if (error instanceof UnfitFile) return `${error.message}; ${away}`;
  const { errcode, code, syscall } = error as { errcode?: number; code?: string; syscall?: string };
  if (syscall === 'access')
    return `cannot be written: its folder ${code === 'ENOENT' ? 'is missing' : `is not writable (${code})`}; ${ELSEWHERE}`;
  const remedies: Readonly<Record<number, string>> = {
    5: 'is in use by another process; stop that one, or set another `directory`',
    8: `may not be written by this user; ${ELSEWHERE}`,
    10: 'cannot be read or written; check its disk and the free space',
    11: `is damaged; ${away}`,
    13: 'cannot be created, since its disk is full; free space, or set another `directory`',
    14: `cannot be opened for writing; ${ELSEWHERE}`,
    26: `is damaged, or is not a ${noun} of Wattline; ${away}`,
  };
  if (errcode !== undefined) return remedies[errcode & 0xff] ?? 'cannot be opened';
  if (code === 'ENOSPC' || code === 'EDQUOT') return remedies[13] as string;
  return `cannot be opened; ${ELSEWHERE}`;
}
