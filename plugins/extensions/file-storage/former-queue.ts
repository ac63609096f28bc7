import { existsSync, renameSync, rmSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { StoredQueue } from 'wattline/plugin';
import { openDatabase, queueFile } from './database.ts';

/** The number of entries that are moved at once. */
const STEP = 100;

/**
 * Moves the entries of a database, which a queue was before it was a folder, into that folder, and removes the database. One
 * with damaged entries is put aside under another name, after `onDamaged` has been told how many they are.
 */
export async function moveFormerQueue(
  path: string,
  queue: StoredQueue,
  onDamaged: (entries: number) => void,
): Promise<void> {
  if (!existsSync(path)) return;
  const database = openDatabase(path, queueFile);
  let damaged = 0;
  try {
    const select = database.prepare('SELECT key, checksum, data FROM entry WHERE key > ? ORDER BY key LIMIT ?');
    const remove = database.prepare('DELETE FROM entry WHERE key = ?');
    for (let rows = select.all(0, STEP); rows.length > 0; rows = select.all(rows.at(-1)?.key ?? 0, STEP)) {
      const sound = rows.filter(({ checksum, data }) => crc32(data as Uint8Array) === checksum);
      await Promise.all(sound.map(({ data }) => queue.add(data as Uint8Array)));
      for (const { key } of sound) remove.run(key as number);
      damaged += rows.length - sound.length;
    }
  } finally {
    database.close();
  }
  if (damaged) {
    onDamaged(damaged);
    renameSync(path, `${path}.damaged`);
  } else for (const file of [path, `${path}-wal`]) rmSync(file, { force: true });
}
