import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aFewLooks, fileReceivers } from '../../../test/kit/file-receiver.ts';
import { GrowingFile } from './growing-file.ts';

const never = new AbortController().signal;
const run = (name: string) => JSON.stringify({ name, duration: 1 });

afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ['lines', '', '\n', ''],
  ['a list', '[', ',', ']'],
  ['a document', '{"test_date":"2026-01-01","scenarios":[', ',', '],"more":{"a":[1]}}'],
])('a file that grows as %s', (_, begin, between, end) => {
  it('gives each run as soon as it is complete', async () => {
    const { folder, start } = await fileReceivers();
    const path = join(folder.path, 'a.json');
    await writeFile(path, begin);
    const { fresh, skips } = await start();
    const names: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const text = (names.length ? between : '') + run(name);
      await appendFile(path, text.slice(0, -5));
      await aFewLooks();
      expect(fresh()).toEqual(names);
      await appendFile(path, text.slice(-5));
      names.push(name);
      await expect.poll(fresh).toEqual(names);
    }
    await aFewLooks();
    skips.length = 0;
    await appendFile(path, end);
    await aFewLooks();
    expect(fresh()).toEqual(names);
    expect(skips).toEqual([]);
  });

  it('is called cut off once it has stayed as it is for the interval, not before', async () => {
    const { folder, start } = await fileReceivers();
    const path = join(folder.path, 'a.json');
    const begun = begin + run('a') + between + run('b').slice(0, -1);
    await writeFile(path, begun);
    const { fresh, skips } = await start({ poll_interval: '300ms' });
    for (let i = 0; i < 6; i++) {
      await sleep(150);
      await appendFile(path, ' ');
    }
    expect([fresh(), skips]).toEqual([['a'], []]);
    await expect.poll(() => skips, { timeout: 3000 }).toHaveLength(1);
    expect(skips[0]).toMatchObject({ item: 'file', reason: 'malformed' });
    await appendFile(path, `}${between}${run('c')}`);
    await expect.poll(fresh, { timeout: 3000 }).toEqual(['a', 'b', 'c']);
  });
});

it('is read from where it ended, as long as it is the same one', async () => {
  const { folder } = await fileReceivers();
  const path = join(folder.path, 'a.json');
  const line = (i: number) => `${JSON.stringify({ name: `run ${i}`, text: 'x'.repeat(1000) })}\n`;
  await writeFile(path, Array.from({ length: 100 }, (_, i) => line(i)).join(''));
  const file = new GrowingFile(path);
  const read = async () => {
    let bytes = 0;
    const runs = [];
    const onRead = (count: number) => {
      bytes += count;
    };
    const options = { isLast: false, digests: true, signal: never, onRead };
    for await (const parsed of file.read(options)) runs.push(...parsed);
    return { bytes, names: runs.map(({ run: read }) => read?.scenario) };
  };
  expect((await read()).names).toHaveLength(100);
  for (let i = 100; i < 110; i++) {
    await appendFile(path, line(i));
    expect(await read()).toEqual({ bytes: line(i).length, names: [`run ${i}`] });
  }
  await appendFile(path, line(110).slice(0, 500));
  expect(await read()).toEqual({ bytes: 500, names: [] });
  await appendFile(path, line(110).slice(500));
  expect(await read()).toEqual({ bytes: line(110).length, names: ['run 110'] });
});

it('does not keep other files waiting, also where it grows faster than it is read', async () => {
  const { folder, start } = await fileReceivers();
  const path = join(folder.path, 'a.json');
  let next = 0;
  const lines = () => Array.from({ length: 600 }, () => `${run(`run ${next++}`)}\n`).join('');
  await writeFile(path, lines());
  await folder.write({ 'b.json': run('other') });
  const { fresh } = await start({}, { next: async () => appendFile(path, lines()) });
  await expect.poll(fresh, { timeout: 5000 }).toContain('other');
});

describe.each([-1, 1])('where the clock is set by %i hours', (hours) => {
  it('goes on: what is cut off is reported, what fails is tried again, and new files are found', async () => {
    const { folder, start } = await fileReceivers();
    let isAway = true;
    const next = (runs: readonly unknown[]) => (isAway ? { refused: [], deferred: runs } : undefined);
    await folder.write({ 'a.json': '[{"name":"a"},{"na' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
    const { fresh, skips, logs } = await start({ poll_interval: '50ms' }, { next });
    await expect.poll(() => logs.join()).toContain('not delivered');
    vi.setSystemTime(Date.now() + hours * 3_600_000);
    await expect.poll(() => skips.map(({ reason }) => reason)).toEqual(['malformed']);
    isAway = false;
    await expect.poll(fresh).toEqual(['a']);
    await folder.write({ 'b.json': '{"name":"b"}' });
    await expect.poll(fresh).toEqual(['a', 'b']);
  });
});
