import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../../test/kit/checkout.ts';
import { startProcess } from '../../test/kit/child-process.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';

const MAIN = `
import module from 'node:module';
module.enableCompileCache(new URL('./cache', import.meta.url).pathname);
const { evaluateKept } = await import(${JSON.stringify(join(projectRoot, 'deploy/package/kept-script.ts'))});
const { answer } = evaluateKept(new URL('./script.js', import.meta.url), [40, 1]);
console.log(await answer());
process.exitCode = Number(process.argv[3]);
if (process.argv[2] === 'serve') setInterval(() => {}, 1000);
`;

/** Of one length whatever the number, which has one digit. */
const scriptWith = (number: number) => `(function (base, more) {
  const add = (another) => base + more + another;
  return { answer: async () => add(${number}) };
})`;

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

describe('a script whose compiled code is kept', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder({
      'main.mjs': MAIN,
      'script.js': scriptWith(1),
    });
  });
  afterEach(() => folder.remove());

  async function start(command = 'run', env = {}, status = 0): Promise<string> {
    const child = startProcess(process.execPath, [join(folder.path, 'main.mjs'), command, `${status}`], { env });
    expect({ code: await child.exited, stderr: child.stderr() }).toEqual({ code: status, stderr: '' });
    return child.stdout().trim();
  }

  /** The files with compiled code of the script, by name. */
  async function kept(): Promise<string[]> {
    const [folderOfVersion = ''] = await readdir(join(folder.path, 'cache')).catch(() => []);
    const files = await readdir(join(folder.path, 'cache', folderOfVersion)).catch(() => []);
    return files
      .filter((file) => file.startsWith('script.js'))
      .sort()
      .map((file) => join(folder.path, 'cache', folderOfVersion, file));
  }

  async function keptOnce(): Promise<string> {
    const [file = '', ...others] = await kept();
    expect(others).toEqual([]);
    return file;
  }

  it('is evaluated with what it is given', async () => {
    expect(await start()).toBe('42');
  });

  it('is compiled once', async () => {
    await start();
    const file = await keptOnce();
    expect((await stat(file)).mode & 0o077).toBe(0);
    await utimes(file, LONG_AGO, LONG_AGO);
    expect(await start()).toBe('42');
    expect((await stat(await keptOnce())).mtime).toEqual(LONG_AGO);
  });

  it('is kept by command, and for no command too', async () => {
    for (const command of ['run', 'validate', '--version', '../a']) await start(command);
    expect((await kept()).map((file) => file.replace(/.*script\.js/, ''))).toEqual(['.', '.run', '.validate']);
  });

  it('is kept of a process that goes on', async () => {
    const child = startProcess(process.execPath, [join(folder.path, 'main.mjs'), 'serve', '0']);
    await expect.poll(kept, { timeout: 15_000 }).toHaveLength(1);
    child.send('SIGKILL');
    await child.exited;
    expect(await keptOnce()).toMatch(/script\.js\.serve$/);
  });

  it('is not kept of what fails', async () => {
    await start('rum', {}, 1);
    expect(await kept()).toEqual([]);
  });

  it('is compiled anew where its source has changed, though not in length', async () => {
    await start();
    await folder.write({ 'script.js': scriptWith(3) });
    await utimes(await keptOnce(), LONG_AGO, LONG_AGO);
    expect(await start()).toBe('44');
    expect((await stat(await keptOnce())).mtime).not.toEqual(LONG_AGO);
    expect(await start()).toBe('44');
  });

  it.each([
    ['cut off', (code: Buffer) => code.subarray(0, code.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['too short for its checksums', () => Buffer.alloc(5)],
    ['zeros', (code: Buffer) => Buffer.alloc(code.length)],
    ['changed in the middle', (code: Buffer) => code.map((byte, index) => (index === code.length >> 1 ? ~byte : byte))],
  ])('is compiled anew where its code is %s', async (_, damage) => {
    await start();
    const file = await keptOnce();
    const sound = (await readFile(file)).length;
    await writeFile(file, damage(await readFile(file)));
    expect(await start()).toBe('42');
    expect((await readFile(await keptOnce())).length).toBe(sound);
  });

  it('is compiled each time where nothing can be kept', async () => {
    await start();
    const file = await keptOnce();
    await rm(file);
    await folder.write({ 'cache/a': '' });
    await rm(join(folder.path, 'cache'), { recursive: true });
    await writeFile(join(folder.path, 'cache'), '');
    expect(await start()).toBe('42');
  });

  it('leaves nothing behind where it cannot be put in its place', async () => {
    await start();
    const file = await keptOnce();
    await rm(file);
    await mkdir(file);
    expect(await start()).toBe('42');
    expect(await kept()).toEqual([file]);
  });

  it('keeps nothing where Node.js is told not to', async () => {
    expect(await start('run', { NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('42');
    await expect(readdir(join(folder.path, 'cache'))).rejects.toThrow('ENOENT');
  });
});
