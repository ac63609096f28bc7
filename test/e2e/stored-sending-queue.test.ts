import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import fileStorage from '../../plugins/extensions/file-storage/index.ts';
import { RejectedError } from '../../src/errors.ts';
import { StoredSendingQueue } from '../../src/pipeline/stored-sending-queue.ts';
import { allTaken, figure, type Outcome, type QueuedExporter, Run } from '../../src/plugin/index.ts';
import type { QueueOptions, RetryOptions } from '../../src/plugin/push-settings.ts';
import { createTestContext } from '../kit/context.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { version1Run } from '../kit/version-1-run.ts';

const quick: RetryOptions = {
  enabled: true,
  initial_interval: 1,
  randomization_factor: 0,
  multiplier: 1,
  max_interval: 1,
  max_elapsed_time: undefined,
};
/** Pauses that no test would sit out. */
const slow: RetryOptions = { ...quick, initial_interval: 3_600_000, max_interval: 3_600_000 };
const never = new AbortController().signal;
const nameOf = ({ scenario }: Run) => String(scenario);
const run = (scenario: string | number) => Run.of({ scenario: String(scenario) });
const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
const range = (length: number) => Array.from({ length }, (_, index) => String(index));

let folder: TemporaryFolder;
const running: StoredSendingQueue[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const queue of running.splice(0)) await queue.shutdown(AbortSignal.abort());
  await folder.remove();
});

interface Options {
  readonly queue?: Partial<QueueOptions>;
  readonly awaitsDelivery?: boolean;
  readonly maxElapsedTime?: number;
  readonly stopping?: AbortSignal;
}

/** A started queue in the test's folder, and what became of its runs. */
async function startQueue(
  answer: (sent: string[], signal: AbortSignal, request: number) => Promise<void> | void,
  { queue: options, awaitsDelivery = false, maxElapsedTime = 0, stopping }: Options = {},
) {
  const requests: string[][] = [];
  const outcomes: string[] = [];
  const lines: string[] = [];
  const exporter: QueuedExporter = {
    queue: { queue_size: 10_000, num_consumers: 1, maxRuns: 1, retry: quick, ...options },
    async send(runs, signal) {
      requests.push(runs.map(nameOf));
      await answer(runs.map(nameOf), signal, requests.length);
      return allTaken;
    },
  };
  const { ctx } = createTestContext({ directory: folder.path });
  const extension = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: '.' }));
  await extension.start?.(never);
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const queue = new StoredSendingQueue(exporter, {
    logger,
    storage: extension.storage as NonNullable<typeof extension.storage>,
    name: 'exporter_test',
    awaitsDelivery,
    maxElapsedTime,
    stopping,
    skip: ({ reason }) => outcomes.push(reason),
    count: (runs, outcome) => outcomes.push(...runs.map((run) => `${nameOf(run)} ${fateOf(run, outcome)}`)),
  });
  await queue.start(never);
  running.push(queue);
  return { queue, requests, outcomes, lines };
}

/** What became of a run, in one word. */
function fateOf(run: Run, { refused, deferred }: Outcome): string {
  const refusal = refused.find((one) => one.run === run);
  if (refusal?.reason === 'rejected') return 'rejected';
  return refusal || deferred.includes(run) ? 'failed' : 'arrived';
}

const down = () => Promise.reject(new Error('down'));
const letters = () => join(folder.path, 'exporter_test.rejected');
const place = () => join(folder.path, 'exporter_test.queue');

