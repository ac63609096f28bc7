import { describe, expect, it } from 'vitest';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { allTaken, deferAll, joinOutcomes, type Outcome, Run, refuseAll } from '../plugin/index.ts';
import { Destination, Edge } from './edge.ts';
import { fanOut } from './fan-out.ts';

const [a, b, c] = ['a', 'b', 'c'].map((scenario) => Run.of({ scenario })) as [Run, Run, Run];
const { signal } = new AbortController();
const refusing = (message: string, which = [a, b, c]) =>
  new MemorySink((runs) =>
    refuseAll(
      runs.filter((run) => which.includes(run)),
      'bad',
      message,
    ),
  );
const deferring = (message: string, which = [a, b, c]) =>
  new MemorySink((runs) =>
    deferAll(
      runs.filter((run) => which.includes(run)),
      new Error(message),
    ),
  );

/** A branch that answers its calls with one outcome after the other, and notes what it is handed. */
function branch(...answers: ((runs: readonly Run[]) => Outcome)[]) {
  const handed: (readonly Run[])[] = [];
  const sink = new MemorySink((runs) => {
    const answer = answers[handed.length];
    handed.push(runs);
    return answer?.(runs);
  });
  return { handed, sink };
}

describe('fan-out', () => {
  it('hands every consumer the very same list and signal', async () => {
    const seen: unknown[][] = [];
    const note = (...given: unknown[]) => void seen.push(given);
    const sinks = [new MemorySink(note), new MemorySink(note), new MemorySink(note)];
    const runs = [a, b];
    expect(await fanOut(sinks).consume(runs, signal)).toEqual(allTaken);
    expect(seen).toHaveLength(3);
    for (const [list, given] of seen) expect([list === runs, given === signal]).toEqual([true, true]);
    for (const sink of sinks) expect(sink.runs).toEqual([a, b]);
  });

  it('resolves only when the last has the data', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = new MemorySink(() => gate.promise);
    let resolved = false;
    const noted = fanOut([new MemorySink(), slow])
      .consume([a], signal)
      .then(() => {
        resolved = true;
      });
    await new Promise(setImmediate);
    expect(resolved).toBe(false);
    gate.resolve();
    await noted;
    expect(slow.runs).toEqual([a]);
  });

  it('waits for the others after a failure, and says all that went wrong', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = new MemorySink(() => gate.promise);
    const outcome = fanOut([deferring('one'), slow, deferring('two')]).consume([a], signal);
    gate.resolve();
    expect(await outcome).toMatchObject({
      refused: [],
      deferred: [a],
      cause: { message: 'one; two', cause: { errors: [{ message: 'one' }, { message: 'two' }] } },
    });
    expect(slow.runs).toEqual([a]);
  });

  it('refuses a run where any branch does and none defers it, once, and says what each of them says', async () => {
    const consumers = [refusing('never', [a]), new MemorySink(), refusing('no room', [a, b])];
    expect(await fanOut(consumers).consume([a, b, c], signal)).toEqual({
      refused: [
        { run: a, reason: 'bad', message: 'never; no room' },
        { run: b, reason: 'bad', message: 'no room' },
      ],
      deferred: [],
      cause: undefined,
    });
  });

  it('defers a run that any branch defers, and refuses it for none meanwhile', async () => {
    const outcome = await fanOut([refusing('never', [a, b]), deferring('later', [b, c])]).consume([a, b, c], signal);
    expect(outcome).toMatchObject({ refused: [{ run: a, message: 'never' }], cause: { message: 'later' } });
    expect(outcome.refused).toHaveLength(1);
    expect(outcome.deferred).toEqual([b, c]);
  });

  it('hands a run that was deferred to none again that has taken it', async () => {
    const taking = branch();
    const away = branch((runs) => deferAll(runs.slice(1), new Error('away')));
    const both = fanOut([taking.sink, away.sink]);
    expect(await both.consume([a, b], signal)).toMatchObject({ refused: [], deferred: [b] });
    expect(await both.consume([b], signal)).toEqual(allTaken);
    expect(taking.handed).toEqual([[a, b]]);
    expect(away.handed).toEqual([[a, b], [b]]);
    expect([taking.sink.runs, away.sink.runs]).toEqual([
      [a, b],
      [a, b],
    ]);
  });

  it('hands new runs to all branches beside those that come again', async () => {
    const taking = branch();
    const away = branch((runs) => deferAll(runs, new Error('away')));
    const both = fanOut([taking.sink, away.sink]);
    await both.consume([a], signal);
    expect(await both.consume([a, b], signal)).toEqual(allTaken);
    expect([taking.handed, away.handed]).toEqual([
      [[a], [b]],
      [[a], [a, b]],
    ]);
  });

  it('remembers a refusal until the others have settled the run, and hands it over to the branch no more', async () => {
    const never = branch((runs) => refuseAll(runs, 'bad', 'never'));
    const away = branch(
      (runs) => deferAll(runs, new Error('away')),
      (runs) => deferAll(runs, new Error('still away')),
    );
    const both = fanOut([never.sink, away.sink]);
    for (const message of ['away', 'still away']) {
      expect(await both.consume([a], signal)).toMatchObject({ refused: [], deferred: [a], cause: { message } });
    }
    const { refused } = refuseAll([a], 'bad', 'never');
    expect(await both.consume([a], signal)).toMatchObject({ refused, deferred: [] });
    expect([never.handed, away.handed]).toEqual([[[a]], [[a], [a], [a]]]);
  });

  it('joins what was refused before with what another branch refuses now', async () => {
    const never = branch((runs) => refuseAll(runs, 'bad', 'never'));
    const away = branch(
      (runs) => deferAll(runs, new Error('away')),
      (runs) => refuseAll(runs, 'bad', 'no room'),
    );
    const both = fanOut([never.sink, away.sink]);
    await both.consume([a], signal);
    const outcome = await both.consume([a], signal);
    expect(joinOutcomes([outcome])).toMatchObject({ refused: [{ run: a, message: 'never; no room' }], deferred: [] });
    expect(outcome.refused).toHaveLength(1);
  });

  it('hands over to the others where one throws instead of rejecting', async () => {
    const sink = new MemorySink();
    const throwing = new Edge();
    throwing.connect(
      new Destination({
        consume() {
          throw new Error('at once');
        },
      }),
    );
    const outcome = await fanOut([sink, throwing, deferring('later')]).consume([a], signal);
    expect(outcome).toMatchObject({ deferred: [a], cause: { message: 'at once; later' } });
    expect(sink.runs).toEqual([a]);
  });

  it('is the consumer itself where there is one', () => {
    const sink = new MemorySink();
    expect(fanOut([sink])).toBe(sink);
  });
});
