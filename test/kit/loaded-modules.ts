import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from './temporary-folder.ts';

/** What a process has loaded by its end. */
export interface LoadedModules {
  /** The paths of files, as URLs. */
  readonly files: readonly string[];
  /** The modules of Node.js beyond those that it starts with, internal ones included. */
  readonly builtins: readonly string[];
}

const RECORDER = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const before = new Set(process.moduleLoadList);
const files = new Set();
registerHooks({
  load(url, context, next) {
    if (!url.startsWith('node:')) files.add(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  const builtins = process.moduleLoadList.filter((name) => !before.has(name) && name.startsWith('NativeModule '));
  const names = builtins.map((name) => name.slice('NativeModule '.length));
  writeFileSync(new URL('./loaded.json', import.meta.url), JSON.stringify({ files: [...files], builtins: names }));
});
`;

/** Calls `run` with an option of Node.js for a process, and resolves with what that process has loaded until its exit. */
export async function recordModules(run: (option: string) => Promise<unknown>): Promise<LoadedModules> {
  const folder = await temporaryFolder({ 'recorder.mjs': RECORDER });
  try {
    await run(`--import=${pathToFileURL(join(folder.path, 'recorder.mjs'))}`);
    return JSON.parse(await readFile(join(folder.path, 'loaded.json'), 'utf8'));
  } finally {
    await folder.remove();
  }
}
