import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { figuredRun } from '../../../test/kit/figured-run.ts';
import { openDatabase } from './database.ts';
import { History } from './history.ts';
import { pageOfRuns } from './runs.ts';
import { parameters } from './selection.ts';

const losses: [number, string][] = [];
let open: History | undefined;
afterEach(() => {
  open?.close();
  open = undefined;
  losses.length = 0;
});

function historyOf(maxRuns: number): History {
  const onLoss = (runs: number, error: unknown) => void losses.push([runs, (error as Error).message]);
  open = new History(openDatabase(undefined), { maxRuns, onLoss });
  return open;
}

const run = (end: number, more = {}) =>
  figuredRun({ scenario: `run ${end}`, start: end - 10, end, power: [1, 2, 3], totalUsd: end, ...more });
const ends = ({ database }: History) =>
  database
    .prepare('SELECT ended FROM run ORDER BY ended')
    .all()
    .map(({ ended }) => ended);
const written = (history: History, count: number) => expect.poll(() => ends(history).length).toBe(count);

describe('the history', () => {
  it('writes runs after a while, together, and says that it has changed', async () => {
    const history = historyOf(100);
    for (const end of [3, 1, 2]) history.add(run(end));
    expect([ends(history), history.revision]).toEqual([[], 0]);
    await written(history, 3);
    expect([ends(history), history.revision]).toEqual([[1, 2, 3], 1]);
    await sleep(250);
    expect(history.revision).toBe(1);
  });

  it('replaces a run that comes again, samples included', async () => {
    const history = historyOf(100);
    history.add(run(1));
    await written(history, 1);
    history.add(run(1, { totalUsd: 7, cpu: [1, 1], power: undefined }));
    await expect.poll(() => history.revision).toBe(2);
    const found = history.database.prepare('SELECT total_usd, joules FROM run').all();
    expect(found).toEqual([{ total_usd: 7, joules: null }]);
    expect(history.database.prepare('SELECT signal FROM series').all()).toEqual([{ signal: 'cpu' }]);
  });

  it('has a run that does not say when it was once, as of when it was first seen', async () => {
    const history = historyOf(100);
    const undated = (readTime: number, power: number[]) =>
      figuredRun({ scenario: 'a run', power, attributes: { 'run.read_time': readTime, 'run.id': 'a run' } });
    history.add(undated(100, [1, 2, 3]));
    await written(history, 1);
    history.add(undated(200, [1, 2, 3]));
    await expect.poll(() => history.revision).toBe(2);
    expect(ends(history)).toEqual([100]);
    history.add(undated(300, [4, 5, 6]));
    await written(history, 2);
    expect(ends(history)).toEqual([100, 300]);
    const { runs } = pageOfRuns(history.database, parameters.runs.parse({}));
    expect(runs).toMatchObject(Array(2).fill({ dated: false, started_at: null }));
  });

  it('keeps those that ended last, in whatever order they come, with their samples only', async () => {
    const history = historyOf(3);
    history.add(run(10));
    await written(history, 1);
    for (const end of [5, 30, 1, 20, 2, 40]) history.add(run(end));
    await written(history, 3);
    expect(ends(history)).toEqual([20, 30, 40]);
    history.add(run(35));
    history.add(run(3));
    await expect.poll(() => ends(history)).toEqual([30, 35, 40]);
    expect(history.database.prepare('SELECT count(*) AS kept FROM series').get()).toEqual({ kept: 3 });
  });

  it('keeps the right ones of more than it can hold at once', async () => {
    const history = historyOf(50);
    for (let end = 1; end <= 5000; end++) history.add(run((end * 7919) % 5003));
    await written(history, 50);
    const all = Array.from({ length: 5000 }, (_, i) => ((i + 1) * 7919) % 5003).sort((a, b) => a - b);
    expect(ends(history)).toEqual(all.slice(-50));
  });

  it('reports what it could not write, and goes on', async () => {
    const history = historyOf(100);
    history.database.exec("CREATE TRIGGER refuse BEFORE INSERT ON run BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    history.add(run(1));
    await expect.poll(() => losses).toEqual([[1, 'disk full']]);
    history.database.exec('DROP TRIGGER refuse');
    history.add(run(2));
    await written(history, 1);
    expect(ends(history)).toEqual([2]);
  });
});
