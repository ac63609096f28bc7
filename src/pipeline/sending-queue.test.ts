import fc from 'fast-check';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { BlockedError, DoubtfulError, LaterError, RejectedError } from '../errors.ts';
import { allTaken, figure, type Outcome, type QueuedExporter, Run, refuseAll } from '../plugin/index.ts';
import type { QueueOptions, RetryOptions } from '../plugin/push-settings.ts';
import type { OutcomeCount } from './point-counts.ts';
import { SendingQueue, type SendingQueueOptions } from './sending-queue.ts';

const quick: RetryOptions = {
  enabled: true,
  initial_interval: 1,
  randomization_factor: 0,
  multiplier: 1,
  max_interval: 1,
  max_elapsed_time: 0,
};
/** Pauses that no test would sit out. */
const slow: RetryOptions = { ...quick, initial_interval: 3_600_000, max_interval: 3_600_000 };

const run = (scenario: string | number) => Run.of({ scenario: String(scenario) });
const names = (runs: readonly Run[]) => runs.map(({ scenario }) => String(scenario));
/** What became of a single run, in words. */
const outcome = async (consumed: Promise<Outcome>) => {
  const { refused, deferred, cause } = await consumed;
  if (deferred.length) return cause?.message;
  return refused.length ? `refused: ${refused[0]?.message}` : 'arrived';
};
const tick = () => new Promise(setImmediate);
const never = new AbortController().signal;

const unhandled: unknown[] = [];
const noteUnhandled = (reason: unknown) => void unhandled.push(reason);
process.on('unhandledRejection', noteUnhandled);
afterEach(async () => {
  await tick();
  expect(unhandled).toEqual([]);
});

/** An outcome or a promise of one; nothing is that all was taken. */
type Answer = (sent: string[], signal: AbortSignal, request: number, runs: readonly Run[]) => unknown;

/** A queue before an exporter that notes the runs of each request and then does what `answer` says. */
function queueOf(answer: Answer, options: Partial<QueueOptions> = {}, more: Partial<SendingQueueOptions> = {}) {
  const requests: string[][] = [];
  const lines: string[] = [];
  const calls: string[] = [];
  const exporter: QueuedExporter = {
    queue: { queue_size: 100, num_consumers: 1, maxRuns: 10, retry: quick, ...options },
    async start() {
      calls.push('start');
    },
    async send(runs, signal) {
      requests.push(names(runs));
      const answered = (await answer(names(runs), signal, requests.length, runs)) as Outcome | undefined;
      return answered ?? allTaken;
    },
    async shutdown() {
      calls.push('shutdown');
    },
  };
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const queue = new SendingQueue(exporter, { logger, maxElapsedTime: 0, ...more });
  return { queue, requests, lines, calls };
}

describe('sending', () => {
  it('puts what comes at once into requests of the agreed size, in order', async () => {
    const { queue, requests } = queueOf(() => {}, { maxRuns: 3 });
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => queue.consume([run(n)])));
    expect(requests).toEqual([['1', '2', '3'], ['4', '5', '6'], ['7']]);
  });

  it('gathers what comes while a request is under way', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue, requests } = queueOf((_, __, request) => (request === 1 ? gate.promise : undefined));
    const first = queue.consume([run('a')]);
    await tick();
    const others = ['b', 'c', 'd'].map((name) => queue.consume([run(name)]));
    await tick();
    expect(requests).toEqual([['a']]);
    gate.resolve();
    await Promise.all([first, ...others]);
    expect(requests).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('has at most the agreed number of requests under way', async () => {
    let open = 0;
    let most = 0;
    const { queue } = queueOf(
      async () => {
        most = Math.max(most, ++open);
        await tick();
        open--;
      },
      { num_consumers: 3, maxRuns: 1 },
    );
    await Promise.all(Array.from({ length: 20 }, (_, n) => queue.consume([run(n)])));
    expect(most).toBe(3);
  });

  it('resolves each run only when its request has been answered', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue } = queueOf((sent) => (sent.includes('slow') ? gate.promise : undefined), {
      num_consumers: 2,
      maxRuns: 1,
    });
    let arrived = false;
    const waiting = queue.consume([run('slow')]).then(() => {
      arrived = true;
    });
    await queue.consume([run('fast')]);
    expect(arrived).toBe(false);
    gate.resolve();
    await waiting;
  });

  it('refuses what would not fit, at once and for now', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue } = queueOf(() => gate.promise, { queue_size: 2, maxRuns: 1 });
    const sending = queue.consume([run('sending')]);
    await tick();
    const waiting = [queue.consume([run('first')]), queue.consume([run('second')])];
    const third = run('third');
    const cause = new Error('the sending queue is full: 2 runs wait');
    expect(await queue.consume([third])).toEqual({ refused: [], deferred: [third], cause });
    expect(queue.size).toBe(2);
    gate.resolve();
    await Promise.all([sending, ...waiting]);
    await queue.consume([run('third')]);
    expect(queue.size).toBe(0);
  });
});

