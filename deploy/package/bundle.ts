import { cpSync, globSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChunkingContext, type OutputChunk, type PreRenderedChunk, rolldown } from 'rolldown';
import { nativeModules } from './native-modules.ts';
import { noticesOf } from './notices.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');

/** The entries of the package that plugins import, by their folders. */
const PUBLIC = ['plugin', 'figures', 'results', 'otlp', 'prometheus', 'http', 'receiving', 'provider', 'prediction'];
/** What is imported by path from outside: the command, what users' plugins and tests import, and each bundled plugin. */
const ENTRIES = [
  'src/cli.ts',
  ...PUBLIC.map((entry) => `src/${entry}/index.ts`),
  'test/kit/testing.ts',
  'plugins/*/*/index.ts',
];
/** What every run of a pipeline loads, with tables to print; one file of it loads faster than many. */
const CORE = ['src/main.ts', 'src/commands/run.ts', 'src/commands/regions.ts', 'src/figures/index.ts'].map((file) =>
  join(root, file),
);
/** Packages that look for files of their own, have a part that is no JavaScript, or are large and seldom needed. */
const EXTERNAL = [/^node:/, 'snappy', 'undici'];

const entries = globSync(ENTRIES, { cwd: root }).sort();
const bundle = await rolldown({
  cwd: root,
  input: Object.fromEntries(entries.map((file) => [file.replace(/\.ts$/, ''), file])),
  platform: 'node',
  external: EXTERNAL,
  resolve: {
    mainFields: ['module', 'main'],
    alias: {
      ...Object.fromEntries(PUBLIC.map((entry) => [`wattline/${entry}`, join(root, `src/${entry}/index.ts`)])),
      // One file a function: what it exports otherwise is all of them, with a table that is worked out on import.
      'simple-statistics': join(root, 'node_modules/simple-statistics/index.js'),
    },
  },
  treeshake: { moduleSideEffects: doesMore },
  plugins: [nativeModules({ except: 'src/cli.js' })],
  onLog(level, log) {
    if (level === 'warn') throw new Error(log.message);
  },
});
rmSync(dist, { recursive: true, force: true });
const { output } = await bundle.write({
  dir: dist,
  entryFileNames: '[name].js',
  chunkFileNames: nameOf,
  codeSplitting: { groups: [{ name: groupOf(), debugName: 'core' }] },
});
const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk');
writeFileSync(join(dist, 'THIRD-PARTY-NOTICES'), noticesOf(chunks.flatMap(({ moduleIds }) => moduleIds)));
copy('plugins', (path) => /\.(js|css|html|svg)$|sample\.yaml$/.test(path));
copy('src/scaffold', () => true);

/** Whether importing a file does more than declare: of Wattline's own only the command does. */
function doesMore(id: string): boolean | undefined {
  if (isOwn(id)) return relative(root, id) === 'src/cli.ts';
  return id.includes('/simple-statistics/') ? false : undefined;
}

function isOwn(id: string): boolean {
  return id.startsWith(root) && !id.includes('/node_modules/');
}

/** Names the group of all files that the core imports, directly or by others; undefined is a file of its own. */
function groupOf(): (id: string, context: ChunkingContext) => string | undefined {
  let group: Set<string> | undefined;
  return (id, context) => {
    group ??= new Set(CORE.flatMap((file) => [...importedBy(file, context)]));
    return group.has(id) ? 'core' : undefined;
  };
}

function importedBy(file: string, context: ChunkingContext): Set<string> {
  const found = new Set([file]);
  for (const id of found) for (const next of context.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

/** A file of its own stays where it was, since it may look for its neighbours; what several share lies in `src`. */
function nameOf({ facadeModuleId: id }: PreRenderedChunk): string {
  return id && isOwn(id) ? relative(root, id).replace(/\.ts$/, '.js') : 'src/[name].js';
}

function copy(folder: string, isWanted: (path: string) => boolean): void {
  const filter = (path: string) => statSync(path).isDirectory() || isWanted(path);
  cpSync(join(root, folder), join(dist, folder), { recursive: true, filter });
}
