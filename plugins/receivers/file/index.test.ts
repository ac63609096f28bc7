import { appendFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allTaken, deferAll, type Receiver, type Run, refuseAll, type SourceContext } from 'wattline/plugin';
import { createTestContext, type TestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { Delivery } from './delivery.ts';
import { GrowingFile } from './growing-file.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const results = (...names: string[]) => JSON.stringify({ scenarios: names.map((name) => ({ name })) });
/** What becomes of a file that is handed over in one go. */
const handOverFile = (path: string, ctx: SourceContext, signal: AbortSignal) =>
  new Delivery(ctx, { signal }).handOverFile(new GrowingFile(path), { isLast: true });
const namesOf = (runs: readonly Run[]) => runs.map(({ scenario }) => scenario);
/** Writes files as if that had been an hour ago, so that all of them are read at the first look. */
async function writeOld(files: Record<string, string>): Promise<void> {
  await folder.write(files);
  const before = new Date(Date.now() - 3_600_000);
  for (const name of Object.keys(files)) await utimes(join(folder.path, name), before, before);
}

/** Longer than a few looks at the folder. */
const aWhile = () => sleep(150);

let folder: TemporaryFolder;
const started: Receiver[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const receiver of started.splice(0)) await receiver.shutdown?.(never);
  await folder.remove();
});

interface Tested extends TestContext {
  readonly receiver: Receiver;
  names(): unknown[];
}

function create(config: object = {}, options: TestContextOptions = {}): Tested {
  const context = createTestContext({ directory: folder.path, ...options });
  const parsed = plugin.configSchema.parse({ include: ['./*.json'], poll_interval: '20ms', ...config });
  const receiver = plugin.create(context.ctx, parsed);
  started.push(receiver);
  return { ...context, receiver, names: () => namesOf(context.runs) };
}

async function start(config?: object, options?: TestContextOptions): Promise<Tested> {
  const tested = create(config, options);
  await tested.receiver.start?.(never);
  return tested;
}

it('takes a file that it stops reading for neither cut off nor unreadable', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => JSON.stringify({ name: `run ${i}`, region: 'x'.repeat(100) }));
  await folder.write({ 'long.json': lines.join('\n') });
  const stopping = new AbortController();
  const { ctx, skips } = createTestContext({ directory: folder.path });
  let taken = 0;
  const next = {
    async consume(runs: readonly Run[]) {
      if (taken === 0) setImmediate(() => stopping.abort());
      taken += runs.length;
      for (const from = performance.now(); performance.now() - from < 11; );
      return allTaken;
    },
  };
  expect(await handOverFile(join(folder.path, 'long.json'), { ...ctx, next }, stopping.signal)).toBe('stopped');
  expect(taken).toBeLessThan(20_000);
  expect(skips).toEqual([]);
});

