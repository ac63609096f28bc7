import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { openDatabase, stateFile } from '../../../plugins/extensions/file-storage/database.ts';
import { DatabaseState } from '../../../plugins/extensions/file-storage/database-state.ts';
import { corpusOf } from '../corpus.ts';
import { hold, holdSame, type Target } from '../target.ts';
import { fuzzFolder } from '../temporary.ts';

const folder = fuzzFolder();
type Entries = readonly (readonly [key: string, value: string])[];

/** Where the version of a database stands in its file, and the one whose rows have checksums. */
const [VERSION_AT, WITH_CHECKSUMS] = [60, 2];

/** The entries of the largest file of the corpus whose rows have checksums; the others have some of them. */
let sound: Map<string, string> | undefined;

/** Databases of states after damage: they are refused, or what is left of them is what was written. */
const target: Target<Entries> = {
  name: 'state-database',
  weight: 0.01,
  generated: fc
    .tuple(fc.nat(100), fc.constantFrom(0, 16, 28, 56, 60, 68, 92, 100, 4096), fc.uint8Array({ maxLength: 4 }))
    .map(([entry, at, bytes]) => overwritten(entry, at, bytes)),
  words: ['SQLite format 3\0', 'WATS', Buffer.alloc(4)],
  async read(bytes) {
    for (const name of readdirSync(folder.path)) rmSync(join(folder.path, name));
    const path = join(folder.path, 'state.db');
    writeFileSync(path, bytes);
    return withState(path, (state) => state.entries(''));
  },
  isRefusal: (error) => /^the state \S+ (?:is|was|cannot be|may not be) /.test(String((error as Error).message)),
  async check(entries, bytes) {
    const path = join(folder.path, 'state.db');
    sound ??= await soundEntries();
    if (bytes.length > VERSION_AT + 4 && bytes.readUInt32BE(VERSION_AT) === WITH_CHECKSUMS) {
      for (const [key, value] of entries) hold(sound.get(key) === value, () => `nobody wrote ${value} as \`${key}\``);
    }
    const again = await withState(path, async (state) => {
      for (const [key, value] of entries) hold(state.get(key) === value, () => `\`${key}\` is not ${value}`);
      await state.update(() => [['added', 'text']]);
      return state.entries('');
    });
    const expected = [...entries.filter(([key]) => key !== 'added'), ['added', 'text'] as const];
    holdSame(sorted(again), sorted(expected), 'what is written is not there');
    return entries.length;
  },
  most: { steps: 2000, memory: 100, made: 1 },
  close: () => folder.remove(),
};

export default target;

async function soundEntries(): Promise<Map<string, string>> {
  const path = join(folder.path, 'sound.db');
  const whole = corpusOf('state-database').find(({ name }) => name === 'several-pages-with-checksums.db');
  writeFileSync(path, whole?.bytes ?? '');
  return new Map(await withState(path, (state) => state.entries('')));
}

async function withState<T>(path: string, use: (state: DatabaseState) => T | Promise<T>): Promise<T> {
  const state = new DatabaseState(openDatabase(path, stateFile), path);
  try {
    return await use(state);
  } finally {
    await state.close();
  }
}

function overwritten(entry: number, at: number, bytes: Uint8Array): Buffer {
  const all = corpusOf('state-database');
  const copy = Buffer.from(all[entry % Math.max(1, all.length)]?.bytes ?? []);
  copy.set(bytes.subarray(0, Math.max(0, copy.length - at)), Math.min(at, copy.length));
  return copy;
}

function sorted(entries: Entries): Entries {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
