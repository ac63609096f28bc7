import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { openDatabase } from './database.ts';

let folder: TemporaryFolder;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'a.db');
});
afterEach(() => folder.remove());

/** Makes a valid queue with some entries. */
function fill(entries = 200): void {
  const database = openDatabase(path);
  const insert = database.prepare('INSERT INTO entry (checksum, data) VALUES (0, ?)');
  for (let index = 0; index < entries; index++) insert.run(new Uint8Array(500));
  database.close();
}

const modeOf = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);

it('is read by its owner only, with all that SQLite adds to it, and also where it was open to others', async () => {
  for (const isThere of [false, true]) {
    if (isThere) await chmod(path, 0o644);
    const database = openDatabase(path);
    database.exec("INSERT INTO entry (checksum, data) VALUES (0, x'00')");
    const files = await readdir(folder.path);
    expect(files).toContain('a.db-wal');
    for (const file of files) expect([file, await modeOf(join(folder.path, file))]).toEqual([file, '600']);
    database.close();
  }
});

const AWAY = 'move the file away to start with an empty one; what it holds is then not sent';

describe('a file that cannot be a queue', () => {
  it('is in use by another process', () => {
    const database = openDatabase(path);
    const open = fileURLToPath(new URL('./database.ts', import.meta.url));
    const plugin = fileURLToPath(new URL('../../../src/plugin/index.ts', import.meta.url));
    // The package's own name leads to what is built; here it is to lead to the source, as in the checkout.
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => next(name === 'wattline/plugin' ? ${JSON.stringify(plugin)} : name, context) });`;
    const script = `${hook} const { openDatabase } = await import(${JSON.stringify(open)}); openDatabase(${JSON.stringify(path)});`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stderr).toContain(
      `the queue ${path} is in use by another process; stop that one, or set another \`directory\``,
    );
    expect(stderr).not.toContain('ExperimentalWarning');
    database.close();
    openDatabase(path).close();
  });

  it('is no database', async () => {
    await writeFile(path, 'not a database, but a text that is long enough to be looked at'.repeat(20));
    expect(() => openDatabase(path)).toThrow(`the queue ${path} is damaged, or is not a queue of Wattline; ${AWAY}`);
  });

  it('is damaged in the middle', async () => {
    fill();
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(0xa5, 3 * 4096, 9 * 4096));
    expect(() => openDatabase(path)).toThrow(new RegExp(`^the queue ${path} is damaged.*; ${AWAY}$`));
  });

  it('is cut short', async () => {
    fill();
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    expect(() => openDatabase(path)).toThrow(new RegExp(`^the queue ${path} is damaged.*; ${AWAY}$`));
  });

  it('is the database of another program', () => {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE entry (key INTEGER)');
    other.close();
    expect(() => openDatabase(path)).toThrow(`the queue ${path} is the database of another program; ${AWAY}`);
  });

  it('was written by another version', () => {
    const database = openDatabase(path);
    database.exec('PRAGMA user_version = 2');
    database.close();
    expect(() => openDatabase(path)).toThrow(`the queue ${path} was written by another version of Wattline (2)`);
  });

  it('is a folder', async () => {
    await mkdir(path);
    expect(() => openDatabase(path)).toThrow(
      `the queue ${path} cannot be opened for writing; set \`directory\` to one that this user may write to`,
    );
  });

  it('is in a folder that is gone', () => {
    const lost = join(folder.path, 'gone/a.db');
    expect(() => openDatabase(lost)).toThrow(`the queue ${lost} cannot be written: its folder is missing`);
  });

  it('is in a folder that may not be written, which only root may', async () => {
    await chmod(folder.path, 0o500);
    const open = () => openDatabase(path).close();
    if (process.getuid?.() === 0) expect(open).not.toThrow();
    else expect(open).toThrow(`the queue ${path} cannot be written: its folder is not writable (EACCES)`);
    await chmod(folder.path, 0o700);
  });
});

it('opens again what it has written, without a warning', () => {
  const warnings: unknown[] = [];
  const note = (warning: unknown) => warnings.push(warning);
  process.on('warning', note);
  fill(3);
  const database = openDatabase(path);
  expect(database.prepare('SELECT count(*) AS entries FROM entry').get()?.entries).toBe(3);
  expect(database.prepare('PRAGMA synchronous').get()?.synchronous).toBe(2);
  database.close();
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
