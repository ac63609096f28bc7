import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { Secrets } from '../model/secrets.ts';
import type { Consumer } from '../plugin/contract.ts';
import { allTaken, deferAll, messageOf, type Outcome, Run, refuseAll, transform } from '../plugin/index.ts';
import { Destination, type DestinationOptions, Edge } from './edge.ts';
import type { OutcomeCount } from './point-counts.ts';
import { StageFailures, StageHealth } from './stage-health.ts';

const [a, b, c] = ['a', 'b', 'c'].map((scenario) => Run.of({ scenario })) as [Run, Run, Run];
const { signal } = new AbortController();
const turn = () => new Promise(setImmediate);

function connected(edge: Edge, target: Consumer, options?: DestinationOptions): Edge {
  edge.connect(new Destination(target, options));
  return edge;
}

describe('a stage that keeps what it was handed', () => {
  it('is not handed replayed runs, and counts none of them', async () => {
    const counted: number[] = [];
    const sink = new MemorySink();
    const options = { withholdsReplays: true, outcomes: (runs: readonly Run[]) => void counted.push(runs.length) };
    const stage = new Destination(sink, options);
    expect(await stage.take([a.asReplayed()], signal)).toBe(allTaken);
    expect(await stage.take([a.asReplayed(), b, c.asReplayed()], signal)).toEqual(allTaken);
    expect([sink.runs, counted]).toEqual([[b], [1]]);
  });

  it('leaves the others to stages that keep nothing', async () => {
    const sink = new MemorySink();
    const again = a.asReplayed();
    await new Destination(sink).take([again, b], signal);
    expect(sink.runs).toEqual([again, b]);
  });
});

