import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { createTestContext } from '../../test/kit/context.ts';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { RejectedError } from '../errors.ts';
import { Run } from '../model/run.ts';
import { fromExporter, fromProducer, transform, transformList } from './adapters.ts';
import type { Consumer } from './contract.ts';
import { allTaken, deferAll, type Outcome, refuseAll } from './outcome.ts';

const never = new AbortController().signal;

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** A producer of the SDK with one counter that stands at 3. */
function counting(): Reader {
  const reader = new Reader();
  new MeterProvider({ readers: [reader] }).getMeter('test').createCounter('requests').add(3);
  return reader;
}

const [a, b, c] = ['a', 'b', 'c'].map((scenario) => Run.of({ scenario })) as [Run, Run, Run];
const turn = () => new Promise(setImmediate);
const marked = (run: Run) => run.with({ attributes: { mark: 1 } });

describe('a processor from a step for one run', () => {
  it('hands on what the step makes of each run, in one list and in their order', async () => {
    const given: unknown[] = [];
    const sink = new MemorySink(
      (runs) => void given.push(runs.map(({ scenario, attributes }) => [scenario, attributes.mark])),
    );
    expect(await transform(sink, marked).consume([a, b], never)).toBe(allTaken);
    expect(given).toEqual([
      [
        ['a', 1],
        ['b', 1],
      ],
    ]);
  });

  it('gives the step the signal', async () => {
    const seen: unknown[] = [];
    const { signal } = new AbortController();
    await transform(new MemorySink(), (_, within) => void seen.push(within)).consume([a], signal);
    expect(seen[0]).toBe(signal);
  });

  it('drops the runs of which the step makes nothing, and hands no empty list on', async () => {
    let calls = 0;
    const sink = new MemorySink(() => void calls++);
    const processor = transform(sink, (run) => (run === a ? undefined : run));
    expect(await processor.consume([a, b], never)).toEqual(allTaken);
    expect(sink.runs).toEqual([b]);
    expect(await processor.consume([a], never)).toEqual(allTaken);
    expect(calls).toBe(1);
  });

  it.each([
    [
      'throws',
      (error: Error) => {
        throw error;
      },
    ],
    ['rejects', (error: Error) => Promise.reject(error)],
  ])(
    'refuses or defers the run alone on which the step %s',
    async (_, fail: (error: Error) => never | Promise<never>) => {
      const sink = new MemorySink();
      const broken = new Error('broken');
      const processor = transform(sink, (run) => {
        if (run === a) return fail(new RejectedError('never'));
        return run === b ? fail(broken) : run;
      });
      expect(await processor.consume([a, b, c], never)).toEqual({
        refused: [{ run: a, reason: 'rejected', message: 'never' }],
        deferred: [b],
        cause: broken,
      });
      expect(sink.runs).toEqual([c]);
    },
  );

  it('says of the runs that came what became of those that it has made of them', async () => {
    const away = new Error('away');
    const sink = new MemorySink(([first, second]) => {
      const { refused } = refuseAll(first ? [first] : [], 'bad', 'no room');
      return { refused, deferred: second ? [second] : [], cause: away };
    });
    const processor = transform(sink, (run) => (run === c ? undefined : marked(run)));
    const outcome = await processor.consume([c, a, b], never);
    expect(outcome).toEqual({ refused: [{ run: a, reason: 'bad', message: 'no room' }], deferred: [b], cause: away });
    expect([outcome.refused[0]?.run === a, outcome.deferred[0] === b]).toEqual([true, true]);
  });

  it('hands on the same object again for a run that was deferred behind it, and makes the others', async () => {
    const handed: Run[][] = [];
    const sink = new MemorySink((runs) => {
      handed.push([...runs]);
      return deferAll(
        runs.filter(({ scenario }) => handed.length === 1 && scenario !== 'b'),
        new Error('away'),
      );
    });
    const made: unknown[] = [];
    const processor = transform(sink, (run) => {
      made.push(run.scenario);
      return marked(run);
    });
    const { deferred } = await processor.consume([a, b], never);
    expect(deferred).toEqual([a]);
    expect(await processor.consume([c, a], never)).toMatchObject({ refused: [], deferred: [] });
    expect(made).toEqual(['a', 'b', 'c']);
    expect(handed[1]?.[1]).toBe(handed[0]?.[0]);
    expect(handed[1]?.map(({ scenario }) => scenario)).toEqual(['c', 'a']);
  });

  it('joins what failed in the step with what failed behind it', async () => {
    const away = new Error('away');
    const sink = new MemorySink((runs) => deferAll(runs, away));
    const processor = transform(sink, (run) => {
      if (run === a) throw new RejectedError('never');
      return marked(run);
    });
    const refused = [{ run: a, reason: 'rejected', message: 'never' }];
    expect(await processor.consume([a, b], never)).toEqual({ refused, deferred: [b], cause: away });
  });

  it('hands lists on in the order in which they came, also where the step waits', async () => {
    const gates = new Map([a, b, c].map((run) => [run, Promise.withResolvers<Run>()]));
    const sink = new MemorySink();
    const processor = transform(sink, (run) => (run === c ? run : (gates.get(run)?.promise as Promise<Run>)));
    const consumed = [a, b, c].map((run) => processor.consume([run], never));
    gates.get(b)?.resolve(b);
    await turn();
    expect(sink.runs).toEqual([]);
    gates.get(a)?.resolve(a);
    await Promise.all(consumed);
    expect(sink.runs).toEqual([a, b, c]);
  });

  it('does not wait for what is behind it before it hands the next list on', async () => {
    const gate = Promise.withResolvers<void>();
    const handed: Run[] = [];
    const next: Consumer = {
      async consume(runs) {
        handed.push(...runs);
        await gate.promise;
        return allTaken;
      },
    };
    const processor = transform(next, (run) => run);
    const consumed = [a, b].map((run) => processor.consume([run], never));
    await turn();
    expect(handed).toEqual([a, b]);
    gate.resolve();
    await Promise.all(consumed);
  });
});

