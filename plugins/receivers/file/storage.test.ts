import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allTaken, type Run, refuseAll, type StateChange } from 'wattline/plugin';
import { aFewLooks, fileReceivers } from '../../../test/kit/file-receiver.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';

type Storage = ReturnType<typeof memoryStorage>;

const never = new AbortController().signal;
const DAY = 86_400_000;
const run = (name: string) => JSON.stringify({ name });

/** A storage whose updates go through `update`. */
function withUpdate(storage: Storage, update: (write: () => Promise<void>) => Promise<void>): Storage {
  return {
    ...storage,
    async openState(name, role) {
      const state = await storage.openState(name, role);
      return {
        place: state.place,
        get: (key) => state.get(key),
        entries: (prefix) => state.entries(prefix),
        update: (change: StateChange) => update(() => state.update(change)),
        close: () => state.close(),
      };
    },
  };
}

/** The entries of the state of a receiver that has ended. */
async function entriesOf(storage: Storage): Promise<(readonly [string, string])[]> {
  const state = await storage.openState('receiver_tested', 'test');
  const entries = state.entries('');
  await state.close();
  return entries;
}

describe('`run --once`', () => {
  it('sends each run once with a storage, and all again without', async () => {
    const { folder, create } = await fileReceivers();
    const storages = { disk: memoryStorage() };
    await folder.write({ 'a.json': `${run('a')}\n${run('b')}\n${run('b')}` });
    const once = async (config: object) => {
      const tested = create(config, { storages });
      await tested.receiver.readOnce?.(never);
      await tested.receiver.shutdown?.(never);
      return [tested.fresh(), tested.replayed()];
    };
    expect(await once({ storage: 'disk' })).toEqual([['a', 'b'], []]);
    await folder.write({ 'b.json': run('c') });
    expect(await once({ storage: 'disk' })).toEqual([['c'], ['a', 'b']]);
    for (let i = 0; i < 2; i++) expect(await once({})).toEqual([['a', 'b', 'b', 'c'], []]);
  });
});

describe('what is written', () => {
  it('is what was taken or refused, and nothing that is under way', async () => {
    const { folder, create, start } = await fileReceivers();
    const storages = { disk: memoryStorage() };
    await folder.write({ 'a.json': [run('a'), run('b')].join('\n'), 'b.json': run('c') });
    const answers: (() => void)[] = [];
    const next = async (runs: readonly Run[]) => {
      if (runs[0]?.scenario === 'c') await new Promise<void>((resolve) => answers.push(resolve));
      return refuseAll(
        runs.filter(({ scenario }) => scenario === 'b'),
        'rejected',
        'too old',
      );
    };
    await start({ storage: 'disk' }, { storages, next });
    await expect.poll(() => answers).toHaveLength(1);
    const copy = memoryStorage();
    const state = await storages.disk.openState('receiver_tested', 'test');
    await (await copy.openState('receiver_tested', 'test')).update(() => state.entries(''));
    const second = create({ storage: 'disk' }, { storages: { disk: copy } });
    await second.receiver.start?.(never);
    await expect.poll(() => second.runs).toHaveLength(3);
    expect([second.replayed(), second.fresh()]).toEqual([['a', 'b'], ['c']]);
    for (const answer of answers) answer();
  });

  it('is a small row for a list, also behind very many', async () => {
    const { folder, create } = await fileReceivers();
    const lists = Array.from({ length: 20_000 }, (_, i) => `${run(`run ${i}`)}\n`);
    await folder.write({ 'a.json': lists.join('') });
    const disk = memoryStorage();
    const { receiver } = create({ storage: 'disk' }, { storages: { disk } });
    await receiver.readOnce?.(never);
    await receiver.shutdown?.(never);
    const rows = (await entriesOf(disk)).filter(([key]) => key.startsWith('run/'));
    expect(rows.reduce((sum, [, text]) => sum + text.length / 16, 0)).toBe(20_000);
    expect(Math.max(...rows.map(([, text]) => text.length))).toBeLessThanOrEqual(256 * 16);
  });

  it('is written later where the disk is full, which is said once', async () => {
    const { folder, start } = await fileReceivers();
    const kept = memoryStorage();
    let isFull = true;
    const disk = withUpdate(kept, async (write) => {
      if (isFull) throw new Error('no space left');
      await write();
    });
    await folder.write({ 'a.json': run('a') });
    const first = await start({ storage: 'disk' }, { storages: { disk } });
    await expect.poll(first.fresh).toEqual(['a']);
    await folder.write({ 'b.json': run('b') });
    await expect.poll(first.fresh).toEqual(['a', 'b']);
    await aFewLooks();
    expect(first.logs.filter((line) => line.startsWith('error')).join()).toMatch(
      /^error: which runs .* no space left$/,
    );
    expect(await entriesOf(kept)).toEqual([]);
    isFull = false;
    await expect.poll(() => first.logs.join()).toContain('is written again');
    await first.receiver.shutdown?.(never);
    const second = await start({ storage: 'disk' }, { storages: { disk } });
    await expect.poll(second.replayed).toEqual(['a', 'b']);
    expect(second.fresh()).toEqual([]);
  });
});

