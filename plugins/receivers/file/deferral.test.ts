import { expect, it } from 'vitest';
import { allTaken, deferAll, type Outcome, type Run, transform } from 'wattline/plugin';
import { fanOut } from '../../../src/pipeline/fan-out.ts';
import { aFewLooks, fileReceivers } from '../../../test/kit/file-receiver.ts';
import { MemorySink } from '../../../test/kit/memory-sink.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';

const never = new AbortController().signal;
const lines = (count: number) => Array.from({ length: count }, (_, i) => `{"name":"run ${i}"}\n`).join('');
const away = new Error('the server is away');
const namesOf = (runs: readonly Run[]) => runs.map(({ scenario }) => scenario);

it('sends each run once to the branch of a fan-out that takes it, while another one defers it again and again', async () => {
  const { folder, start } = await fileReceivers();
  await folder.write({ 'a.json': lines(600) });
  let failures = 5;
  const one = new MemorySink();
  const other = new MemorySink((runs) => (failures-- > 0 ? deferAll(runs, away) : allTaken));
  const head = transform(fanOut([one, other]), (run) => run.with({ attributes: { mark: 1 } }));
  const { receiver } = await start({}, { next: (runs, signal) => head.consume(runs, signal) });
  const taken = () => [one, other].map(({ runs }) => new Set(namesOf(runs)).size);
  await expect.poll(taken, { timeout: 10_000 }).toEqual([600, 600]);
  await receiver.shutdown?.(never);
  expect([one.runs.length, other.runs.length]).toEqual([600, 600]);
});

it('holds no more than 512 runs beside those under way, of all files, and hands over all once it can', async () => {
  const { folder, start } = await fileReceivers();
  await folder.write({ 'a.json': lines(3000), 'b.json': '{"name":"other"}' });
  const handed = new Set<Run>();
  let isAway = true;
  const next = (runs: readonly Run[]): Outcome => {
    for (const run of runs) handed.add(run);
    return isAway ? deferAll(runs, away) : allTaken;
  };
  const { fresh, logs } = await start({}, { next });
  await expect.poll(() => handed.size).toBeGreaterThanOrEqual(512);
  await aFewLooks();
  expect(handed.size).toBeLessThanOrEqual(1024);
  isAway = false;
  await expect.poll(() => fresh().length, { timeout: 10_000 }).toBe(3001);
  expect(new Set(fresh()).size).toBe(3001);
  expect(logs.filter((line) => line.startsWith('error'))[0]).toContain('the server is away');
});

it('goes on with other files while there is room', async () => {
  const { folder, start } = await fileReceivers();
  await folder.write({ 'a.json': '{"name":"a"}', 'b.json': '{"name":"b"}' });
  const next = (runs: readonly Run[]) =>
    deferAll(
      runs.filter(({ scenario }) => scenario === 'a'),
      away,
    );
  const { fresh } = await start({}, { next });
  await expect.poll(fresh).toEqual(['b']);
  await folder.write({ 'c.json': '{"name":"c"}' });
  await expect.poll(fresh).toEqual(['b', 'c']);
});

it('sends what was deferred and then stopped after a restart, as new', async () => {
  const { folder, start } = await fileReceivers();
  const storages = { disk: memoryStorage() };
  await folder.write({ 'a.json': lines(3) });
  const next = (runs: readonly Run[]) =>
    deferAll(
      runs.filter(({ scenario }) => scenario === 'run 1'),
      away,
    );
  const first = await start({ storage: 'disk' }, { storages, next });
  await expect.poll(first.fresh).toEqual(['run 0', 'run 2']);
  await first.receiver.shutdown?.(never);
  const second = await start({ storage: 'disk' }, { storages });
  await expect.poll(second.replayed).toEqual(['run 0', 'run 2']);
  expect(second.fresh()).toEqual(['run 1']);
});

it('takes for known what was taken while it stopped', async () => {
  const { folder, start } = await fileReceivers();
  const storages = { disk: memoryStorage() };
  await folder.write({ 'a.json': lines(3) });
  const answer = Promise.withResolvers<Outcome>();
  const first = await start({ storage: 'disk' }, { storages, next: () => answer.promise });
  await aFewLooks();
  const stopping = first.receiver.shutdown?.(never);
  setTimeout(() => answer.resolve(allTaken), 100);
  await stopping;
  const second = await start({ storage: 'disk' }, { storages });
  await expect.poll(second.replayed).toHaveLength(3);
  expect(second.fresh()).toEqual([]);
});
