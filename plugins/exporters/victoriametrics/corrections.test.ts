import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Point, SeriesLabels } from 'wattline/prometheus';
import { correct, storedFigures } from './corrections.ts';
import type { StoredSeries } from './stored-series.ts';

const NOON = 1_782_907_200_000;
const point = (value: number, labels: Record<string, string> = {}, time = NOON): Point => {
  return { name: 'co2_emissions_kg', labels: new SeriesLabels({ scenario: 'a', ...labels }), time, value };
};

/** What a server has that takes points as they come, and keeps one series for each set of labels. */
function seriesOf(points: readonly Point[]): StoredSeries[] {
  return points.map(({ name, labels, time, value }) => {
    return { metric: { __name__: name, ...labels.all }, values: [value], timestamps: [time] };
  });
}

const sum = (points: readonly Point[]) => points.reduce((all, { value }) => all + value, 0);

describe('corrections', () => {
  it('make the points of a figure add up to its last value, raised or lowered, however often, and are no points twice', () => {
    const state = fc.constantFrom('live', 'cached', 'fallback');
    const version = fc.record({ value: fc.double({ min: 0, max: 1e6, noNaN: true }), state, isAgain: fc.boolean() });
    fc.assert(
      fc.property(fc.array(version, { minLength: 1, maxLength: 12 }), (versions) => {
        const server: Point[] = [];
        let last = 0;
        let sent = 0;
        for (const { value, state, isAgain } of versions) {
          const one = point(value, { state });
          const more = correct([one], storedFigures(seriesOf(server)));
          server.push(...more);
          sent += more.length;
          // An answer that was lost has the same sent again.
          if (isAgain) expect(correct([one], storedFigures(seriesOf(server)))).toEqual([]);
          last = value;
        }
        expect(Math.abs(sum(server) - last)).toBeLessThanOrEqual(
          1e-8 * Math.max(1, ...versions.map(({ value }) => value)),
        );
        expect(new Set(server.map(({ labels }) => labels.all.restated)).size).toBe(sent);
      }),
    );
  });

  it('are by the version of what is stored, in one request too', () => {
    const stored = storedFigures(seriesOf([point(5)]));
    const sent = correct([point(3), point(4), point(4), point(7, { scenario: 'b' })], stored);
    expect(sent.map(({ labels, value }) => [labels.all, value])).toEqual([
      [{ scenario: 'a', restated: '1' }, -2],
      [{ scenario: 'a', restated: '2' }, 1],
      [{ scenario: 'b' }, 7],
    ]);
  });

  it('are nothing where the server keeps fewer digits, and nothing of other times or of more labels', () => {
    const stored = storedFigures(seriesOf([point(0.123456789012), point(1, {}, NOON + 1), point(1, { site: 'lab' })]));
    expect(correct([point(0.12345678901234)], stored)).toEqual([]);
  });

  it('go by the last of several values at one time, as queries do', () => {
    const metric = { __name__: 'co2_emissions_kg', scenario: 'a' };
    const stored = storedFigures([{ metric, values: [5, 3, null], timestamps: [NOON, NOON, NOON + 1] }]);
    expect(correct([point(3)], stored)).toEqual([]);
  });
});
