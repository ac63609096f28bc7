import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figures } from '../../../test/kit/context.ts';
import { exchangeFiles, periodsBetween, startOfDay } from '../../../test/kit/exchange-files.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

/** What 1 kW costs from one time to another. */
async function costOf(entry: object, from: number, to: number): Promise<number | undefined> {
  const { ctx, runs } = createTestContext();
  const stage = plugin.create(
    ctx,
    plugin.configSchema.parse({ rates: [{ date: '2020-01-01', EUR: 0.8 }], price: [entry] }),
  );
  await stage.start?.(new AbortController().signal);
  const power = samplesOf(hostPower, Series.regular([from, 0], to - from, Float64Array.of(1000, 1000)));
  const run = Run.of({ scenario: 'a day', region: 'eu-central-1' }, { samples: [power] });
  await stage.consume([run], new AbortController().signal);
  return (figures(runs[0]).cost_energy_load_aware as number) * 0.8;
}

/**
 * The n-th hour costs 10 n − 60 a MWh, so that the first five are negative, and the n-th quarter of an hour n − 20. Their
 * sums over a day of 23 hours are 10 × 276 − 23 × 60 = 1380 and 4278 − 92 × 20 = 2438, over one of 25 hours
 * 10 × 325 − 25 × 60 = 1750 and 5050 − 100 × 20 = 3050. A MWh is 1000 kWh, and a quarter of an hour at 1 kW 0.25 kWh.
 */
const days = [
  { day: '2026-03-29', hours: 23, hourly: 1.38, quarterly: 0.6095 },
  { day: '2026-10-25', hours: 25, hourly: 1.75, quarterly: 0.7625 },
];

describe.each(exchangeFiles)('a day of $name', ({ name, shortest, entry, write }) => {
  it.each(days)('costs what its hours do, on $day with $hours hours', async ({ day, hours, hourly, quarterly }) => {
    const from = startOfDay(day);
    const to = from + hours * 3600;
    const cost = async (length: number, priceOf: (index: number) => number) => {
      await folder.write({ [name]: write(periodsBetween(from, to, length, priceOf), 'EUR') });
      return costOf({ file: `${folder.path}/${name}`, ...entry }, from, to);
    };
    expect(await cost(3600, (index) => 10 * (index + 1) - 60)).toBeCloseTo(hourly, 12);
    if (shortest === 900) expect(await cost(900, (index) => index + 1 - 20)).toBeCloseTo(quarterly, 12);
  });
});

it('one hour after another has its own price, on the day that has one of them twice', async () => {
  const from = startOfDay('2026-10-25');
  for (const { name, entry, write } of exchangeFiles) {
    await folder.write({
      [name]: write(
        periodsBetween(from, from + 25 * 3600, 3600, (index) => 10 * index),
        'EUR',
      ),
    });
    for (const hour of [1, 2, 3, 4]) {
      const begin = from + hour * 3600;
      expect(await costOf({ file: `${folder.path}/${name}`, ...entry }, begin, begin + 3600)).toBeCloseTo(
        0.01 * hour,
        12,
      );
    }
  }
});
