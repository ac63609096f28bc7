import { truncateSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { loadSqlite } from 'wattline/plugin';
import { LOCK_TIMEOUT } from './database.ts';

const NOT_A_DATABASE = 26;

/**
 * Locks a file until the result is called or the process ends, however it ends; it makes the file where there is none, and
 * writes nothing to it. Throws where another process has it.
 */
export function lockFile(path: string): () => void {
  const { DatabaseSync } = loadSqlite();
  const lock = () => {
    const database = new DatabaseSync(path, { timeout: LOCK_TIMEOUT });
    try {
      // Node.js has no locks of files that end with the process; SQLite takes one on a database, also an empty one. Its
      // journal is in memory, so that a full disk does not stand in the way.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return () => close(database);
    } catch (error) {
      database.close();
      throw error;
    }
  };
  try {
    return lock();
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== NOT_A_DATABASE) throw error;
    // It holds nothing, so that what somebody has written there is of no use.
    truncateSync(path);
    return lock();
  }
}

function close(database: DatabaseSync): void {
  if (database.isOpen) database.close();
}