describe('a queue that counts', () => {
  const point = figure({ name: 'cost', unit: '{USD}', description: '', scope: 'test' }, 1);
  const runOf = (points: number) => Run.of({}, { figures: Array(points).fill(point) });

  it('data points takes lists up to that many', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue } = queueOf(() => gate.promise, { queue_size: 10, sizer: 'items', maxRuns: 1 });
    const taken = [queue.consume([runOf(100)])];
    await tick();
    taken.push(queue.consume([runOf(4), runOf(3)]), queue.consume([runOf(3)]));
    expect(queue.size).toBe(10);
    const { cause } = await queue.consume([runOf(1)]);
    expect(cause?.message).toBe('the sending queue is full: 10 data points wait');
    gate.resolve();
    expect(await Promise.all(taken)).toEqual([allTaken, allTaken, allTaken]);
    expect(queue.size).toBe(0);
  });

  it('bytes keeps within them, however few runs they are', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue } = queueOf(() => gate.promise, { queue_size: 1_000_000, sizer: 'bytes', maxRuns: 1 });
    const large = () => Run.of({ text: 'x'.repeat(100_000) });
    const lists = [queue.consume([large()])];
    await tick();
    for (let count = 0; count < 20; count++) lists.push(queue.consume([large()]));
    await tick();
    expect(queue.size).toBeGreaterThan(800_000);
    expect(queue.size).toBeLessThanOrEqual(1_000_000);
    gate.resolve();
    const outcomes = await Promise.all(lists);
    const full = outcomes.findLast(({ deferred }) => deferred.length > 0);
    expect(full?.cause?.message).toBe('the sending queue is full: 1000000 bytes wait');
    expect(outcomes.filter(({ deferred }) => deferred.length === 0)).toHaveLength(10);
  });
});