describe('`start_at: end`', () => {
  it('leaves out for good what is there at the first start, and reads what comes later, also between two starts', async () => {
    const { folder, start } = await fileReceivers();
    const storages = { disk: memoryStorage() };
    const config = { storage: 'disk', start_at: 'end' };
    await folder.write({ 'a.json': `${run('old')}\n{"name":"half` });
    const first = await start(config, { storages });
    await folder.write({ 'a.json': `${run('old')}\n{"name":"half written"}\n${run('a')}\n` });
    await expect.poll(first.fresh).toEqual(['half written', 'a']);
    await first.receiver.shutdown?.(never);
    await folder.write({ 'b.json': [run('old'), run('a'), run('b')].join('\n') });
    const second = await start(config, { storages });
    await expect.poll(second.fresh).toEqual(['b']);
    expect(second.replayed()).toEqual(['half written', 'a']);
  });

  it('counts as the first start until all that is left out is written', async () => {
    const { folder, start } = await fileReceivers();
    const kept = memoryStorage();
    const disk = withUpdate(kept, () => Promise.reject(new Error('no space left')));
    const config = { storage: 'disk', start_at: 'end' };
    await folder.write({ 'a.json': run('old') });
    await expect(start(config, { storages: { disk } })).rejects.toThrow('no space left');
    await folder.write({ 'b.json': run('old too') });
    const second = await start(config, { storages: { disk: kept } });
    await folder.write({ 'b.json': run('new') });
    await expect.poll(second.fresh).toEqual(['new']);
  });

  it('is the first start where nothing was there to be left out, too', async () => {
    const { folder, start } = await fileReceivers();
    const storages = { disk: memoryStorage() };
    const config = { storage: 'disk', start_at: 'end' };
    const first = await start(config, { storages });
    await first.receiver.shutdown?.(never);
    await folder.write({ 'a.json': run('a') });
    const second = await start(config, { storages });
    await expect.poll(second.fresh).toEqual(['a']);
  });

  it('leaves out what is there at each start without a storage, by what it says', async () => {
    const { folder, start } = await fileReceivers();
    await folder.write({ 'a.json': run('old') });
    const { fresh } = await start({ start_at: 'end' });
    await folder.write({ 'a.json': `${run('old')}${run('new')}`, 'b.json': run('old') });
    await expect.poll(fresh).toEqual(['new']);
    await aFewLooks();
    expect(fresh()).toEqual(['new']);
  });
});

it('is known without a storage too when the receiver is started again in the same process', async () => {
  const { folder, create, start } = await fileReceivers();
  await folder.write({ 'a.json': run('a') });
  const first = await start();
  await expect.poll(first.fresh).toEqual(['a']);
  await first.receiver.shutdown?.(never);
  const { states } = first.ctx;
  const second = create({ storage: 'same' }, { storages: { same: states(undefined) as Storage } });
  await second.receiver.start?.(never);
  await expect.poll(second.replayed).toEqual(['a']);
  expect(second.fresh()).toEqual([]);
});

describe('runs of more than 30 days ago', () => {
  const started = async (days: number, left: Record<string, string>) => {
    const { folder, start } = await fileReceivers();
    const disk = memoryStorage();
    await folder.write({ 'a.json': [run('a'), run('b')].join('\n') });
    const first = await start({ storage: 'disk' }, { storages: { disk } });
    await expect.poll(first.fresh).toEqual(['a', 'b']);
    await first.receiver.shutdown?.(never);
    const state = await disk.openState('receiver_tested', 'test');
    const day = (from: number) => String(Math.floor(from / DAY)).padStart(6, '0');
    await state.update(() =>
      state
        .entries('run/')
        .flatMap(([key, text]) => [
          [key, undefined] as const,
          [key.replace(day(Date.now()), day(Date.now() - days * DAY)), text] as const,
        ]),
    );
    await state.close();
    await folder.write(left);
    const second = await start({ storage: 'disk' }, { storages: { disk } });
    await aFewLooks();
    await second.receiver.shutdown?.(never);
    const rows = (await entriesOf(disk)).filter(([key]) => key.startsWith('run/'));
    return rows.reduce((sum, [, text]) => sum + text.length / 16, 0);
  };

  it('are forgotten once no file holds them at a start', async () => {
    expect(await started(31, { 'a.json': run('a') })).toBe(1);
    expect(await started(31, { 'a.json': `${run('b')}${run('a')}` })).toBe(2);
    expect(await started(29, { 'a.json': run('a') })).toBe(2);
  });
});

it('counts the runs that it does not hand over', async () => {
  const { folder, start } = await fileReceivers();
  await folder.write({ 'a.json': run('a'), 'b.json': `${run('a')}${run('a')}${run('b')}` });
  // Files that have just been written to are read once more.
  for (const name of ['a.json', 'b.json']) await utimes(join(folder.path, name), 1, 1);
  const { fresh, ownMetric } = await start({}, { next: () => allTaken });
  await expect.poll(fresh).toEqual(['a', 'b']);
  expect(await ownMetric('wattline_file_known_runs_total')).toBe(2);
});
