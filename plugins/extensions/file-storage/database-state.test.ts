import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { openDatabase, queueFile, stateFile } from './database.ts';
import { DatabaseState } from './database-state.ts';

let folder: TemporaryFolder;
const open: DatabaseState[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const state of open.splice(0)) await state.close().catch(() => {});
  await folder.remove();
});

function openState(name = 'a.db', change: (database: DatabaseSync) => void = () => {}): DatabaseState {
  const path = join(folder.path, name);
  const database = openDatabase(path, stateFile);
  change(database);
  const state = new DatabaseState(database, path);
  open.push(state);
  return state;
}

const add = (state: DatabaseState, key: string, amount: number) =>
  state.update((get) => [[key, String(Number(get(key) ?? 0) + amount)]]);

describe('a state in a database', () => {
  it('holds what was written last, over a restart', async () => {
    const key = fc.constantFrom('a', 'a/b', 'b', 'ü"', '');
    const operation = fc.oneof(fc.tuple(key, fc.option(fc.string(), { nil: undefined })), fc.constant('restart'));
    let files = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 30 }), async (operations) => {
        const name = `${files++}.db`;
        let state = openState(name);
        const expected = new Map<string, string>();
        for (const step of operations) {
          if (typeof step === 'string') {
            await state.close();
            state = openState(name);
          } else {
            const [at, value] = step;
            await state.update(() => [[at, value?.toWellFormed().replaceAll('\0', '')]]);
            if (value === undefined) expected.delete(at);
            else expected.set(at, value.toWellFormed().replaceAll('\0', ''));
          }
        }
        for (const prefix of ['', 'a', 'a/']) {
          const wanted = [...expected].filter(([at]) => at.startsWith(prefix));
          expect(new Map(state.entries(prefix))).toEqual(new Map(wanted));
        }
        for (const [at, value] of expected) expect(state.get(at)).toBe(value);
        await state.close();
      }),
      { numRuns: 30 },
    );
  });

  it('makes changes that come at once one after the other, in one commit', async () => {
    const state = openState();
    await add(state, 'sum', 0);
    const wal = join(folder.path, 'a.db-wal');
    const before = statSync(wal).size;
    await Promise.all(Array.from({ length: 50 }, (_, index) => add(state, 'sum', index)));
    expect(state.get('sum')).toBe('1225');
    expect(readFileSync(wal, 'latin1')).toContain('1225');
    // A commit writes at least one page.
    expect(statSync(wal).size - before).toBeLessThan(3 * 4200);
  });

  it('leaves everything as it was where a change throws, and makes those beside it', async () => {
    const state = openState();
    const failing = state.update(function* () {
      yield ['a', 'half'];
      throw new Error('no more');
    });
    const other = add(state, 'b', 1);
    await expect(failing).rejects.toThrow('no more');
    await other;
    expect(state.entries('')).toEqual([['b', '1']]);
  });

  it('carries out what is under way before it closes', async () => {
    const state = openState();
    const adding = add(state, 'a', 1);
    await state.close();
    await adding;
    expect(openState().get('a')).toBe('1');
  });

  it('changes nothing on a full disk, and goes on when there is space', async () => {
    const state = openState('a.db', (database) => database.exec('PRAGMA max_page_count = 10'));
    await add(state, 'sum', 1);
    const large = state.update(() => [['large', 'x'.repeat(100_000)]]);
    const beside = add(state, 'sum', 1);
    await expect(large).rejects.toThrow(`cannot be written to ${join(folder.path, 'a.db')}: database or disk is full`);
    await expect(beside).rejects.toThrow('full');
    expect(state.entries('')).toEqual([['sum', '1']]);
    await add(state, 'sum', 1);
    expect(state.get('sum')).toBe('2');
  });
});

it('is not taken for a queue, nor a queue for it', async () => {
  await openState().close();
  const path = join(folder.path, 'a.db');
  expect(() => openDatabase(path, queueFile)).toThrow(`the queue ${path} is the database of another program`);
  const other = join(folder.path, 'b.db');
  openDatabase(other, queueFile).close();
  expect(() => openDatabase(other, stateFile)).toThrow(
    `the state ${other} is the database of another program; move the file away to start with an empty one; what it counts then begins at 0`,
  );
});

/** Replaces a text in the file of a state that is closed, also where pages have copies of it that no longer count. */
function overwrite(name: string, before: string, after: string): void {
  const path = join(folder.path, name);
  const text = readFileSync(path, 'latin1');
  expect(text).toContain(before);
  writeFileSync(path, text.replaceAll(before, after), 'latin1');
}

describe('a row whose bytes have changed', () => {
  const rows = Array.from({ length: 200 }, (_, index) => [`host/${index}-`, `count of ${index}.`] as const);

  it.each([
    ['in its key', 'host/57-', 'zost/57-', 'zost/57-'],
    ['in its key, so that it is that of another', 'host/57-', 'host/58-', 'host/58-'],
    ['in its value', 'count of 57.', 'count of 99.', 'host/57-'],
    ['into what is no text', 'count of 57.', 'count of \xff\xff.', 'host/57-'],
  ])('%s is named and put aside, and no other is lost', async (_, before, after, named) => {
    const first = openState();
    await first.update(() => rows);
    await first.close();
    overwrite('a.db', before, after);
    const again = openState();
    expect(again.damaged).toEqual([named]);
    const others = rows.filter(([key]) => key !== 'host/57-');
    expect(new Map(again.entries(''))).toEqual(new Map(others));
    for (const [key, value] of others) expect(again.get(key)).toBe(value);
    expect(again.get('host/57-')).toBe(undefined);
    await add(again, 'host/57-', 1);
    await again.close();
    const third = openState();
    expect(third.damaged).toEqual([]);
    expect(third.get('host/57-')).toBe('1');
    await third.close();
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(folder.path, 'a.db'));
    expect(database.prepare('SELECT CAST(key AS TEXT) AS key FROM damaged').all()).toEqual([{ key: named }]);
    database.close();
  });
});

describe('a state of version 1', () => {
  it('is read, and has checksums from then on', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(folder.path, 'a.db'));
    database.exec(`CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO entry VALUES ('a', 'one value'), ('b', 'two'); PRAGMA application_id = ${stateFile.application}; PRAGMA user_version = 1`);
    database.close();
    const state = openState();
    expect(state.entries('')).toEqual([
      ['a', 'one value'],
      ['b', 'two'],
    ]);
    expect(state.damaged).toEqual([]);
    await state.close();
    overwrite('a.db', 'one value', 'one other');
    const again = openState();
    expect([again.damaged, again.entries('')]).toEqual([['a'], [['b', 'two']]]);
  });
});
