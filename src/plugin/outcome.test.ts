import { describe, expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { allTaken, deferAll, isAllTaken, joinOutcomes, type Outcome, outcomeFor, refuseAll } from './outcome.ts';

const [a, b, c] = ['a', 'b', 'c'].map((scenario) => Run.of({ scenario })) as [Run, Run, Run];
const away = new Error('away');

describe('an outcome', () => {
  it('is of runs that were all taken, all deferred or all refused', () => {
    expect(isAllTaken(allTaken)).toBe(true);
    expect(Object.isFrozen(allTaken)).toBe(true);
    expect(deferAll([a, b], away)).toEqual({ refused: [], deferred: [a, b], cause: away });
    expect(refuseAll([a, b], 'bad', 'never')).toEqual({
      refused: [
        { run: a, reason: 'bad', message: 'never' },
        { run: b, reason: 'bad', message: 'never' },
      ],
      deferred: [],
    });
    expect([deferAll([a], away), refuseAll([a], 'bad', 'never')].map(isAllTaken)).toEqual([false, false]);
    expect([deferAll([], away), refuseAll([], 'bad', 'never')].map(isAllTaken)).toEqual([true, true]);
  });
});

describe('several outcomes', () => {
  it('are the very one that says something, where the others do not', () => {
    const outcome = deferAll([a], away);
    expect(joinOutcomes([allTaken, outcome, allTaken])).toBe(outcome);
    expect(joinOutcomes([])).toBe(allTaken);
    expect(joinOutcomes([allTaken, deferAll([], away)])).toBe(allTaken);
  });

  it('are all refusals and all deferred runs in their order, with the last reason', () => {
    const last = new Error('busy');
    const joined = joinOutcomes([
      deferAll([a], away),
      refuseAll([b], 'bad', 'never'),
      deferAll([c], last),
      refuseAll([b], 'bad', 'no'),
    ]);
    expect(joined.refused.map(({ message }) => message)).toEqual(['never', 'no']);
    expect(joined.deferred).toEqual([a, c]);
    expect(joined.cause).toBe(last);
  });
});

describe('the outcome of runs that others were made of', () => {
  const made = [a, b, c].map((run) => run.with({ attributes: { made: true } })) as [Run, Run, Run];
  const originOf = (run: Run) => [a, b, c][made.indexOf(run)] as Run;

  it('names those that they were made of', () => {
    const outcome: Outcome = {
      refused: [{ run: made[0], reason: 'bad', message: 'never' }],
      deferred: [made[1]],
      cause: away,
    };
    const mapped = outcomeFor(outcome, originOf);
    expect(mapped.refused).toEqual([{ run: a, reason: 'bad', message: 'never' }]);
    expect(mapped.refused[0]?.run).toBe(a);
    expect(mapped.deferred[0]).toBe(b);
    expect(mapped.cause).toBe(away);
  });

  it('asks for no origin where everything was taken', () => {
    const outcome = outcomeFor(allTaken, () => {
      throw new Error('asked');
    });
    expect(outcome).toBe(allTaken);
  });

  it('defers a run of which any part is deferred, and refuses it once otherwise', () => {
    const outcome: Outcome = {
      refused: [
        { run: made[0], reason: 'bad', message: 'first' },
        { run: made[1], reason: 'worse', message: 'second' },
      ],
      deferred: [made[2]],
      cause: away,
    };
    expect(outcomeFor(outcome, () => a)).toEqual({ refused: [], deferred: [a], cause: away });
    const { refused } = outcomeFor({ ...outcome, deferred: [] }, () => a);
    expect(refused).toEqual([{ run: a, reason: 'bad', message: 'first' }]);
  });
});