describe('an edge', () => {
  it('hands over to what is connected when runs come, and lets those under way be', async () => {
    const gate = Promise.withResolvers<void>();
    const [first, second] = [new MemorySink(() => gate.promise), new MemorySink()];
    const edge = connected(new Edge(), first);
    const consumed = edge.consume([a], signal);
    connected(edge, second);
    expect(await edge.consume([b], signal)).toEqual(allTaken);
    expect([first.runs, second.runs]).toEqual([[], [b]]);
    gate.resolve();
    expect(await consumed).toEqual(allTaken);
    expect(first.runs).toEqual([a]);
  });

  it('hands over the very list and signal that came, and nothing where there is no run', async () => {
    const seen: unknown[][] = [];
    const edge = connected(new Edge(), new MemorySink((...given) => void seen.push(given)));
    const runs = [a, b];
    await edge.consume(runs, signal);
    expect(await edge.consume([], signal)).toBe(allTaken);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.[0]).toBe(runs);
    expect(seen[0]?.[1]).toBe(signal);
  });

  it('says why without secrets, also those of causes', async () => {
    const secrets = new Secrets();
    secrets.add('the-token');
    const cause = new Error('it failed', { cause: new Error('said the-token') });
    const refused = [{ run: a, reason: 'bad', message: 'said the-token' }];
    const edge = connected(new Edge({ secrets }), new MemorySink(() => ({ refused, deferred: [b], cause })));
    const outcome = await edge.consume([a, b], signal);
    expect(outcome.refused).toEqual([{ run: a, reason: 'bad', message: 'said [REDACTED]' }]);
    expect(messageOf(outcome.cause)).toBe('it failed: said [REDACTED]');
    expect(outcome.deferred).toEqual([b]);
  });

  it('says what became of each run', async () => {
    const outcome: Outcome = {
      refused: [{ run: a, reason: 'bad', message: 'never' }],
      deferred: [b],
      cause: new Error('later'),
    };
    const edge = connected(new Edge(), new MemorySink(() => outcome));
    expect(await edge.consume([a, b, c], signal)).toEqual(outcome);
  });

  it('defers what it is handed while nothing is connected', async () => {
    const cause = new Error('nothing is connected here');
    expect(await new Edge().consume([a], signal)).toEqual({ refused: [], deferred: [a], cause });
  });

  it('lets runs wait while it is held, and then hands them to what is connected by then', async () => {
    const [first, second] = [new MemorySink(), new MemorySink()];
    const edge = connected(new Edge(), first);
    edge.hold();
    const consumed = edge.consume([a, b], signal);
    await turn();
    expect([first.runs, edge.underWay]).toEqual([[], 0]);
    connected(edge, second);
    edge.release();
    await consumed;
    expect([first.runs, second.runs]).toEqual([[], [a, b]]);
  });

  it('lets no run wait whose sender has gone', async () => {
    const edge = connected(new Edge(), new MemorySink());
    edge.hold();
    const gone = new AbortController();
    const consumed = edge.consume([a], gone.signal);
    const cause = new Error('gone');
    gone.abort(cause);
    expect(await consumed).toEqual({ refused: [], deferred: [a], cause });
    expect(await edge.consume([b], gone.signal)).toEqual({ refused: [], deferred: [b], cause });
  });

  it('is idle when the last run under way is settled, whether it arrived or not', async () => {
    const gate = Promise.withResolvers<void>();
    const target = new Destination(new MemorySink(() => gate.promise));
    const edge = new Edge();
    edge.connect(target);
    let isIdle = false;
    const consumed = Promise.all([edge.consume([a], signal), edge.consume([b, c], signal)]);
    const idle = Promise.all([edge.idle(), target.idle()]).then(() => {
      isIdle = true;
    });
    await turn();
    expect([isIdle, edge.underWay, target.underWay]).toEqual([false, 3, 3]);
    gate.reject(new Error('away'));
    await consumed;
    await idle;
    expect([edge.underWay, target.underWay]).toEqual([0, 0]);
    await Promise.all([edge.idle(), target.idle()]);
  });

  it('counts the runs of all edges that lead to one stage', async () => {
    const gate = Promise.withResolvers<void>();
    const target = new Destination(new MemorySink(() => gate.promise));
    const edges = [new Edge(), new Edge()];
    for (const edge of edges) edge.connect(target);
    const consumed = edges.map((edge) => edge.consume([a, b], signal));
    expect([target.underWay, ...edges.map((edge) => edge.underWay)]).toEqual([4, 2, 2]);
    gate.resolve();
    await Promise.all(consumed);
    expect(target.underWay).toBe(0);
  });
});