describe('following files', () => {
  it('reads what is there by name, then new, changed, replaced and re-created files, each state once', async () => {
    await writeOld({ 'b.json': results('b'), 'a.json': results('a1', 'a2') });
    const { names, runs, logs } = await start();
    await expect.poll(names).toEqual(['a1', 'a2', 'b']);
    await aWhile();
    expect(runs.splice(0)).toHaveLength(3);
    await folder.write({ 'c.json': results('new') });
    await expect.poll(names).toEqual(['new']);
    await appendFile(join(folder.path, 'c.json'), '{"name":"more"}');
    await expect.poll(names).toEqual(['new', 'more']);
    runs.length = 0;
    await folder.write({ 'next.tmp': results('put') });
    await rename(join(folder.path, 'next.tmp'), join(folder.path, 'c.json'));
    await expect.poll(names).toEqual(['put']);
    await rm(join(folder.path, 'c.json'));
    await aWhile();
    await folder.write({ 'c.json': results('put', 'again') });
    await expect.poll(names).toEqual(['put', 'again']);
    expect(logs).toContain(`info: read 2 runs from ${join(folder.path, 'a.json')}`);
  });

  it('leaves alone what is there at the start, where it is told to begin at the end', async () => {
    await writeOld({ 'a.json': results('old') });
    const { names } = await start({ start_at: 'end' });
    await folder.write({ 'b.json': results('new') });
    await expect.poll(names).toEqual(['new']);
    await folder.write({ 'a.json': results('changed') });
    await expect.poll(names).toEqual(['new', 'changed']);
  });

  it('leaves out what is excluded, folders, and what no glob matches', async () => {
    await mkdir(join(folder.path, 'folder.json'));
    await writeOld({
      'a.json': results('a'),
      'skip-b.json': results('b'),
      'c.txt': results('c'),
      'd/d.json': results('d'),
    });
    const { names } = await start({ include: ['./*.json', 'd/*.json'], exclude: ['./skip-*'] });
    await expect.poll(names).toEqual(['a', 'd']);
  });

  it('waits for a file that is being written', async () => {
    const path = join(folder.path, 'a.json');
    await writeFile(path, '{"scenarios":[{"name":"a"}');
    const { names, skips } = await start({ poll_interval: '300ms' });
    for (const name of ['b', 'c', 'd', 'e']) {
      await sleep(100);
      await appendFile(path, `,{"name":"${name}"}`);
    }
    await appendFile(path, ']}');
    await expect.poll(names, { timeout: 5000 }).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(skips).toEqual([]);
  });

  it('does not wait for one whose time lies in the future', async () => {
    const path = join(folder.path, 'a.json');
    await writeFile(path, results('a'));
    await utimes(path, new Date(), new Date(Date.now() + 3_600_000));
    const { names } = await start();
    await expect.poll(names).toEqual(['a']);
  });

  it('says once that nothing matches, and goes on looking', async () => {
    const { names, logs } = await start();
    await aWhile();
    expect(logs).toEqual(['warn: no file matches ./*.json yet']);
    await folder.write({ 'a.json': results('a') });
    await expect.poll(names).toEqual(['a']);
  });

  it('reports what is broken once, and reads the rest', async () => {
    await writeOld({
      'a.json': '{"scenarios":[{"name":"a"},{"x":1},{"na',
      'b.json': 'nothing',
      'c.json': results('c'),
    });
    const { names, skips } = await start();
    await expect.poll(names).toEqual(['a', 'c']);
    await aWhile();
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual([
      ['run', 'no_name'],
      ['file', 'malformed'],
      ['file', 'malformed'],
    ]);
    for (const { message } of skips) expect(message).toMatch(/^.*\/[ab]\.json: /);
  });
});

describe('where the pipeline fails', () => {
  it('hands over what was deferred until all has been delivered, and nothing else twice, while other files go on', async () => {
    await writeOld({ 'a.json': results('a1', 'a2'), 'b.json': results('b') });
    let failures = 3;
    const next = async (runs: readonly Run[]) => {
      const away = runs.filter(({ scenario }) => scenario === 'a2');
      return away.length && failures-- > 0 ? deferAll(away, new Error('the server is away')) : allTaken;
    };
    const { names, logs } = await start({}, { next });
    await expect.poll(names, { timeout: 5000 }).toEqual(['a1', 'b', 'a2']);
    await aWhile();
    expect(names()).toHaveLength(3);
    const path = join(folder.path, 'a.json');
    expect(logs.filter((line) => line.startsWith('error'))).toEqual([
      `error: 1 of 2 runs of ${path} were not delivered: the server is away`,
      ...Array(2).fill(`error: still not delivered of ${path}: 1 run: the server is away`),
    ]);
  });

  it('counts what is rejected for good, and does not send it again', async () => {
    await writeOld({ 'a.json': results('a1', 'a2') });
    const next = async (runs: readonly Run[]) => {
      return refuseAll(
        runs.filter(({ scenario }) => scenario === 'a1'),
        'rejected',
        'too old',
      );
    };
    const { names, skips } = await start({}, { next });
    await expect.poll(names).toEqual(['a2']);
    await aWhile();
    expect(names()).toEqual(['a2']);
    expect(skips).toEqual([{ item: 'run', reason: 'rejected', message: `${join(folder.path, 'a.json')}: too old` }]);
  });

  it('also where a consumer throws at once', async () => {
    await writeOld({ 'a.json': results('a') });
    const { ctx, logs } = createTestContext();
    const consume = () => {
      throw new Error('at once');
    };
    const outcome = await handOverFile(join(folder.path, 'a.json'), { ...ctx, next: { consume } }, never);
    expect(outcome).toBe('read');
    expect(logs.join()).toContain('at once');
  });

  it('holds no more than 512 runs under way', async () => {
    await writeOld({ 'a.json': results(...Array.from({ length: 2000 }, (_, i) => `run ${i}`)) });
    let underWay = 0;
    let most = 0;
    const next = async (list: readonly Run[]) => {
      underWay += list.length;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= list.length;
    };
    const { receiver, runs } = create({}, { next });
    await receiver.readOnce?.(never);
    expect(runs).toHaveLength(2000);
    expect(most).toBeLessThanOrEqual(512);
  });
});

