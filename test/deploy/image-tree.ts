import { constants } from 'node:fs';
import { chmod, copyFile, cp, link, mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob, relative } from 'node:path';
import { shellEnvironment } from '../kit/checkout.ts';
import { lastOf, readDockerfile, type Stage } from './dockerfile.ts';
import { runProgram } from './programs.ts';

/** The file system that the last stage of a Dockerfile leaves, below a folder, without what its base image has. */
export interface ImageTree {
  readonly root: string;
  readonly stage: Stage;
  /** An exec-form command of the image, with its paths led into the tree. */
  command(words: readonly string[]): string[];
}

/**
 * Does what a builder does with a Dockerfile, without an engine: each stage is a folder, `COPY` copies what the ignore
 * file lets through, and `RUN` runs in the stage's working folder by the programs of this machine, with this process's
 * Node.js standing in for the base image's. `RUN` lines may therefore name relative paths only.
 */
export async function buildImageTree(dockerfile: string, context: string, folder: string): Promise<ImageTree> {
  const { stages } = await readDockerfile(dockerfile);
  const ignored = await readIgnored(context);
  const roots = new Map<string, string>();
  for (const [index, stage] of stages.entries()) {
    const root = join(folder, `${index}`);
    await mkdir(root, { recursive: true });
    if (stage.name) roots.set(stage.name, root);
    await buildStage(stage, { root, context, ignored, roots });
  }
  const root = join(folder, `${stages.length - 1}`);
  const node = join(root, 'usr/local/bin/node');
  await mkdir(dirname(node), { recursive: true });
  await link(process.execPath, node).catch(() => copyFile(process.execPath, node, constants.COPYFILE_FICLONE));
  for (const path of [folder, root]) await chmod(path, 0o755);
  const command = (words: readonly string[]) =>
    words.map((word) => (word === 'node' ? node : word.startsWith('/') ? join(root, word) : word));
  return { root, stage: stages.at(-1) as Stage, command };
}

interface Building {
  readonly root: string;
  readonly context: string;
  readonly ignored: (path: string) => boolean;
  readonly roots: ReadonlyMap<string, string>;
}

/** What changes nothing in the tree. */
const METADATA = new Set(['ARG', 'LABEL', 'ENV', 'USER', 'VOLUME', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']);

async function buildStage(stage: Stage, building: Building): Promise<void> {
  let workdir = building.root;
  for (const { word, text } of stage.instructions) {
    if (word === 'WORKDIR') {
      workdir = join(building.root, text);
      await mkdir(workdir, { recursive: true });
    } else if (word === 'COPY') await copy(text, workdir, building);
    else if (word === 'RUN') await run(text, workdir);
    else if (!METADATA.has(word)) throw new Error(`${word} is not known here`);
  }
}

async function copy(text: string, workdir: string, { root, context, ignored, roots }: Building): Promise<void> {
  const words = text.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? (words.shift() as string).slice('--from='.length) : undefined;
  const base = from === undefined ? context : roots.get(from);
  if (base === undefined) throw new Error(`COPY --from=${from}: there is no such stage`);
  const to = words.pop() as string;
  const target = to.startsWith('/') ? join(root, to) : join(workdir, to);
  for (const word of words) {
    const source = join(base, word);
    const isFolder = (await stat(source)).isDirectory();
    if (from === undefined && !isFolder && ignored(word)) throw new Error(`COPY ${word}: .dockerignore leaves it out`);
    const destination = to.endsWith('/') && !isFolder ? join(target, basename(word)) : target;
    await mkdir(dirname(destination), { recursive: true });
    const filter = async (path: string) =>
      from !== undefined || (await stat(path)).isDirectory() || !ignored(relative(context, path));
    await cp(source, destination, { recursive: true, verbatimSymlinks: true, filter });
  }
}

async function run(command: string, cwd: string): Promise<void> {
  const shell = shellEnvironment();
  const blank = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const env = { ...blank, ...shell, PATH: `${dirname(process.execPath)}:${shell.PATH}` };
  const { code, stdout, stderr } = await runProgram('/bin/sh', ['-c', command], { cwd, env });
  if (code !== 0) throw new Error(`RUN ${command} ended with ${code}\n${stdout}${stderr}`);
}

/** Whether a file of the context is left out: the last pattern that fits it or a folder above it decides. */
async function readIgnored(context: string): Promise<(path: string) => boolean> {
  const lines = (await readFile(join(context, '.dockerignore'), 'utf8')).split('\n');
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => {
    const parts = path.split('/');
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let ignored = false;
    for (const pattern of patterns) {
      const keeps = pattern.startsWith('!');
      if (paths.some((one) => matchesGlob(one, keeps ? pattern.slice(1) : pattern))) ignored = !keeps;
    }
    return ignored;
  };
}

/** The words of an exec-form instruction; a shell form is an error, since signals would not reach its program. */
export function execForm(stage: Stage, word: string): string[] {
  const text = lastOf(stage, word);
  const list = text.slice(text.indexOf('['));
  return JSON.parse(list) as string[];
}