describe('a queue on disk', () => {
  it('takes runs over while the server is away, and sends them in order when it is back', async () => {
    let isDown = true;
    const { queue, requests, outcomes } = await startQueue(() => (isDown ? down() : undefined));
    await Promise.all(range(20).map((name) => queue.consume([run(name)])));
    expect(outcomes).toEqual([]);
    expect(queue.size).toBe(20);
    requests.length = 0;
    isDown = false;
    await expect.poll(() => queue.size).toBe(0);
    expect(requests.flat().filter((name, index, all) => name !== all[index - 1])).toEqual(range(20));
    expect(outcomes).toEqual(range(20).map((name) => `${name} arrived`));
  });

  it('keeps for the next start what has not arrived, also more than it holds in memory', async () => {
    const first = await startQueue(down, { queue: { retry: slow, maxRuns: 50 } });
    await Promise.all(range(1500).map((name) => first.queue.consume([run(name)])));
    await first.queue.shutdown(never);
    expect(first.lines.at(-1)).toBe(`1500 runs not sent yet, kept in ${place()} for the next start`);
    expect(first.requests.length).toBeLessThanOrEqual(2);
    const second = await startQueue(() => {}, { queue: { maxRuns: 50 } });
    expect(second.queue.size).toBe(1500);
    await second.queue.consume([run('new')]);
    await expect.poll(() => second.queue.size).toBe(0);
    expect(second.requests.flat()).toEqual([...range(1500), 'new']);
    expect(second.lines).toEqual([`1500 runs from before will be sent first, from ${place()}`]);
    await second.queue.shutdown(never);
    expect((await startQueue(() => {})).queue.size).toBe(0);
  });

  it('delivers what Wattline 0.1.0 has written', async () => {
    const { ctx } = createTestContext({ directory: folder.path });
    const extension = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: '.' }));
    await extension.start?.(never);
    const store = await extension.storage?.openQueue('exporter_test');
    await store?.add(version1Run);
    await store?.close();
    await extension.shutdown?.(never);
    const { queue, requests } = await startQueue(() => {});
    await queue.consume([run('new')]);
    await expect.poll(() => queue.size).toBe(0);
    expect(requests.flat()).toEqual(['from before', 'new']);
  });

  it('takes in no more than it may hold, those from before and those being sent among them', async () => {
    const options = { queue: { retry: slow, queue_size: 3 } };
    const first = await startQueue(down, options);
    for (const name of range(3)) await first.queue.consume([run(name)]);
    await first.queue.shutdown(never);
    const { queue, outcomes } = await startQueue(down, options);
    await tick();
    const more = run('more');
    const outcome = await queue.consume([more]);
    expect(outcome).toMatchObject({ refused: [], cause: { message: 'the sending queue is full: 3 runs wait' } });
    expect(outcome.deferred).toEqual([more]);
    expect(outcomes).toEqual(['more failed']);
    expect([queue.size, queue.capacity]).toEqual([3, 3]);
  });

  it('puts aside what is rejected for good, counts it, and names it in the log', async () => {
    const { queue, outcomes, lines } = await startQueue(
      (sent) => {
        if (sent.includes('bad')) throw new RejectedError('no such series');
      },
      { queue: { maxRuns: 10 } },
    );
    await Promise.all(['a', 'bad', 'b'].map((name) => queue.consume([run(name)])));
    await expect.poll(() => queue.size).toBe(0);
    expect(outcomes.toSorted()).toEqual(['a arrived', 'b arrived', 'bad rejected']);
    const aside = `put aside in ${letters()} for \`wattline resend\`, though it had been acknowledged`;
    expect(lines).toEqual([`${aside}: bad: no such series`]);
    expect(await readdir(letters())).toHaveLength(1);
    await queue.shutdown(never);
    expect((await startQueue(() => {})).queue.size).toBe(0);
  });

  it('gives up only where the configuration says so', async () => {
    const retry = { ...slow, max_elapsed_time: 1000 };
    const { queue, outcomes, lines } = await startQueue(down, { queue: { retry } });
    await queue.consume([run('a')]);
    await expect.poll(() => outcomes).toEqual(['a failed']);
    expect(queue.size).toBe(0);
    expect(lines).toEqual([
      `put aside in ${letters()} for \`wattline resend\`, though it had been acknowledged: a: given up after 1 attempts: down`,
    ]);
  });

  it('keeps what cannot be put aside', async () => {
    await writeFile(letters(), 'a file in place of a folder');
    const { queue, lines, outcomes } = await startQueue(() => Promise.reject(new RejectedError('bad')));
    await queue.consume([run('a')]);
    await expect.poll(() => lines).toEqual([expect.stringMatching(/^a cannot be put aside: EEXIST.*: bad$/)]);
    expect([queue.size, outcomes]).toEqual([1, []]);
    await queue.shutdown(never);
    expect((await startQueue(down)).queue.size).toBe(1);
  });

  it('may count bytes or data points, those from before among them', async () => {
    for (const sizer of ['bytes', 'items'] as const) {
      const options = { queue: { retry: slow, sizer, queue_size: sizer === 'bytes' ? 10_000 : 10 } };
      const first = await startQueue(down, options);
      const point = figure({ name: 'cost', unit: '{USD}', description: '', scope: 'test' }, 1);
      const large = () => Run.of({ scenario: sizer, text: 'x'.repeat(3000) }, { figures: [point, point, point] });
      const taken: string[] = [];
      for (let count = 0; count < 5; count++) {
        const { deferred, cause } = await first.queue.consume([large()]);
        taken.push(deferred.length ? String(cause?.message) : 'taken');
      }
      const unit = sizer === 'bytes' ? 'bytes' : 'data points';
      const full = `the sending queue is full: ${first.queue.capacity} ${unit} wait`;
      expect(taken).toEqual(['taken', 'taken', 'taken', full, full]);
      const { size } = first.queue;
      await first.queue.shutdown(never);
      expect(first.lines.at(-1)).toContain('3 runs not sent yet');
      const second = await startQueue(down, options);
      expect(second.queue.size).toBe(size);
      await second.queue.shutdown(never);
      const third = await startQueue(() => {}, options);
      await expect.poll(() => third.queue.size).toBe(0);
      await third.queue.shutdown(never);
    }
  });

  it('refuses what comes after its end', async () => {
    const { queue } = await startQueue(() => {});
    await queue.shutdown(never);
    const late = run('late');
    const { deferred, cause } = await queue.consume([late]);
    expect([deferred, cause?.message]).toEqual([[late], 'the exporter has been stopped']);
  });

  it('may be open once at a time', async () => {
    await startQueue(() => {});
    await expect(startQueue(() => {})).rejects.toThrow(`the queue ${place()} is in use by another process`);
  });

  it('leaves its file to others where the exporter cannot start', async () => {
    const { ctx } = createTestContext({ directory: folder.path });
    const extension = fileStorage.create(ctx, fileStorage.configSchema.parse({ directory: '.' }));
    await extension.start?.(never);
    const storage = extension.storage as NonNullable<typeof extension.storage>;
    const exporter: QueuedExporter = {
      queue: { queue_size: 1, num_consumers: 1, maxRuns: 1, retry: quick },
      start: () => Promise.reject(new Error('no')),
      send: async () => allTaken,
    };
    const logger = pino({ enabled: false });
    const more = {
      logger,
      storage,
      name: 'exporter_test',
      awaitsDelivery: false,
      maxElapsedTime: 0,
      count: () => {},
      skip: () => {},
    };
    await expect(new StoredSendingQueue(exporter, more).start(never)).rejects.toThrow('no');
    await startQueue(() => {});
  });
});