describe('a processor from a step for a list', () => {
  it('is told what became of each run by what the step made of it', async () => {
    const sink = new MemorySink();
    const broken = new Error('broken');
    const processor = transformList(sink, async () => [new RejectedError('never'), broken, c]);
    expect(await processor.consume([a, b, c], never)).toEqual({
      refused: [{ run: a, reason: 'rejected', message: 'never' }],
      deferred: [b],
      cause: broken,
    });
    expect(sink.runs).toEqual([c]);
  });

  it('hands lists on in order also behind one whose step rejects', async () => {
    const sink = new MemorySink();
    const gate = Promise.withResolvers<void>();
    const processor = transformList(sink, async (runs) => {
      if (runs.includes(a)) await gate.promise;
      if (runs.includes(b)) throw new Error('fault');
      return runs;
    });
    const first = processor.consume([a], never);
    await expect(processor.consume([b], never)).rejects.toThrow('fault');
    const third = processor.consume([c], never);
    gate.resolve();
    await Promise.all([first, third]);
    expect(sink.runs).toEqual([a, c]);
  });

  it('hands nothing on where the step rejects, and goes on with the next list', async () => {
    const sink = new MemorySink();
    const fault = new Error('fault');
    const processor = transformList(sink, async (runs) => {
      if (runs.includes(a)) throw fault;
      return runs;
    });
    const consumed = [processor.consume([a], never), processor.consume([b], never)];
    expect(await Promise.allSettled(consumed)).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'fulfilled', value: allTaken },
    ]);
    expect(sink.runs).toEqual([b]);
  });

  it('rejects where what is behind it does, and goes on with the next list', async () => {
    let failures = 1;
    const fault = new Error('fault');
    const sink = new MemorySink(() => (failures-- > 0 ? Promise.reject(fault) : undefined));
    const processor = transformList(sink, async (runs) => runs);
    await expect(processor.consume([a], never)).rejects.toBe(fault);
    expect(await processor.consume([b], never)).toEqual(allTaken);
    expect(sink.runs).toEqual([b]);
  });
});

describe('an exporter from one of the SDK', () => {
  const queue = { queue_size: 1, num_consumers: 1, retry: { enabled: false } as never };
  const answering = (result: { code: number; error?: Error }) => {
    const exported: unknown[] = [];
    const exporter = fromExporter(
      () =>
        ({
          export(metrics: unknown, done: (given: typeof result) => void) {
            exported.push(metrics);
            done(result);
          },
        }) as never,
      queue,
    );
    return { exported, send: (): Promise<Outcome> => exporter.send([a], never), exporter };
  };

  it('takes one run a request, in the shape of the SDK', async () => {
    const { exported, send, exporter } = answering({ code: 0 });
    expect(exporter.queue.maxRuns).toBe(1);
    expect(await send()).toEqual(allTaken);
    expect(exported).toEqual([a]);
  });

  it('rejects a run for good only where the answer says so', async () => {
    const refusal = Object.assign(new Error('bad request'), { code: 400 });
    await expect(answering({ code: 1, error: refusal }).send()).rejects.toBeInstanceOf(RejectedError);
    await expect(answering({ code: 1, error: new Error('away') }).send()).rejects.toThrow('away');
    await expect(answering({ code: 1 }).send()).rejects.toThrow('the export failed without a reason');
  });
});

describe('a receiver from a producer', () => {
  it('hands over what is collected, at once or again and again', async () => {
    const { ctx, runs } = createTestContext();
    const receiver = fromProducer(ctx, counting(), 5);
    await receiver.readOnce?.(never);
    const [metric] = runs[0]?.scopeMetrics[0]?.metrics ?? [];
    expect(metric?.descriptor.name).toBe('requests');
    expect(metric?.dataPoints[0]?.value).toBe(3);
    await receiver.start?.(never);
    await expect.poll(() => runs.length).toBeGreaterThan(3);
    await receiver.shutdown?.(never);
    const before = runs.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(runs.length).toBe(before);
  });

  it('logs a collection that fails, and goes on', async () => {
    const messages: string[] = [];
    const logger = pino({}, { write: (line: string) => messages.push(JSON.parse(line).msg) });
    const outcomes = [
      (given: readonly Run[]) => Promise.reject(new Error(`${given.length} not now`)),
      async (given: readonly Run[]) => deferAll(given, new Error('later')),
      async (given: readonly Run[]) => refuseAll(given, 'bad', 'never'),
    ];
    const { ctx, runs } = createTestContext({ next: async (given) => outcomes.shift()?.(given) });
    const { next } = ctx;
    const receiver = fromProducer({ ...ctx, next, logger }, counting(), 1);
    await receiver.start?.(never);
    await expect.poll(() => runs.length).toBeGreaterThan(0);
    await receiver.shutdown?.(never);
    expect(messages).toEqual(['1 not now', 'later', 'never'].map((what) => `a collection failed: ${what}`));
  });
});
