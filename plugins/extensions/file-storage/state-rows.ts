import { isUtf8 } from 'node:buffer';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

/** A table of the rows of a state: texts by key, each with what `checksum` makes of both. */
export const rowsTable = (name: string) =>
  `CREATE TABLE ${name} (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT, WITHOUT ROWID`;

/** Where damaged rows stay; they may be anything. */
const ASIDE = 'CREATE TABLE IF NOT EXISTS damaged (key, value, checksum)';

/** In SQL, the checksum of the row of a key and a value; it is of their bytes, since a text may have some that are none. */
export const checksumOf = (key: string, value: string) => `checksum(CAST(${key} AS BLOB), CAST(${value} AS BLOB))`;

/** The checksum of what is no text in UTF-8, which nobody has written. */
const OF_NO_TEXT = -1;

/** Makes the function `checksum` known to the SQL of a database. */
export function defineChecksum(database: DatabaseSync): void {
  const checksum = (key: unknown, value: unknown) => {
    const isText = key instanceof Uint8Array && value instanceof Uint8Array && isUtf8(key) && isUtf8(value);
    return isText ? crc32(value, crc32(key)) : OF_NO_TEXT;
  };
  database.function('checksum', { deterministic: true }, checksum);
}

/** Gives rows of version 1, which have none, their checksums. */
export function addChecksums(database: DatabaseSync): void {
  replaceRows(database, `SELECT key, value, ${checksumOf('key', 'value')} FROM entry`);
}

/**
 * Puts the rows aside whose checksum is not theirs, and returns their keys. The others are written anew, since one key that
 * has changed breaks the order in which the rest is looked up.
 */
export function setDamagedAside(database: DatabaseSync): string[] {
  const isDamaged = `(checksum IS NOT ${checksumOf('key', 'value')} OR checksum = ${OF_NO_TEXT})`;
  // Nothing is looked up by a key here, so that rows out of order are seen too.
  const damaged = database.prepare(`SELECT key FROM entry NOT INDEXED WHERE ${isDamaged}`).all();
  if (damaged.length === 0) return [];
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(`${ASIDE}; INSERT INTO damaged SELECT key, value, checksum FROM entry WHERE ${isDamaged}`);
    replaceRows(database, `SELECT key, value, checksum FROM entry WHERE NOT ${isDamaged}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
  return damaged.map(({ key }) => String(key));
}

function replaceRows(database: DatabaseSync, rows: string): void {
  database.exec(
    `${rowsTable('sound')}; INSERT OR IGNORE INTO sound ${rows}; DROP TABLE entry; ALTER TABLE sound RENAME TO entry`,
  );
}
