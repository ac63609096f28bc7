import { chmod, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { addToResults, checkResultsFile } from './results-file.ts';
import type { Scenario } from './scenario.ts';

const scenario = (name: string) => ({ name, power_watts: [1, 2] }) as unknown as Scenario;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const path = (name = 'results.json') => join(folder.path, name);
const content = async (name?: string) => JSON.parse(await readFile(path(name), 'utf8'));

describe('addToResults', () => {
  it('makes a document, and adds to it', async () => {
    await checkResultsFile(path());
    await addToResults(path(), scenario('a'));
    const first = await content();
    expect(Date.parse(first.test_date)).toBeGreaterThan(1.7e12);
    await addToResults(path(), scenario('b'));
    expect(await content()).toEqual({ ...first, scenarios: [scenario('a'), scenario('b')] });
    expect(await readdir(folder.path)).toEqual(['results.json']);
  });

  it("keeps what it does not know, the file's mode, and a link to it", async () => {
    await folder.write({ 'real.json': '{"note": "kept", "scenarios": [{"name": "old", "x": [1]}], "last": 1}' });
    await chmod(path('real.json'), 0o640);
    await symlink(path('real.json'), path());
    await addToResults(path(), scenario('new'));
    expect(await content('real.json')).toEqual({
      note: 'kept',
      last: 1,
      scenarios: [{ name: 'old', x: [1] }, scenario('new')],
    });
    expect((await stat(path('real.json'))).mode & 0o777).toBe(0o640);
  });
});

describe('checkResultsFile', () => {
  it.each([
    ['not JSON', '{"scenarios": [', /^results cannot be written to .*: it must be a JSON document with a list of/],
    ['a list', '[]', /it must be a JSON document/],
    ['a document without runs', '{"scenarios": {}}', /it must be a JSON document/],
    ['a run a line', '{"name": "a"}\n{"name": "b"}\n', /it must be a JSON document/],
  ])('refuses what cannot be added to, and leaves it: %s', async (_, text, message) => {
    await folder.write({ 'results.json': text });
    await expect(checkResultsFile(path())).rejects.toThrow(message);
    await expect(addToResults(path(), scenario('a'))).rejects.toMatchObject({ code: 'NOT_DELIVERED' });
    expect(await readFile(path(), 'utf8')).toBe(text);
    expect(await readdir(folder.path)).toEqual(['results.json']);
  });

  it('refuses a folder that is not there', async () => {
    await expect(checkResultsFile(path('none/results.json'))).rejects.toMatchObject({ code: 'START_FAILED' });
  });
});