describe('the edge to an exporter', () => {
  const exchanging = () => new Edge({ redelivers: true });

  it('hands what was deferred before it was exchanged to the one in its place', async () => {
    const gate = Promise.withResolvers<Outcome>();
    const [first, second] = [new MemorySink(() => gate.promise), new MemorySink()];
    const edge = connected(exchanging(), first);
    const consumed = edge.consume([a], signal);
    edge.hold();
    gate.reject(new Error('stopped'));
    await turn();
    connected(edge, second);
    edge.release();
    expect(await consumed).toEqual(allTaken);
    expect(second.runs).toEqual([a]);
  });

  it('hands over again neither what was taken nor what was refused', async () => {
    const gate = Promise.withResolvers<Outcome>();
    const [first, second] = [new MemorySink(() => gate.promise), new MemorySink()];
    const edge = connected(exchanging(), first);
    const consumed = edge.consume([a, b, c], signal);
    connected(edge, second);
    const { refused } = refuseAll([b], 'bad', 'never');
    gate.resolve({ refused, deferred: [c], cause: new Error('stopped') });
    expect(await consumed).toMatchObject({ refused, deferred: [] });
    expect([first.runs, second.runs]).toEqual([[a], [c]]);
  });

  it('goes on until one is left in its place, and says what that one says', async () => {
    const edge = exchanging();
    const away = new Error('away');
    const last = new MemorySink((runs) => deferAll(runs, away));
    const second = new MemorySink((runs) => {
      connected(edge, last);
      return deferAll(runs, new Error('stopped too'));
    });
    connected(edge, {
      async consume(runs) {
        connected(edge, second);
        return deferAll(runs, new Error('stopped'));
      },
    });
    expect(await edge.consume([a, b], signal)).toEqual({ refused: [], deferred: [a, b], cause: away });
    expect(edge.underWay).toBe(0);
  });

  it.each<[string, (edge: Edge, gone: AbortController) => void, Outcome]>([
    ['was refused', (edge) => edge.hold(), refuseAll([a], 'bad', 'never')],
    ['was deferred while nobody took its place', () => {}, deferAll([a], new Error('away'))],
    [
      'nobody waits for any more',
      (edge, gone) => {
        connected(edge, new MemorySink());
        gone.abort();
      },
      deferAll([a], new Error('away')),
    ],
  ])('does not hand over again what %s', async (_, meanwhile, outcome) => {
    const gate = Promise.withResolvers<Outcome>();
    const gone = new AbortController();
    const edge = connected(exchanging(), new MemorySink(() => gate.promise));
    const consumed = edge.consume([a], gone.signal);
    meanwhile(edge, gone);
    gate.resolve(outcome);
    expect(await consumed).toEqual(outcome);
  });

  it('is the only one that hands over again', async () => {
    const gate = Promise.withResolvers<Outcome>();
    const edge = connected(new Edge(), new MemorySink(() => gate.promise));
    const consumed = edge.consume([a], signal);
    const second = new MemorySink();
    connected(edge, second);
    const outcome = deferAll([a], new Error('stopped'));
    gate.resolve(outcome);
    expect(await consumed).toEqual(outcome);
    expect(second.runs).toEqual([]);
  });
});

describe('what is counted', () => {
  it('is the points that leave a stage, those that come to one, and what became of the runs in both', async () => {
    const [outgoing, incoming] = [{ points: 0 }, { points: 0 }];
    const seen: unknown[] = [];
    const note =
      (who: string): OutcomeCount =>
      (runs, outcome) =>
        void seen.push([who, runs, outcome]);
    const definition = { name: 'cost', unit: '{USD}', description: '' };
    const one = { definition, value: 1, labels: undefined, factor: undefined };
    const figured = Run.of({ scenario: 'd' }, { figures: [one, one] });
    const edge = connected(new Edge({ outgoing }), new MemorySink(), { incoming, outcomes: note('destination') });
    edge.outcomes = note('edge');
    await edge.consume([a, figured], signal);
    await edge.consume([figured], signal);
    expect([outgoing, incoming]).toEqual([{ points: 4 }, { points: 4 }]);
    expect(seen).toEqual([
      ['destination', [a, figured], allTaken],
      ['edge', [a, figured], allTaken],
      ['destination', [figured], allTaken],
      ['edge', [figured], allTaken],
    ]);
  });

  it('is seen by the stage that has taken the place of the one that handed over', async () => {
    const gate = Promise.withResolvers<Outcome>();
    const edge = connected(new Edge(), new MemorySink(() => gate.promise));
    const seen: string[] = [];
    edge.outcomes = () => void seen.push('before');
    const consumed = edge.consume([a], signal);
    edge.outcomes = () => void seen.push('now');
    gate.resolve(allTaken);
    await consumed;
    expect(seen).toEqual(['now']);
  });
});

