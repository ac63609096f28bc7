import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { figure, Run, type Skipped } from 'wattline/plugin';
import { parseExposition } from '../../../test/kit/exposition.ts';
import { LatestPoints } from './latest-points.ts';

const FIGURES = ['a', 'b'].map((name) => ({ name, unit: '1', description: name }));

/** A run with two figures, which both have its edition as their value. */
function runAt(index: number, edition: number): Run {
  const figures = FIGURES.map((definition) => figure(definition, edition));
  return Run.of({ scenario: `run ${index}`, 'run.end_time': edition }, { figures });
}

function latest(
  runs: number,
  expiration = 0,
  skip: (skipped: Skipped) => void = ({ message }) => expect.fail(message),
) {
  const points = new LatestPoints({
    ...{ resourceLabels: [], includeSamples: false, withTimes: false, expiration },
    ...{ seriesLimit: 1e6, labelValueLengthLimit: 1000 },
    skip,
  });
  for (let index = 0; index < runs; index++) points.add(runAt(index, 1), 0);
  const text = async (now = 0) => Buffer.concat((await points.pieces(now)).map((piece) => piece.text)).toString();
  return { points, text };
}

it('a change has one piece of each of its families written again, and no change none', async () => {
  const { points } = latest(10_000);
  const before = await points.pieces(0);
  expect(before.length).toBeGreaterThan(8);
  expect((await points.pieces(0)).map((piece, index) => piece === before[index])).not.toContain(false);
  points.add(runAt(5000, 2), 0);
  const after = await points.pieces(0);
  expect(after).toHaveLength(before.length);
  expect(after.filter((piece, index) => piece !== before[index])).toHaveLength(FIGURES.length);
});

it('two who ask at once get the same pieces, each written once', async () => {
  const { points } = latest(10_000);
  const [one, other] = await Promise.all([points.pieces(0), points.pieces(0)]);
  expect(one.map((piece, index) => piece === other[index])).not.toContain(false);
});

it('while 50,000 series are written others get their turn at least every 5,000', async () => {
  const { points } = latest(25_000);
  let turns = 0;
  let isDone = false;
  const count = async () => {
    for (; !isDone; turns++) await nextTurn();
  };
  const counting = count();
  await points.pieces(0);
  isDone = true;
  await counting;
  expect(turns).toBeGreaterThanOrEqual(10);
});

it('what changes meanwhile is there as it was or as it is, and the next time as it is', async () => {
  const runs = 6000;
  const change = fc.record({ from: fc.nat(runs), many: fc.nat(3000), turns: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const { points, text } = latest(runs);
      const editions = new Map(Array.from({ length: runs }, (_, index) => [`run ${index}`, 1]));
      const asked = [{ page: text(), known: new Map(editions) }];
      for (const [index, { from, many, turns }] of changes.entries()) {
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        for (let run = from; run < from + many; run++) {
          points.add(runAt(run, index + 2), 0);
          editions.set(`run ${run}`, index + 2);
        }
        asked.push({ page: text(), known: new Map(editions) });
      }
      for (const { page, known } of asked) {
        // It refuses what is there twice.
        const samples = parseExposition(await page);
        for (const { name } of FIGURES) {
          const own = samples.filter((sample) => sample.name === name);
          const values = new Map(own.map(({ labels, value }) => [labels.scenario, value]));
          const torn = [...known].filter(([run, edition]) => {
            const value = values.get(run) ?? Number.NaN;
            return !(value >= edition && value <= (editions.get(run) ?? 0));
          });
          expect(torn).toEqual([]);
        }
      }
      const now = parseExposition(await text());
      expect(now).toHaveLength(editions.size * FIGURES.length);
      expect(now.filter(({ labels, value }) => value !== editions.get(labels.scenario ?? ''))).toEqual([]);
    }),
    { numRuns: 8 },
  );
});

it('a family that loses its name meanwhile is not there in part', async () => {
  const { points, text } = latest(6000, 0, () => {});
  const asked = text();
  points.reserve(
    runAt(0, 1)
      .scopeMetrics.flatMap(({ metrics }) => metrics)
      .slice(0, 1),
  );
  expect(countOf(await asked)).toEqual({ b: 6000 });
});

it('what has expired is gone for all who ask at once, and can come again', async () => {
  const { points, text } = latest(6000, 100);
  for (let index = 0; index < 1000; index++) points.add(runAt(index, 2), 90);
  const asked = [text(150), text(150)];
  for (const page of asked) expect(countOf(await page)).toEqual({ a: 1000, b: 1000 });
  for (let index = 0; index < 6000; index++) points.add(runAt(index, 3), 160);
  expect(countOf(await text(200))).toEqual({ a: 6000, b: 6000 });
});

/** How many series there are of each name. */
function countOf(page: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of parseExposition(page)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