describe('a request that fails', () => {
  it('is sent again until it arrives, with a word in the log each time', async () => {
    const { queue, requests, lines } = queueOf((_, __, request) => {
      if (request < 4) throw new Error(`down ${request}`);
    });
    await Promise.all([queue.consume([run('a')]), queue.consume([run('b')])]);
    expect(requests).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(lines).toEqual([1, 2, 3].map((n) => `could not send, will try again: down ${n}`));
  });

  it('is not sent again before the server has asked to', async () => {
    const begun = performance.now();
    const { queue, requests } = queueOf((_sent, _signal, request) => {
      if (request === 1) throw new LaterError('busy', 200);
    });
    expect(await outcome(queue.consume([run(1)], never))).toBe('arrived');
    expect(requests).toHaveLength(2);
    // Timers may be a millisecond early.
    expect(performance.now() - begun).toBeGreaterThan(190);
  });

  it('is given up after the agreed time, for who may try again', async () => {
    const { queue, requests } = queueOf(() => Promise.reject(new Error('down')), {
      retry: { ...slow, max_elapsed_time: 1000 },
    });
    const given = run('a');
    const { refused, deferred, cause } = await queue.consume([given]);
    expect([refused, deferred]).toEqual([[], [given]]);
    expect(cause).toMatchObject({ message: 'given up after 1 attempts: down', cause: { message: 'down' } });
    expect(requests).toHaveLength(1);
  });

  it('is given up after the default time where its own is not set', async () => {
    const retry = { ...slow, max_elapsed_time: undefined };
    const { queue } = queueOf(() => Promise.reject(new Error('down')), { retry }, { maxElapsedTime: 1000 });
    expect(await outcome(queue.consume([run('a')]))).toBe('given up after 1 attempts: down');
  });

  it('is not sent again where retries are switched off', async () => {
    const { queue, requests, lines } = queueOf(() => Promise.reject(new Error('down')), {
      retry: { ...quick, enabled: false },
    });
    expect(await outcome(queue.consume([run('a')]))).toBe('down');
    expect([requests.length, lines.length]).toEqual([1, 0]);
  });

  it('does not hold up other requests', async () => {
    const { queue } = queueOf((sent) => (sent.includes('stuck') ? Promise.reject(new Error('down')) : undefined), {
      num_consumers: 2,
      maxRuns: 1,
      retry: slow,
    });
    const stuck = outcome(queue.consume([run('stuck')]));
    for (const name of ['a', 'b', 'c']) await queue.consume([run(name)]);
    await queue.shutdown(never);
    expect(await stuck).toBe('down');
  });
});

describe('a list of runs', () => {
  const list = (...scenarios: string[]) => scenarios.map(run);

  it('is settled when each of its runs is, whatever requests they were sent in', async () => {
    const { queue, requests } = queueOf(
      (sent) => (sent.includes('c') ? Promise.reject(new Error('down')) : undefined),
      {
        maxRuns: 2,
        retry: { ...quick, enabled: false },
      },
    );
    const runs = list('a', 'b', 'c');
    const cause = new Error('down');
    expect(await queue.consume(runs)).toEqual({ refused: [], deferred: [runs[2]], cause });
    expect(requests).toEqual([['a', 'b'], ['c']]);
    expect(await queue.consume([])).toEqual(allTaken);
  });

  it('is taken whole or deferred whole, so that nothing of it is sent twice', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue, requests } = queueOf(() => gate.promise, { queue_size: 3, maxRuns: 1 });
    const sending = queue.consume([run('sending')]);
    await tick();
    const waiting = queue.consume([run('waiting')]);
    const runs = list('a', 'b', 'c');
    const cause = new Error('the sending queue is full: 3 runs wait');
    expect(await queue.consume(runs)).toEqual({ refused: [], deferred: runs, cause });
    gate.resolve();
    await Promise.all([sending, waiting]);
    expect(await queue.consume(runs)).toEqual(allTaken);
    expect(requests.flat()).toEqual(['sending', 'waiting', 'a', 'b', 'c']);
  });

  it('that is longer than the queue is taken where nothing waits', async () => {
    const { queue, requests } = queueOf(() => {}, { queue_size: 2 });
    expect(await queue.consume(list('a', 'b', 'c'))).toEqual(allTaken);
    expect(requests).toEqual([['a', 'b', 'c']]);
  });

  it('loses those runs alone that the exporter refuses, and has those sent again that it defers', async () => {
    const { queue, requests, lines } = queueOf((_, __, request, [first, second, ...others]) => {
      if (request > 1) return allTaken;
      const { refused } = refuseAll(first ? [first] : [], 'bad', 'never');
      return { refused, deferred: second ? [second] : others, cause: new Error('busy') };
    });
    const runs = list('a', 'b', 'c');
    const refused = [{ run: runs[0], reason: 'bad', message: 'never' }];
    expect(await queue.consume(runs)).toMatchObject({ refused, deferred: [] });
    expect(requests).toEqual([['a', 'b', 'c'], ['b']]);
    expect(lines).toEqual(['could not send, will try again: busy']);
  });

  it('has its last reason where nobody tries again', async () => {
    const { queue } = queueOf((_, __, ___, runs) => ({ refused: [], deferred: runs }), {
      retry: { ...quick, enabled: false },
    });
    const cause = new Error('the exporter does not say why');
    const runs = list('a', 'b');
    expect(await queue.consume(runs)).toEqual({ refused: [], deferred: runs, cause });
  });
});

