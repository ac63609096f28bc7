import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Extension, StoredQueue } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { openDatabase, queueFile } from './database.ts';
import { fileNameOf } from './file-name.ts';
import fileStorage from './index.ts';

const { signal } = new AbortController();

describe('file_storage', () => {
  it('makes its folder, and in it a folder for each queue', async () => {
    const folder = await temporaryFolder();
    const { ctx } = createTestContext({ directory: folder.path });
    const stage = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: './a/b' }));
    await stage.start?.(signal);
    const names = ['exporter_otlphttp', 'exporter_otlphttp/second'];
    const queues: StoredQueue[] = [];
    for (const name of names) queues.push((await stage.storage?.openQueue(name)) as StoredQueue);
    const files = ['exporter_otlphttp.queue', 'exporter_otlphttp%2Fsecond.queue'];
    expect(queues.map(({ place }) => place)).toEqual(files.map((file) => join(folder.path, 'a/b', file)));
    for (const queue of queues) await queue.close();
    expect((await readdir(join(folder.path, 'a/b'))).sort()).toEqual(files.toSorted());
    await folder.remove();
  });

  it('says where it cannot make its folder', async () => {
    const folder = await temporaryFolder({ file: '' });
    const { ctx } = createTestContext({ directory: folder.path });
    const stage = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: './file/b' }));
    await expect(stage.start?.(signal)).rejects.toThrow(
      `the folder ${join(folder.path, 'file/b')} cannot be created; set \`directory\` to one that this user may create and write to: ENOTDIR`,
    );
    await folder.remove();
  });
});

/** An open queue in a folder, and what was said and counted about it. */
async function openIn(directory: string, config: object = {}) {
  const { ctx, logs: lines, skips: skipped } = createTestContext({ directory });
  const stage: Extension = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: '.', ...config }));
  await stage.start?.(signal);
  const queue = (await stage.storage?.openQueue('exporter_a')) as StoredQueue;
  const texts = () => queue.keys().map((key) => new TextDecoder().decode(queue.read(key)));
  return { queue, texts, lines, skipped };
}

const data = (text: string) => new TextEncoder().encode(text);

describe('a queue with entries that cannot be read', () => {
  it('says how many they are, counts them, and goes on with the others; `strict` refuses to start', async () => {
    const folder = await temporaryFolder();
    const first = await openIn(folder.path);
    for (const text of ['a', 'b', 'c']) await first.queue.add(data(text));
    await first.queue.close();
    const path = join(folder.path, 'exporter_a.queue/0000000000000001.records');
    await truncate(path, (await readFile(path)).length - 20);
    const message = `2 of the runs in ${path} were acknowledged and cannot be read any more`;
    await expect(openIn(folder.path, { strict: true })).rejects.toThrow(
      `${message}; restore the file, or set \`strict: false\` to start without them`,
    );
    const { queue, texts, lines, skipped } = await openIn(folder.path);
    expect(texts()).toEqual(['a']);
    expect(lines).toContain(`error: ${message}; what is left of them is put aside, and the others are sent`);
    const one = { item: 'run', reason: 'unreadable', message };
    expect(skipped).toEqual([one, one]);
    await queue.close();
    const next = await openIn(folder.path, { strict: true });
    expect([next.texts(), next.skipped]).toEqual([['a'], []]);
    await next.queue.close();
    await folder.remove();
  });
});

describe('a queue that was a database before', () => {
  /** Writes one as Wattline did, with the given checksum of each entry. */
  async function former(path: string, entries: readonly (readonly [text: string, checksum: number])[]) {
    const database = openDatabase(join(path, 'exporter_a.db'), queueFile);
    const insert = database.prepare('INSERT INTO entry (checksum, data) VALUES (?, ?)');
    for (const [text, checksum] of entries) insert.run(checksum, data(text));
    database.close();
  }

  it('keeps its entries and their order', async () => {
    const folder = await temporaryFolder();
    const names = Array.from({ length: 250 }, (_, index) => `run ${index}`);
    await former(
      folder.path,
      names.map((name) => [name, crc32(name)]),
    );
    const { queue, texts } = await openIn(folder.path);
    expect(texts()).toEqual(names);
    await queue.close();
    expect(await readdir(folder.path)).toEqual(['exporter_a.queue']);
    const next = await openIn(folder.path);
    expect(next.texts()).toEqual(names);
    await next.queue.close();
    await folder.remove();
  });

  it('puts damaged entries aside', async () => {
    const folder = await temporaryFolder();
    const entries = [
      ['a', crc32('a')],
      ['bad', 1],
      ['c', crc32('c')],
    ] as const;
    await former(folder.path, entries);
    const message = `1 of the runs in ${join(folder.path, 'exporter_a.db')} were acknowledged and cannot be read any more`;
    await expect(openIn(folder.path, { strict: true })).rejects.toThrow(message);
    const { queue, texts, skipped } = await openIn(folder.path);
    expect(texts()).toEqual(['a', 'c']);
    expect(skipped).toEqual([{ item: 'run', reason: 'unreadable', message }]);
    await queue.close();
    expect((await readdir(folder.path)).sort()).toEqual(['exporter_a.db.damaged', 'exporter_a.queue']);
    await folder.remove();
  });

  it('is left alone where it is no queue of Wattline', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder.path, 'exporter_a.db'), 'not a database, but a text that is long enough'.repeat(30));
    await expect(openIn(folder.path)).rejects.toThrow('is damaged, or is not a queue of Wattline');
    expect((await readdir(folder.path)).sort()).toEqual(['exporter_a.db', 'exporter_a.queue']);
    await folder.remove();
  });
});

describe('the name of a file', () => {
  it.each(['a/../../b', '..', 'a\\b', 'größe', 'x'.repeat(1000), `${'x'.repeat(1000)}y`, 'ü'.repeat(100)])(
    'stays in its folder: %j',
    (name) => {
      const file = fileNameOf(`exporter_${name}`);
      expect(file).toMatch(/^exporter_[\w.%~!'()-]*\.db$/);
      expect(file.length).toBeLessThan(220);
    },
  );

  it('is another for each name', () => {
    const names = ['a', 'A/b', 'a%2Fb', 'a/b', 'x'.repeat(1000), `${'x'.repeat(1000)}y`];
    expect(new Set(names.map(fileNameOf)).size).toBe(names.length);
  });
});

it('names and counts a row of a state that cannot be read any more, and goes on with the others', async () => {
  const folder = await temporaryFolder();
  const open = async () => {
    const { ctx, logs, skips } = createTestContext({ directory: folder.path });
    const stage: Extension = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: '.' }));
    const state = await stage.storage?.openState('live', 'test');
    return { state, logs, skips };
  };
  const { state } = await open();
  await state?.update(() => [
    ['stream/a', 'position of a'],
    ['stream/b', 'position of b'],
  ]);
  await state?.close();
  const path = join(folder.path, 'state_live.db');
  const text = await readFile(path, 'latin1');
  await writeFile(path, text.replace('position of a', 'position of z'), 'latin1');
  const again = await open();
  const message = `the row \`stream/a\` of ${path} cannot be read any more`;
  expect(again.logs).toEqual([expect.stringContaining(`error: ${message}`)]);
  expect(again.skips).toEqual([{ item: 'state', reason: 'unreadable', message: expect.stringContaining(message) }]);
  expect(again.state?.entries('')).toEqual([['stream/b', 'position of b']]);
  await again.state?.close();
  await folder.remove();
});
