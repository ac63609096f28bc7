import { expect, it } from 'vitest';
import { FigureGauge } from './figure-gauge.ts';
import { figureGauge, makeRun } from './run.ts';
import { RunFacts } from './run-facts.ts';

const figure = { name: 'cost', unit: '{USD}', description: 'a price' };

it('makes its point when asked, and the same one again', () => {
  const gauge = new FigureGauge(
    figure,
    2,
    undefined,
    new RunFacts({ scenario: 'a', 'run.start_time': 1, 'run.end_time': 3 }),
    undefined,
  );
  expect(gauge.dataPoints).toEqual([{ startTime: [1, 0], endTime: [3, 0], value: 2, attributes: { scenario: 'a' } }]);
  expect(gauge.dataPoints).toBe(gauge.dataPoints);
});

it('shares labels and descriptor with others of its run that say the same', () => {
  const run = makeRun({ scenario: 'a', region: 'x' }, 'test', []);
  const extra = { region: 'x' };
  const [first, second, other] = [extra, { region: 'x' }, { region: 'y' }].map((one) =>
    figureGauge(figure, 1, run, one),
  );
  expect(second?.labels).toBe(first?.labels);
  expect(second?.descriptor).toBe(first?.descriptor);
  expect(figureGauge(figure, 1, run).labels).toBe(first?.labels);
  expect(other?.labels).toEqual({ scenario: 'a', region: 'y' });
});

it('says what it was made with, whatever becomes of the object', () => {
  const run = makeRun({ scenario: 'a' }, 'test', []);
  const extra = { stage: 'one' };
  const first = figureGauge(figure, 1, run, extra);
  extra.stage = 'two';
  const second = figureGauge(figure, 2, run, extra);
  expect([first, second].map(({ labels }) => labels.stage)).toEqual(['one', 'two']);
});