describe('a request that is rejected', () => {
  it('is split until only the guilty runs are rejected', async () => {
    const cases = fc.record({
      guilty: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      maxRuns: fc.integer({ min: 1, max: 16 }),
      consumers: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ guilty, maxRuns, consumers }) => {
        const accepted: string[] = [];
        const { queue } = queueOf(
          (sent) => {
            if (sent.some((name) => guilty[Number(name)])) throw new RejectedError('bad');
            accepted.push(...sent);
          },
          { maxRuns, num_consumers: consumers },
        );
        const fates = await Promise.all(guilty.map((_, n) => outcome(queue.consume([run(n)]))));
        expect(fates).toEqual(guilty.map((bad) => (bad ? 'refused: bad' : 'arrived')));
        const innocent = guilty.flatMap((bad, n) => (bad ? [] : [String(n)]));
        expect(accepted.sort()).toEqual(innocent.sort());
      }),
    );
  });

  it('asks for few more requests where one run is guilty', async () => {
    const { queue, requests } = queueOf(
      (sent) => {
        if (sent.includes('37')) throw new RejectedError('bad');
      },
      { maxRuns: 64 },
    );
    await queue.consume(Array.from({ length: 64 }, (_, n) => run(n)));
    expect(requests).toHaveLength(1 + 2 * Math.log2(64));
  });

  it('of points is counted with the lists of the request, and no list loses more than it has', async () => {
    const point = figure({ name: 'cost', unit: '{USD}', description: '', scope: 'test' }, 1);
    const runOf = (points: number) => Run.of({}, { figures: Array(points).fill(point) });
    const counted: [runs: number, rejected: number | undefined][] = [];
    const count: OutcomeCount = (runs, _, rejected) => void counted.push([runs.length, rejected]);
    const { queue } = queueOf(() => ({ ...allTaken, rejectedPoints: 4 }), {}, { count });
    const lists = [[runOf(1), runOf(2)], [runOf(3)], [runOf(5)]];
    expect(await Promise.all(lists.map((runs) => queue.consume(runs)))).toEqual([allTaken, allTaken, allTaken]);
    expect(counted).toEqual([
      [2, 3],
      [1, 1],
      [1, 0],
    ]);
  });

  it('is not sent again where it is one run, and the rest still is', async () => {
    let down = true;
    const { queue, requests } = queueOf((sent) => {
      if (sent.includes('bad')) throw new RejectedError('bad');
      if (down) {
        down = false;
        throw new Error('down');
      }
    });
    expect(await Promise.all(['bad', 'good'].map((name) => outcome(queue.consume([run(name)]))))).toEqual([
      'refused: bad',
      'arrived',
    ]);
    expect(requests).toEqual([['bad', 'good'], ['bad'], ['good'], ['good']]);
  });
});

