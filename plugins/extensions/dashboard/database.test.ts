import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { openDatabase } from './database.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const inFolder = (...names: string[]) => join(folder.path, ...names);
const insert = "INSERT INTO run (id, ended, attributes, figures) VALUES ('a', 1, '{}', '{}')";

describe('a history', () => {
  it('is made with its folder, and found again', () => {
    const path = inFolder('new', 'folder', 'history.db');
    const first = openDatabase(path);
    first.exec(insert);
    first.close();
    const second = openDatabase(path);
    expect(second.prepare('SELECT id, ended FROM run').all()).toEqual([{ id: 'a', ended: 1 }]);
    second.close();
  });

  it('of an earlier version learns how the power of its runs came about', () => {
    const path = inFolder('earlier.db');
    const earlier = openDatabase(path);
    earlier.exec('ALTER TABLE run ADD COLUMN predicted INTEGER NOT NULL DEFAULT 0; PRAGMA user_version = 2');
    for (const column of ['power_kind', 'energy_included', 'assumptions']) {
      earlier.exec(`ALTER TABLE run DROP COLUMN ${column}`);
    }
    const add = earlier.prepare(
      "INSERT INTO run (id, ended, predicted, joules, attributes, figures) VALUES (?, 1, ?, ?, ?, '{}')",
    );
    add.run('measured', 0, 5, '{"run.power_source":"rapl"}');
    add.run('modelled', 0, 5, '{"run.power_source":"model"}');
    add.run('predicted', 1, 5, '{}');
    add.run('none', 0, null, '{}');
    earlier.close();
    const now = openDatabase(path);
    const kinds = now.prepare('SELECT id, power_kind FROM run').all();
    expect(kinds.map(({ id, power_kind }) => [id, power_kind]).sort()).toEqual([
      ['measured', 'measured'],
      ['modelled', 'modelled'],
      ['none', null],
      ['predicted', 'predicted'],
    ]);
    now.close();
  });

  it('of before has runs whose energy no other cost includes, and that assume nothing', () => {
    const path = inFolder('before.db');
    const before = openDatabase(path);
    before.exec(insert);
    before.exec('ALTER TABLE run DROP COLUMN energy_included; ALTER TABLE run DROP COLUMN assumptions');
    before.exec('PRAGMA user_version = 3');
    before.close();
    const now = openDatabase(path);
    const known = [{ id: 'a', energy_included: 0, assumptions: '[]' }];
    expect(now.prepare('SELECT id, energy_included, assumptions FROM run').all()).toEqual(known);
    now.close();
  });

  it('is in memory without a path', () => {
    const [first, second] = [openDatabase(undefined), openDatabase(undefined)];
    first.exec(insert);
    expect(second.prepare('SELECT * FROM run').all()).toEqual([]);
    first.close();
    second.close();
  });

  it('is refused while another has it', () => {
    const path = inFolder('locked.db');
    const first = openDatabase(path);
    expect(() => openDatabase(path)).toThrow(
      `the history ${path} is in use by another process; stop that one, or set another \`history.path\``,
    );
    first.close();
    openDatabase(path).close();
  });

  it('is refused where it is no database', async () => {
    const path = inFolder('text.db');
    await writeFile(path, 'this is a text and not a database, whatever its name says. '.repeat(20));
    expect(() => openDatabase(path)).toThrow(`the history ${path} is not an SQLite database; move the file away`);
  });

  it('is refused where it is damaged', async () => {
    const path = inFolder('damaged.db');
    const database = openDatabase(path);
    database.exec('BEGIN');
    const statement = database.prepare(insert.replace("'a'", '?'));
    for (let i = 0; i < 2000; i++) statement.run(`run ${i}`);
    database.exec('COMMIT');
    database.close();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0x5a, 8192, bytes.length - 8192));
    expect(() => openDatabase(path)).toThrow(/^the history \S+ is damaged/);
  });

  it('is refused where it is the database of another program, or of a later version', () => {
    const other = inFolder('other.db');
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const foreign = new DatabaseSync(other);
    foreign.exec('CREATE TABLE something (x)');
    foreign.close();
    expect(() => openDatabase(other)).toThrow(`the history ${other} is the database of another program; move`);
    const later = inFolder('later.db');
    openDatabase(later).close();
    const changed = new DatabaseSync(later);
    changed.exec('PRAGMA user_version = 99');
    changed.close();
    expect(() => openDatabase(later)).toThrow(`the history ${later} was written by a later version of Wattline (99)`);
  });

  it('is refused where it cannot be written', async () => {
    await writeFile(inFolder('file'), '');
    const below = inFolder('file', 'history.db');
    expect(() => openDatabase(below)).toThrow(`the history ${below} cannot be created: its folder cannot be created (`);
    await mkdir(inFolder('folder.db'));
    expect(() => openDatabase(inFolder('folder.db'))).toThrow(
      'cannot be opened for writing; set `history.path` to a file in a folder that this user may write to',
    );
  });
});