describe('stopping', () => {
  it('sends on while that works', async () => {
    const { queue, requests } = await startQueue(tick);
    await Promise.all(range(10).map((name) => queue.consume([run(name)])));
    await queue.shutdown(never);
    expect(requests.flat()).toEqual(range(10));
    expect(queue.size).toBe(0);
  });

  it('ends with the first failure, and at its deadline', async () => {
    const first = await startQueue((sent) => (sent.includes('3') ? down() : tick()));
    await Promise.all(range(10).map((name) => first.queue.consume([run(name)])));
    await first.queue.shutdown(never);
    expect(first.queue.size).toBe(7);
    const second = await startQueue(
      (_, signal) => new Promise<void>((__, fail) => signal.addEventListener('abort', fail)),
    );
    await tick();
    const deadline = new AbortController();
    const stopped = second.queue.shutdown(deadline.signal);
    deadline.abort();
    await stopped;
    const third = await startQueue(() => {});
    await expect.poll(() => third.queue.size).toBe(0);
    expect(third.requests.flat()).toEqual(range(10).slice(3));
  });

  it('takes runs over until the end, though all of Wattline stops', async () => {
    const stopping = new AbortController();
    const { queue } = await startQueue(down, { queue: { retry: slow }, stopping: stopping.signal });
    await queue.consume([run('a')]);
    stopping.abort();
    await queue.consume([run('b')]);
    await queue.shutdown(never);
    const next = await startQueue(() => {});
    await expect.poll(() => next.requests).toEqual([['a'], ['b']]);
  });
});

