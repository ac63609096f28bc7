import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** How a peer is made. `pins` is all that decides what comes out; another value makes another folder. */
export interface Recipe {
  readonly name: string;
  readonly version: string;
  readonly pins: readonly string[];
  /** The program to start, within the folder. */
  readonly program: string;
  /** It takes so long to make that only who asks for all peers has it built. */
  readonly isLong?: true;
  /** Makes the peer in an empty folder, which is renamed afterwards. */
  build(folder: string): Promise<void>;
}

/** The folder of all peers. */
function cache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wattline-peers');
}

/** The folder of a peer outside of the checkout. */
export function folderOf({ name, version, pins }: Recipe): string {
  const digest = createHash('sha256').update(JSON.stringify(pins)).digest('hex').slice(0, 8);
  return join(cache(), name, `${version}-${digest}`);
}

/** The path of the peer's program; throws where it has not been built. */
export function programOf(recipe: Recipe): string {
  const program = join(folderOf(recipe), recipe.program);
  const command = `npm run test:peers${recipe.isLong ? ' -- --all' : ''}`;
  if (!existsSync(program)) throw new Error(`${program} is missing; \`${command}\` builds it`);
  return program;
}

/** Builds the peer unless this machine has it already; one that was built by half never counts. */
export async function build(recipe: Recipe): Promise<void> {
  const folder = folderOf(recipe);
  if (existsSync(folder)) return;
  console.log(`building ${recipe.name} ${recipe.version} in ${folder}`);
  await mkdir(dirname(folder), { recursive: true });
  const half = await mkdtemp(`${folder}.half-`);
  try {
    await recipe.build(half);
    await rename(half, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
