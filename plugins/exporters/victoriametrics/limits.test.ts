import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeriesLabels } from 'wattline/prometheus';
import { forecast } from './limits.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const limits = {
  retentionPeriod: '30d',
  retention: 30 * DAY,
  future: 2 * DAY,
  labelsPerSeries: 5,
  labelValueBytes: 100,
  labelNameBytes: 50,
  seriesLimited: false,
};
const none = { figures: [], samples: [] };
const at = (...times: number[]) => {
  return { ...none, samples: [{ name: 'a', labels: new SeriesLabels({}), times, values: times }] };
};
const labelled = (labels: Record<string, string>) => {
  return { ...none, figures: [{ name: 'a', labels: new SeriesLabels(labels), time: NOW, value: 1 }] };
};

describe('with known limits', () => {
  it('a run is refused, uncertain or kept by its oldest and newest sample', () => {
    const time = fc.integer({ min: NOW - 60 * DAY, max: NOW + 5 * DAY });
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), (times) => {
        const result = forecast(at(...times), limits, NOW);
        const age = NOW - Math.min(...times);
        const ahead = Math.max(...times) - NOW;
        const kind = typeof result === 'string' ? result : result.reason;
        if (age > 30 * DAY + MINUTE) expect(kind).toBe('too_old');
        else if (ahead > 2 * DAY + MINUTE) expect(kind).toBe('in_the_future');
        else expect(kind).toBe(age < 30 * DAY - MINUTE && ahead < 2 * DAY - MINUTE ? 'kept' : 'uncertain');
      }),
    );
  });

  it.each([
    [NOW - 30 * DAY - MINUTE - 1, 'too_old'],
    [NOW - 30 * DAY - MINUTE, 'uncertain'],
    [NOW - 30 * DAY + MINUTE, 'uncertain'],
    [NOW - 30 * DAY + MINUTE + 1, 'kept'],
    [NOW + 2 * DAY - MINUTE - 1, 'kept'],
    [NOW + 2 * DAY - MINUTE, 'uncertain'],
    [NOW + 2 * DAY + MINUTE, 'uncertain'],
    [NOW + 2 * DAY + MINUTE + 1, 'in_the_future'],
  ])('a sample of %d is %s', (time, expected) => {
    const result = forecast(at(time), limits, NOW);
    expect(typeof result === 'string' ? result : result.reason).toBe(expected);
  });

  it('a refusal says the time, what the server keeps, and the remedy', () => {
    expect(forecast(at(Date.UTC(2020, 0, 2)), limits, NOW)).toEqual({
      reason: 'too_old',
      message:
        'it has a sample of 2020-01-02T00:00:00.000Z, and the server keeps none from before 2026-05-02T00:00:00.000Z ' +
        '(-retentionPeriod=30d); start VictoriaMetrics with a longer one, such as -retentionPeriod=100y',
    });
  });

  it('nothing from before 1970 is kept, however long the retention', () => {
    const endless = { ...limits, retention: 36_500 * DAY };
    expect(forecast(at(0), endless, NOW)).toBe('kept');
    expect(forecast(at(-1), endless, NOW)).toMatchObject({ reason: 'too_old' });
    expect(forecast(at(-1e300), endless, NOW)).toMatchObject({ reason: 'too_old' });
  });

  it('labels that the server would cut are refused', () => {
    const five = { a: '1', b: '1', c: '1', d: '1' };
    expect(forecast(labelled(five), limits, NOW)).toBe('kept');
    expect(forecast(labelled({ ...five, e: '1' }), limits, NOW)).toMatchObject({ reason: 'too_many_labels' });
    expect(forecast(labelled({ a: 'é'.repeat(50) }), limits, NOW)).toBe('kept');
    expect(forecast(labelled({ a: 'é'.repeat(51) }), limits, NOW)).toMatchObject({ reason: 'label_too_long' });
    expect(forecast(labelled({ ['a'.repeat(51)]: 'x' }), limits, NOW)).toMatchObject({ reason: 'label_too_long' });
  });

  it('nothing is certain where new series are limited, and a run without points has nothing to lose', () => {
    expect(forecast(at(NOW), { ...limits, seriesLimited: true }, NOW)).toBe('uncertain');
    expect(forecast(none, limits, NOW)).toBe('kept');
  });
});

describe('with unknown limits', () => {
  it('only samples of the last day and labels of a usual size are certain', () => {
    expect(forecast(at(NOW), undefined, NOW)).toBe('kept');
    expect(forecast(at(NOW - DAY + 2 * MINUTE), undefined, NOW)).toBe('kept');
    expect(forecast(at(NOW - DAY, NOW), undefined, NOW)).toBe('uncertain');
    expect(forecast(at(NOW + 2 * MINUTE), undefined, NOW)).toBe('uncertain');
    expect(forecast(labelled({ a: 'x'.repeat(5000) }), undefined, NOW)).toBe('uncertain');
    expect(
      forecast(labelled(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`l${i}`, 'x']))), undefined, NOW),
    ).toBe('uncertain');
  });
});