describe('a server that takes nothing until somebody mends something', () => {
  it('gets whole requests again until it takes them, and what is to be mended is told until then', async () => {
    const told: (string | undefined)[] = [];
    const { queue, requests } = queueOf(
      (_, __, request) => {
        if (request < 4) throw new BlockedError('wrong token');
      },
      { maxRuns: 500, queue_size: 500 },
      { onBlocked: (error) => void told.push(error?.message) },
    );
    expect(await queue.consume(Array.from({ length: 500 }, (_, n) => run(n)))).toEqual(allTaken);
    expect(requests.map(({ length }) => length)).toEqual([500, 500, 500, 500]);
    expect(told).toEqual(['wrong token', 'wrong token', 'wrong token', undefined]);
  });

  it('is given up after the agreed time, for who may try again', async () => {
    const { queue, requests } = queueOf(() => Promise.reject(new BlockedError('wrong token')), {
      retry: { ...slow, max_elapsed_time: 1000 },
    });
    const { refused, deferred, cause } = await queue.consume([run('a'), run('b')]);
    expect([refused, names(deferred), cause?.message]).toEqual([
      [],
      ['a', 'b'],
      'given up after 1 attempts: wrong token',
    ]);
    expect(requests).toHaveLength(1);
  });
});

describe('a request that may be at fault, or its server', () => {
  it('loses those runs that the server does not take though it goes on to take others, whatever their order', async () => {
    const cases = fc.record({
      large: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      maxRuns: fc.integer({ min: 1, max: 16 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ large, maxRuns }) => {
        const { queue } = queueOf(
          (sent) => {
            if (sent.some((name) => large[Number(name)])) throw new DoubtfulError('too large');
          },
          { maxRuns, num_consumers: 2 },
        );
        const fates = Promise.all(large.map((_, n) => outcome(queue.consume([run(n)]))));
        let isSettled = false;
        fates.finally(() => {
          isSettled = true;
        });
        for (let tries = 0; !isSettled && tries < 500; tries++) {
          await queue.consume([run('small')]);
          await tick();
        }
        expect(await fates).toEqual(large.map((bad) => (bad ? 'refused: too large' : 'arrived')));
      }),
    );
  });

  it('loses none where the server takes nothing at all, for however long', async () => {
    const { queue, requests } = queueOf((_, __, request) => {
      if (request <= 50) throw new DoubtfulError('too large');
    });
    expect(await queue.consume([run('a'), run('b'), run('c')])).toEqual(allTaken);
    expect(requests.length).toBeGreaterThan(50);
  });
});

describe('a list that its sender gives up', () => {
  const gone = new DOMException('the sender has gone', 'NetworkError');

  it('is deferred at once and sent no more, be it in the queue or in a pause, and others are', async () => {
    const stuck = { retry: slow, maxRuns: 2 };
    let isDown = true;
    const { queue, requests } = queueOf(() => (isDown ? Promise.reject(new Error('down')) : undefined), stuck);
    const sender = new AbortController();
    const given = ['a', 'c'].map(run);
    const list = queue.consume([given[0] as Run], sender.signal);
    const other = queue.consume([run('b')]);
    await tick();
    const waiting = queue.consume([given[1] as Run], sender.signal);
    const last = queue.consume([run('d')]);
    await tick();
    expect(queue.size).toBe(2);
    sender.abort(gone);
    expect(await list).toEqual({ refused: [], deferred: [given[0]], cause: gone });
    expect(await waiting).toEqual({ refused: [], deferred: [given[1]], cause: gone });
    expect(queue.size).toBe(1);
    isDown = false;
    await queue.shutdown(never);
    expect([await other, await last]).toEqual([allTaken, allTaken]);
    expect(requests).toEqual([['a', 'b'], ['b'], ['d']]);
  });

  it('is settled by the request that is under way with it, which is not followed by another', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { queue, requests } = queueOf((_, __, request) => gates[request - 1]?.promise, { maxRuns: 1 });
    for (const [index, gate] of gates.entries()) {
      const sender = new AbortController();
      const list = outcome(queue.consume([run(index)], sender.signal));
      await expect.poll(() => requests.length).toBe(index + 1);
      sender.abort(gone);
      if (index === 0) gate.resolve();
      else gate.reject(new Error('down'));
      expect(await list).toBe(index === 0 ? 'arrived' : 'down');
    }
    await tick();
    expect(requests).toHaveLength(2);
  });

  it('is not sent where that is so from the beginning', async () => {
    const { queue, requests } = queueOf(() => {});
    expect(await outcome(queue.consume([run('a')], AbortSignal.abort(gone)))).toBe('the sender has gone');
    await queue.shutdown(never);
    expect(requests).toEqual([]);
  });

  it('is sent once more where all of Wattline stops', async () => {
    const stopping = new AbortController();
    const { queue, requests } = queueOf(() => {});
    const list = outcome(queue.consume([run('a')], stopping.signal));
    stopping.abort();
    await queue.shutdown(never);
    expect([await list, requests]).toEqual(['arrived', [['a']]]);
  });
});

