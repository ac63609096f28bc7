import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { CounterHistory } from './counter-history.ts';
import { amountIn, rateAt } from './counter-record.ts';
import { openDatabase } from './database.ts';

const NOVEMBER = Date.UTC(2026, 10) / 1000;

/** What `totals` hands on: the joules of some hosts, at a second of November, counted since its first. */
const joules = (second: number, values: Readonly<Record<string, number>>, start = 0) =>
  liveRun(
    {},
    liveMetric(
      'energy_joules_total',
      'counter',
      Object.entries(values).map(([host, value]) => {
        return { at: NOVEMBER + second, start: NOVEMBER + start, value, attributes: { 'host.name': host } };
      }),
    ),
  );
const amounts = ({ counters }: CounterHistory) =>
  Object.fromEntries(counters.map(({ host, record }) => [host, amountIn(NOVEMBER, record)]));

const errors: string[] = [];
afterEach(() => {
  errors.length = 0;
});
const historyOf = (database: ReturnType<typeof openDatabase>, maximum = 25_000) => {
  const history = new CounterHistory(database, {
    maximum,
    labelValueLengthLimit: 100,
    onError: (error) => void errors.push((error as Error).message),
    onLimit: (reason) => void errors.push(reason),
  });
  onTestFinished(() => history.close());
  return history;
};
const rows = (database: ReturnType<typeof openDatabase>) =>
  Number(database.prepare('SELECT count(*) AS n FROM counter').get()?.n);

describe('the history of counters', () => {
  it('goes on over a restart, of itself and of the counters', async () => {
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    const path = join(folder.path, 'history.db');
    const restart = (use: (history: CounterHistory) => void) => {
      const database = openDatabase(path);
      const history = new CounterHistory(database, {
        maximum: 1000,
        labelValueLengthLimit: 100,
        onError: (error) => expect.unreachable(String(error)),
        onLimit: (reason) => expect.unreachable(reason),
      });
      use(history);
      history.close();
      database.close();
    };
    restart((history) => {
      history.add(joules(60, { a: 600, b: 60 }));
      history.add(joules(120, { a: 1200 }));
    });
    restart((history) => {
      expect(amounts(history)).toEqual({ a: 1200, b: 60 });
      // All counters are handed on again, and one of them has begun anew.
      history.add(joules(120, { a: 1200 }));
      history.add(joules(130, { b: 5 }, 125));
      history.add(joules(180, { a: 1800 }));
    });
    restart((history) => {
      expect(amounts(history)).toEqual({ a: 1800, b: 65 });
      const [a] = history.counters;
      expect(a && rateAt(a.record, NOVEMBER + 200)).toBe(10);
    });
  });

  it('writes after a while, and only what has changed', async () => {
    const database = openDatabase(undefined);
    const history = historyOf(database);
    for (let i = 0; i < 1200; i++) history.add(joules(60, { [`host ${i}`]: i }));
    expect([rows(database), history.revision]).toEqual([0, 1200]);
    await expect.poll(() => rows(database), { timeout: 10_000 }).toBe(1200);
    database.exec('DELETE FROM counter');
    history.add(joules(120, { 'host 7': 100 }));
    await expect.poll(() => rows(database), { timeout: 10_000 }).toBe(1);
    expect(history.revision).toBe(1200);
  });

  it('keeps those that have risen last', () => {
    const database = openDatabase(undefined);
    const history = historyOf(database, 10);
    history.add(joules(1, { old: 5 }));
    for (let i = 0; i < 10; i++) history.add(joules(60 + i, { [`host ${i}`]: i + 1 }));
    history.close();
    expect(Object.keys(amounts(history))).toEqual(Array.from({ length: 9 }, (_, i) => `host ${i + 1}`));
    expect(rows(database)).toBe(9);
    expect(errors.splice(0)).toEqual(['series_limit', 'series_limit']);
  });

  it('keeps none with a label that is too long', () => {
    const history = historyOf(openDatabase(undefined));
    history.add(joules(1, { ['long'.repeat(30)]: 5, short: 5 }));
    expect(Object.keys(amounts(history))).toEqual(['short']);
    expect([history.size, errors.splice(0)]).toEqual([1, ['label_too_long']]);
  });

  it('tries again what it could not write', async () => {
    const database = openDatabase(undefined);
    const history = historyOf(database);
    database.exec("CREATE TRIGGER refuse BEFORE INSERT ON counter BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    history.add(joules(60, { a: 600 }));
    await expect.poll(() => errors, { timeout: 10_000 }).toEqual(['disk full']);
    database.exec('DROP TRIGGER refuse');
    history.close();
    expect(rows(database)).toBe(1);
  });
});