describe('an unreadable file', () => {
  it('is counted, and tried again', async () => {
    const { ctx, skips } = createTestContext();
    expect(await handOverFile(folder.path, ctx, never)).toBe('unreadable');
    expect(await handOverFile(join(folder.path, 'gone.json'), ctx, never)).toBe('unreadable');
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual(Array(2).fill(['file', 'unreadable']));
    expect(skips[0]?.message).toMatch(/cannot be read: EISDIR/);
    expect(skips[1]?.message).toMatch(/gone\.json cannot be read: ENOENT/);
  });
});

describe('reading once', () => {
  it('hands everything over before it resolves, however fresh', async () => {
    await writeOld({ 'a.json': results('a'), 'b.json': results('b') });
    const { receiver, names } = create({ poll_interval: '1h' }, { next: async () => void (await sleep(20)) });
    await receiver.readOnce?.(never);
    expect(names()).toEqual(['a', 'b']);
  });

  it('says how far it has come, in bytes of all files, and hands the runs of what it has read on before', async () => {
    const [a, b] = [results('a1', 'a2'), results('b')];
    await folder.write({ 'a.json': a, 'b.json': b });
    const total = a.length + b.length;
    const seen: unknown[] = [];
    const tested = create({}, { progress: (done, all) => seen.push([done, all, tested.runs.length]) });
    await tested.receiver.readOnce?.(never);
    expect(seen).toEqual([
      [0, total, 0],
      [a.length, total, 2],
      [total, total, 3],
    ]);
  });

  it('fails where nothing matches', async () => {
    await expect(create().receiver.readOnce?.(never)).rejects.toThrow('no file matches ./*.json');
  });
});

describe('shutting down', () => {
  it('ends in the middle of a file, also while the pipeline holds everything up', async () => {
    await writeOld({ 'a.json': results(...Array.from({ length: 5000 }, (_, i) => `run ${i}`)) });
    let taken = 0;
    const next = (runs: readonly Run[]) => {
      taken += runs.length;
      return new Promise<void>(() => {});
    };
    const { receiver, skips, logs } = await start({}, { next });
    await expect.poll(() => taken).toBeGreaterThan(256);
    await receiver.shutdown?.(never);
    expect(taken).toBeLessThanOrEqual(512);
    expect(skips).toEqual([]);
    expect(logs.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('stops looking, and may be asked twice', async () => {
    const { receiver, names } = await start();
    await receiver.shutdown?.(never);
    await receiver.shutdown?.(never);
    await folder.write({ 'a.json': results('a') });
    await aWhile();
    expect(names()).toEqual([]);
  });
});

it('refuses a configuration without globs, and looks that are too close', () => {
  const problems = (config: object) =>
    plugin.configSchema.safeParse(config).error?.issues.map(({ message }) => message);
  expect(problems({})).toHaveLength(1);
  expect(problems({ include: [] })).toHaveLength(1);
  expect(problems({ include: ['a'], poll_interval: '5ms' })).toEqual(['expected a duration of at least 10ms']);
});