describe('stopping', () => {
  it('starts and stops the exporter', async () => {
    const { queue, calls } = queueOf(() => {});
    await queue.start(never);
    await queue.shutdown(never);
    expect(calls).toEqual(['start', 'shutdown']);
  });

  it('sends what waits before the exporter stops', async () => {
    const { queue, requests, calls } = queueOf(
      async () => {
        await tick();
        expect(calls).toEqual([]);
      },
      { num_consumers: 2, maxRuns: 2 },
    );
    const all = Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => queue.consume([run(n)])));
    await queue.shutdown(never);
    await all;
    expect(requests.flat()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(calls).toEqual(['shutdown']);
  });

  it('cuts pauses short for one last attempt', async () => {
    const { queue, requests } = queueOf(
      (_, __, request) => {
        if (request === 1) throw new Error('down');
      },
      { retry: slow },
    );
    const fate = outcome(queue.consume([run('a')]));
    await tick();
    await tick();
    expect(requests).toHaveLength(1);
    await queue.shutdown(never);
    expect(await fate).toBe('arrived');
  });

  it('gives each run one last attempt, and no more', async () => {
    const { queue, requests } = queueOf(() => Promise.reject(new Error('down')), { retry: slow, maxRuns: 1 });
    const fates = Promise.all(['a', 'b', 'c'].map((name) => outcome(queue.consume([run(name)]))));
    await tick();
    await tick();
    await queue.shutdown(never);
    expect(await fates).toEqual(['down', 'down', 'down']);
    expect(requests).toEqual([['a'], ['a'], ['b'], ['c']]);
  });

  it('needs no shutdown to hurry where all of Wattline stops, and still takes data then', async () => {
    const stopping = new AbortController();
    const { queue } = queueOf(() => Promise.reject(new Error('down')), { retry: slow }, { stopping: stopping.signal });
    const fate = outcome(queue.consume([run('a')]));
    await tick();
    stopping.abort();
    expect(await fate).toBe('down');
    expect(await outcome(queue.consume([run('b')]))).toBe('down');
  });

  it('takes nothing more', async () => {
    const { queue } = queueOf(() => {});
    await queue.shutdown(never);
    expect(await outcome(queue.consume([run('a')]))).toBe('the exporter has been stopped');
  });

  it('ends requests under way at its deadline, and gives up what waits', async () => {
    const deadline = new AbortController();
    const { queue, requests, calls } = queueOf(
      (_, signal) => new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('cut')))),
      { maxRuns: 1 },
    );
    const fates = Promise.all(['a', 'b', 'c'].map((name) => outcome(queue.consume([run(name)]))));
    await tick();
    const stopped = queue.shutdown(deadline.signal);
    await tick();
    deadline.abort();
    await stopped;
    expect(await fates).toEqual(['cut', 'stopped before it could be sent', 'stopped before it could be sent']);
    expect(requests).toEqual([['a']]);
    expect(calls).toEqual(['shutdown']);
  });

  it('gives up at once where its deadline has passed before', async () => {
    const { queue, requests } = queueOf(() => {});
    const fate = outcome(queue.consume([run('a')]));
    await queue.shutdown(AbortSignal.abort());
    expect(await fate).toBe('stopped before it could be sent');
    expect(requests).toEqual([]);
  });
});
