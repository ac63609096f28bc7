import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { openDatabase } from './database.ts';
import { DatabaseQueue } from './database-queue.ts';

let folder: TemporaryFolder;
const open: DatabaseQueue[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const queue of open.splice(0)) await queue.close().catch(() => {});
  await folder.remove();
});

const data = (text: string) => new TextEncoder().encode(text);
const texts = (queue: DatabaseQueue) => queue.keys().map((key) => new TextDecoder().decode(queue.read(key)));

function openQueue(change: (database: DatabaseSync) => void = () => {}, name = 'a.db'): DatabaseQueue {
  const path = join(folder.path, name);
  const database = openDatabase(path);
  change(database);
  const queue = new DatabaseQueue(database, path);
  open.push(queue);
  return queue;
}

describe('a queue in a database', () => {
  it('holds what was added and not removed, in order, over a restart', async () => {
    const operation = fc.oneof(
      fc.record({ add: fc.uint8Array({ maxLength: 5000 }) }),
      fc.record({ remove: fc.nat(20) }),
      fc.constant('restart' as const),
    );
    let files = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
        const name = `${files++}.db`;
        let queue = openQueue(undefined, name);
        let expected: { key: number; bytes: Uint8Array }[] = [];
        for (const step of operations) {
          if (step === 'restart') {
            await queue.close();
            queue = openQueue(undefined, name);
          } else if ('add' in step) expected.push({ key: await queue.add(step.add), bytes: step.add });
          else {
            const found = expected[step.remove];
            if (found) queue.remove(found.key);
            expected = expected.filter((entry) => entry !== found);
          }
        }
        await queue.close();
        queue = openQueue(undefined, name);
        expect(queue.keys()).toEqual(expected.map(({ key }) => key));
        for (const { key, bytes } of expected) expect(Buffer.from(queue.read(key)).equals(bytes)).toBe(true);
        await queue.close();
      }),
      { numRuns: 30 },
    );
  });

  it('has an entry in its files before it says so, and keeps the order of those added at once', async () => {
    const queue = openQueue();
    await Promise.all(['first', 'second', 'third'].map((text) => queue.add(data(text))));
    expect(readFileSync(join(folder.path, 'a.db-wal'), 'latin1')).toContain('second');
    expect(texts(queue)).toEqual(['first', 'second', 'third']);
  });

  it('takes what comes at once in one commit', async () => {
    const queue = openQueue();
    await queue.add(data('x'.repeat(100)));
    const wal = join(folder.path, 'a.db-wal');
    const before = statSync(wal).size;
    await Promise.all(Array.from({ length: 20 }, () => queue.add(data('x'.repeat(100)))));
    // Each commit writes at least the page of the table and that of the sequence; one commit writes each once.
    expect(statSync(wal).size - before).toBeLessThan(6 * 4200);
  });

  it('carries out what is under way before it closes', async () => {
    const queue = openQueue();
    const first = await queue.add(data('first'));
    const second = queue.add(data('second'));
    queue.remove(first);
    await queue.close();
    await second;
    expect(texts(openQueue())).toEqual(['second']);
  });

  it('notices an entry whose data have changed', async () => {
    const queue = openQueue();
    const key = await queue.add(data('as it was'));
    await queue.close();
    const changed = openQueue((database) => database.prepare('UPDATE entry SET data = ?').run(data('as it is')));
    expect(() => changed.read(key)).toThrow('it is damaged');
    expect(() => changed.read(key + 1)).toThrow('it is not there');
  });
});

describe('a full disk', () => {
  it('refuses for now, and takes more when there is space', async () => {
    const queue = openQueue((database) => database.exec('PRAGMA max_page_count = 30'));
    const keys: number[] = [];
    let refusal: unknown;
    while (!refusal && keys.length < 1000) {
      await queue.add(data('x'.repeat(5000))).then(
        (key) => keys.push(key),
        (error: unknown) => {
          refusal = error;
        },
      );
    }
    expect(refusal).toMatchObject({
      name: 'Error',
      message: `cannot be written to ${join(folder.path, 'a.db')}: database or disk is full`,
    });
    for (const key of keys.slice(0, 3)) queue.remove(key);
    // Too large still: what is removed must leave nonetheless.
    await expect(queue.add(data('x'.repeat(500_000)))).rejects.toThrow('full');
    expect(queue.keys()).toEqual(keys.slice(3));
    await queue.add(data('fits again'));
    expect(texts(queue).at(-1)).toBe('fits again');
  });
});
