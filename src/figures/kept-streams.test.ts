import { expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';
import { KeptStreams } from './kept-streams.ts';

it('slices of one host are one stream, whatever power was modelled for each', () => {
  const kept = new KeptStreams({ window: 3_600_000, size_limit_mib: 1 });
  const now = Math.floor(Date.now() / 1000) - 100;
  const slices = [5, 7, 9].map((watts, i) => {
    const attributes = {
      ...{ scenario: 'vm', power: 'modelled', 'stream.id': 'stream/a', 'stream.position': String(i) },
      ...{ 'run.start_time': now + 10 * i, 'run.duration': 10, 'run.sampling': 'interval' },
      ...{
        'power.predicted_watts': watts,
        'power.predicted_watts_lower': watts - 1,
        'power.predicted_watts_upper': 20,
      },
    };
    const series = Series.regular([now + 10 * i, 0], 10, Float64Array.of(watts));
    return Run.of(attributes, { samples: [samplesOf(hostPower, series)] });
  });
  for (const slice of slices)
    kept.note(slice, { found: [], rank: 0, valuedAt: 0 }, [{ from: now - 100, to: now + 100 }]);
  kept.settle(slices, new Set());
  expect(kept.all.map(({ attributes }) => attributes)).toEqual([{ scenario: 'vm', power: 'modelled' }]);
  expect(kept.size).toBe(1);
  const [period] = kept.all[0]?.periods.values() ?? [];
  expect(period?.amounts.get(hostPower)).toBe(210);
});
