import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoredQueue } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { fileNameOf } from './file-name.ts';
import fileStorage from './index.ts';

const { signal } = new AbortController();

describe('file_storage', () => {
  it('makes its folder, and in it a file for each queue', async () => {
    const folder = await temporaryFolder();
    const { ctx } = createTestContext({ directory: folder.path });
    const stage = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: './a/b' }));
    await stage.start?.(signal);
    const names = ['exporter_otlphttp', 'exporter_otlphttp/second'];
    const queues: StoredQueue[] = [];
    for (const name of names) queues.push((await stage.storage?.openQueue(name)) as StoredQueue);
    const files = ['exporter_otlphttp.db', 'exporter_otlphttp%2Fsecond.db'];
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
