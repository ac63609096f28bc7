import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SeriesLabels } from 'wattline/prometheus';
import { jsonLines } from './json-lines.ts';

const series = fc
  .record({
    name: fc.stringMatching(/^[a-z_]+$/),
    labels: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string({ unit: 'binary', minLength: 1 })),
    points: fc.array(fc.tuple(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true })), {
      minLength: 1,
    }),
  })
  .map(({ name, labels, points }) => ({
    name,
    labels: new SeriesLabels(labels),
    times: points.map(([time]) => time),
    values: points.map(([, value]) => value),
  }));

it('writes a line a series that JSON reads back unchanged', () => {
  fc.assert(
    fc.property(fc.array(series), (all) => {
      const text = jsonLines(all);
      const lines = text === '' ? [] : text.slice(0, -1).split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(
        all.map(({ name, labels, times, values }) => ({
          metric: { __name__: name, ...labels.all },
          values: values.map((value) => value + 0),
          timestamps: times,
        })),
      );
    }),
  );
});
