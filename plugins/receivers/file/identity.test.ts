import { appendFile, copyFile, rename, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFewLooks, fileReceivers } from '../../../test/kit/file-receiver.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';

const run = (name: string) => JSON.stringify({ name, region: 'x'.repeat(3000), duration: 10 });
const lines = (...names: string[]) => names.map((name) => `${run(name)}\n`).join('');
const document = (names: string[], date = '2026-01-01T00:00:00Z') =>
  `{"test_date":"${date}","scenarios":[${names.map(run).join(',')}]}`;

interface Change {
  readonly what: string;
  readonly before: string;
  change(path: string): Promise<unknown>;
  /** The runs that are new by it, and those that are in no file any more. */
  readonly fresh: string[];
  readonly gone?: string[];
}

const abc = ['a', 'b', 'c'];
const changes: readonly Change[] = [
  { what: 'a new name', before: lines(...abc), change: (path) => rename(path, `${path}.1`), fresh: [] },
  { what: 'a copy', before: lines(...abc), change: (path) => copyFile(path, `${path}.1`), fresh: [] },
  { what: 'a touch', before: document(abc), change: (path) => utimes(path, 1, 1), fresh: [] },
  {
    what: 'rotation to a new name',
    before: lines(...abc),
    async change(path) {
      await rename(path, `${path}.1`);
      await writeFile(path, lines('d'));
    },
    fresh: ['d'],
  },
  {
    what: 'rotation by copying and truncating',
    before: lines(...abc),
    async change(path) {
      await copyFile(path, `${path}.1`);
      await truncate(path);
      await appendFile(path, lines('d'));
    },
    fresh: ['d'],
  },
  {
    what: 'truncation',
    before: lines(...abc),
    change: (path) => truncate(path, lines('a').length),
    fresh: [],
    gone: ['b', 'c'],
  },
  {
    what: 'truncation, and growth beyond what was there',
    before: lines(...abc),
    async change(path) {
      await truncate(path);
      await appendFile(path, lines('c', 'd', 'e', 'f'));
    },
    fresh: ['d', 'e', 'f'],
    gone: ['a', 'b'],
  },
  {
    what: 'replacement by another file',
    before: document(abc),
    async change(path) {
      await writeFile(`${path.replace('.json', '')}.tmp`, document(['b', 'd']));
      await rename(`${path.replace('.json', '')}.tmp`, path);
    },
    fresh: ['d'],
    gone: ['a', 'c'],
  },
  {
    what: 'other text of the same size',
    before: lines(...abc),
    change: (path) => writeFile(path, lines('a', 'd', 'c')),
    fresh: ['d'],
    gone: ['b'],
  },
  {
    what: 'another header',
    before: document(abc),
    change: (path) => writeFile(path, document(abc, '2026-02-02T00:00:00Z')),
    fresh: [],
  },
  {
    what: 'one run more in a document',
    before: document(abc),
    change: (path) => writeFile(path, document([...abc, 'd'])),
    fresh: ['d'],
  },
  {
    what: 'one run more before the others',
    before: document(abc),
    change: (path) => writeFile(path, document(['d', ...abc])),
    fresh: ['d'],
  },
  { what: 'one line more', before: lines(...abc), change: (path) => appendFile(path, lines('d')), fresh: ['d'] },
  {
    what: 'the runs of a list as lines',
    before: `[${abc.map(run).join(',')}]`,
    change: (path) => writeFile(path, lines(...abc, 'd')),
    fresh: ['d'],
  },
];

describe.each(changes)('$what', ({ before, change, fresh, gone = [] }) => {
  it('sends what is new, and nothing else again', async () => {
    const { folder, start } = await fileReceivers();
    await folder.write({ 'a.json': before });
    const tested = await start();
    await expect.poll(tested.fresh).toEqual(abc);
    await aFewLooks();
    await change(join(folder.path, 'a.json'));
    await expect.poll(tested.fresh).toEqual([...abc, ...fresh]);
    await aFewLooks();
    expect(tested.fresh()).toEqual([...abc, ...fresh]);
    expect(tested.replayed()).toEqual([]);
    expect(tested.skips).toEqual([]);
  });

  it('sends what is new after a restart, and marks what was sent before', async () => {
    const { folder, create } = await fileReceivers();
    const options = { storages: { disk: memoryStorage() } };
    const never = new AbortController().signal;
    await folder.write({ 'a.json': before });
    const first = create({ storage: 'disk' }, options);
    await first.receiver.start?.(never);
    await expect.poll(first.fresh).toEqual(abc);
    await first.receiver.shutdown?.(never);
    await change(join(folder.path, 'a.json'));
    const second = create({ storage: 'disk' }, options);
    await second.receiver.start?.(never);
    const left = abc.filter((name) => !gone.includes(name));
    await expect.poll(() => [second.fresh().sort(), second.replayed().sort()]).toEqual([fresh, left]);
    await aFewLooks();
    expect(second.runs).toHaveLength(fresh.length + left.length);
  });
});