describe('a failure', () => {
  /** What a processor before `next` lets its caller see, and what is logged. */
  async function failuresOf(processor: (next: Consumer) => Consumer, next: Consumer, times = 1) {
    const lines: { msg: string; err: { stack: string } }[] = [];
    const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
    const health = new StageHealth();
    const failures = new StageFailures('mine', logger, health);
    const outlet = connected(new Edge({ failures }), next);
    const edge = connected(new Edge(), processor(outlet), { failures });
    let seen: Outcome = allTaken;
    for (let i = 0; i < times; i++) seen = await edge.consume([a], signal);
    return { seen, lines, noted: health.lastError?.message };
  }
  const failing = (error: () => unknown): Consumer => ({
    async consume() {
      throw error();
    },
  });

  it('of the processor itself names it, defers its runs, and is logged once with its stack', async () => {
    const fault = new TypeError('x is not a function');
    const { seen, lines, noted } = await failuresOf(() => failing(() => fault), new MemorySink(), 3);
    expect(noted).toBe('x is not a function');
    expect(seen).toMatchObject({ refused: [], deferred: [a] });
    expect(seen.cause).toMatchObject({ message: 'processor mine failed: x is not a function', cause: fault });
    expect(lines.map(({ msg }) => msg)).toEqual(['failed on a run: x is not a function']);
    expect(lines[0]?.err.stack).toContain('edge.test.ts');
  });

  it('that was thrown for somebody to read is logged without a stack', async () => {
    const away = new Error('no answer from http://db', { cause: new Error('connect ECONNREFUSED') });
    const { lines } = await failuresOf(() => failing(() => away), new MemorySink());
    expect(lines).toEqual([
      expect.objectContaining({ msg: 'failed on a run: no answer from http://db: connect ECONNREFUSED' }),
    ]);
    expect(lines[0]).not.toHaveProperty('err');
  });

  it('is contained where the processor throws at once, or something that is no error', async () => {
    const throwing: Consumer = {
      consume() {
        throw new Error('at once');
      },
    };
    const { seen } = await failuresOf(() => throwing, new MemorySink());
    expect(seen.cause?.message).toBe('processor mine failed: at once');
    const text = await failuresOf(() => failing(() => 'a text'), new MemorySink());
    expect(text.seen.cause?.message).toBe('processor mine failed: a text');
  });

  it('of a single run is one of the processor too', async () => {
    const step = (next: Consumer) =>
      transform(next, () => {
        throw new Error('no such field');
      });
    const { seen, lines } = await failuresOf(step, new MemorySink());
    expect(seen).toMatchObject({ deferred: [a], cause: { message: 'processor mine failed: no such field' } });
    expect(lines.map(({ msg }) => msg)).toEqual(['failed on a run: no such field']);
  });

  it.each<[string, (next: Consumer) => Consumer]>([
    ['is handed on', (next) => ({ consume: (runs, within) => next.consume(runs, within) })],
    ['comes from what runs were made of', (next) => transform(next, (run) => run.with({ attributes: { x: 1 } }))],
    [
      'is thrown',
      (next) => ({
        async consume(runs, within) {
          const { cause } = await next.consume(runs, within);
          throw cause;
        },
      }),
    ],
  ])('from behind it stays as it is, where it %s', async (_, processor) => {
    const away = new Error('the server is away');
    for (const next of [failing(() => away), new MemorySink((runs) => deferAll(runs, away))]) {
      const { seen, lines, noted } = await failuresOf(processor, next);
      expect(seen).toEqual({ refused: [], deferred: [a], cause: away });
      expect(seen.cause).toBe(away);
      expect([lines, noted]).toEqual([[], undefined]);
    }
  });

  it('is logged for ten messages of a processor at most', async () => {
    let count = 0;
    const { lines } = await failuresOf(() => failing(() => new Error(`failure ${count++}`)), new MemorySink(), 15);
    expect(lines).toHaveLength(10);
  });
});

it('a refusal names no stage, and is not logged', async () => {
  const lines: string[] = [];
  const failures = new StageFailures(
    'mine',
    pino({}, { write: (line: string) => lines.push(line) }),
    new StageHealth(),
  );
  const edge = connected(new Edge(), new MemorySink((runs) => refuseAll(runs, 'bad', 'never')), { failures });
  const refused = [{ run: a, reason: 'bad', message: 'never' }];
  expect(await edge.consume([a], signal)).toEqual({ refused, deferred: [] });
  expect(lines).toEqual([]);
});
