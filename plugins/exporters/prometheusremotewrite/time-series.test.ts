import { expect, it } from 'vitest';
import { type Point, type RunPoints, SeriesLabels } from 'wattline/prometheus';
import { seriesText, timeSeriesOf } from './time-series.ts';

const point = (labels: Record<string, string>, time: number, value: number): Point => {
  return { name: 'cost', labels: new SeriesLabels(labels), time, value };
};
const runOf = (...figures: Point[]): RunPoints => ({ figures, samples: [], skipped: [], families: new Map() });

it('gathers the samples of a series of all runs, in the order of time and each once', () => {
  const skips: string[] = [];
  const series = timeSeriesOf(
    [
      runOf(point({ z: '1', Z: '2' }, 3000, 3), point({}, 1000, 1)),
      runOf(point({ Z: '2', z: '1' }, 1000, 1), point({ Z: '2', z: '1' }, 3000, 3)),
      runOf(point({}, 1000, 9)),
    ],
    ({ reason, message }) => skips.push(`${reason}: ${message}`),
  );
  expect(series.map(({ labels, times, values }) => [seriesText(labels), times, values])).toEqual([
    ['cost{Z="2", z="1"}', [1000, 3000], [1, 3]],
    ['cost{}', [1000], [9]],
  ]);
  expect(series[0]?.labels.map(([name]) => name)).toEqual(['Z', '__name__', 'z']);
  expect(skips).toEqual(['duplicate_sample: cost{} has two values at 1970-01-01T00:00:01.000Z; the last is sent']);
});