describe('a queue that is to deliver before the end', () => {
  const once = { awaitsDelivery: true, maxElapsedTime: 1000 };

  it('says what did not arrive, and keeps it; at the next start that comes first', async () => {
    const first = await startQueue(down, { ...once, queue: { retry: slow, maxRuns: 10 } });
    const kept = `given up after 1 attempts: down; kept in ${place()}, and sent at the next start`;
    const { refused, deferred, cause } = await first.queue.consume([run('a')]);
    expect([refused, deferred.map(nameOf), cause?.message]).toEqual([[], ['a'], kept]);
    expect(first.outcomes).toEqual(['a failed']);
    await first.queue.shutdown(never);
    const second = await startQueue(() => {}, once);
    await second.queue.consume([run('b')]);
    expect(second.requests).toEqual([['a'], ['b']]);
    expect(await second.queue.leftovers()).toEqual([allTaken]);
  });

  it('hands a rejection back in place of a line in the log', async () => {
    const reject = () => Promise.reject(new RejectedError('bad'));
    const { queue, lines, outcomes } = await startQueue(reject, once);
    const bad = run('a');
    expect(await queue.consume([bad])).toEqual({
      refused: [{ run: bad, reason: 'rejected', message: 'bad' }],
      deferred: [],
    });
    expect([outcomes, lines, queue.size]).toEqual([['a rejected'], [], 0]);
  });

  it('tells what became of the runs from before', async () => {
    const first = await startQueue(down, { queue: { retry: slow } });
    for (const name of ['a', 'bad', 'c']) await first.queue.consume([run(name)]);
    await first.queue.shutdown(never);
    const { queue } = await startQueue(
      (sent) => {
        if (sent.includes('bad')) throw new RejectedError('bad is bad');
        if (sent.includes('c')) throw new Error('not now');
      },
      { ...once, queue: { retry: slow } },
    );
    const fates = await queue.leftovers();
    expect(fates.map(({ refused, cause }) => refused[0]?.message ?? cause?.message ?? 'arrived')).toEqual([
      'arrived',
      'bad is bad',
      `given up after 1 attempts: not now; kept in ${place()}, and sent at the next start`,
    ]);
    expect(queue.size).toBe(1);
  });
});

describe('an entry that cannot be read', () => {
  it('is counted, named and put aside, and the others arrive', async () => {
    const first = await startQueue(down, { queue: { retry: slow } });
    for (const name of ['a', 'b', 'c']) await first.queue.consume([run(name)]);
    await first.queue.shutdown(never);
    const gate = Promise.withResolvers<void>();
    const { queue, requests, lines, outcomes } = await startQueue(() => gate.promise);
    await expect.poll(() => requests).toEqual([['a']]);
    const records = join(place(), '0000000000000001.records');
    const bytes = await readFile(records);
    const middle = Math.floor(bytes.length / 2);
    await writeFile(records, bytes.fill(0xa5, middle, middle + 10));
    gate.resolve();
    await expect.poll(() => queue.size).toBe(0);
    expect(requests).toEqual([['a'], ['c']]);
    expect(lines).toContain(
      `an acknowledged run, entry 2 of ${place()}, cannot be read back and is put aside: it is damaged`,
    );
    expect(outcomes).toEqual(['a arrived', 'unreadable', 'c arrived']);
    await queue.shutdown(never);
    expect((await startQueue(() => {})).queue.size).toBe(0);
  });
});
