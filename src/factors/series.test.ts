import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import type { FactorSeries } from '../model/factor.ts';
import { createFactorSeries } from './series.ts';
import { factorSettings } from './settings.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({
    'prices.csv':
      'from,to,usd_per_kwh\n2027-01-01T00:00Z,2027-01-01T01:00Z,0.1\n2027-01-01T01:00Z,2027-01-01T02:00Z,0.2\n',
    'broken.csv': 'from,to,usd_per_kwh\n0,1,much\n',
  });
});
afterAll(() => folder.remove());

const seconds = (text: string) => Date.parse(text) / 1000;
const create = (config: unknown, quantity: 'price' | 'intensity' | 'core_price' = 'price') =>
  createFactorSeries({ quantity }, factorSettings(quantity).parse(config), {
    id: 'cost',
    resolvePath: (path) => resolve(folder.path, path),
  });

/** The periods as `2025-01-01T00:00Z to 2026-06-30T22:00Z 0.13 price/cost/2025-01-01`. */
function written(series: FactorSeries, from: string, to: string): string[] {
  const text = (time: number) =>
    Number.isFinite(time) ? `${new Date(time * 1000).toISOString().slice(0, 16)}Z` : `${time}`;
  return series
    .between(seconds(from), seconds(to))
    .map(({ from: opens, to: closes, factor }) => `${text(opens)} to ${text(closes)} ${factor.value} ${factor.id}`);
}

/** What is known of the time from `from` to `to`, cut off there. */
function known(series: FactorSeries, from: number, to: number) {
  return series
    .between(from, to)
    .map((period) => ({ ...period, from: Math.max(period.from, from), to: Math.min(period.to, to) }));
}

const tariff = {
  default: 0.31,
  bands: [
    { rate: 0.22, from: '22:00', to: '06:00' },
    { rate: 0.25, days: ['sat', 'sun', 'holidays'] },
  ],
  holidays: ['2026-12-25'],
};
const threeWays = [
  { effective_from: '2027-01-01', file: 'prices.csv' },
  { effective_from: '2025-01-01', usd_per_kwh: 0.13, source: 'contract 7', year: 2025 },
  { effective_from: '2026-07-01', time_zone: 'Europe/Berlin', tariff },
];

describe('entries', () => {
  it('hold from their date to that of the next, in any order', async () => {
    const { series, start } = create(threeWays);
    await start();
    expect(written(series, '2024-01-01', '2026-07-01')).toEqual([
      '2025-01-01T00:00Z to 2026-06-30T22:00Z 0.13 price/cost/2025-01-01',
      '2026-06-30T22:00Z to 2026-07-01T04:00Z 0.22 price/cost/2026-07-01/22:00-06:00',
    ]);
    expect(written(series, '2026-12-25T06:00Z', '2026-12-25T22:00Z')).toEqual([
      '2026-12-25T05:00Z to 2026-12-25T21:00Z 0.25 price/cost/2026-07-01/sat,sun,holidays',
      '2026-12-25T21:00Z to 2026-12-25T23:00Z 0.22 price/cost/2026-07-01/22:00-06:00',
    ]);
    expect(written(series, '2026-12-31T23:00Z', '2028-01-01')).toEqual([
      '2026-12-31T23:00Z to 2027-01-01T00:00Z 0.22 price/cost/2026-07-01/22:00-06:00',
      '2027-01-01T00:00Z to 2027-01-01T01:00Z 0.1 price/cost/2027-01-01/prices.csv',
      '2027-01-01T01:00Z to 2027-01-01T02:00Z 0.2 price/cost/2027-01-01/prices.csv',
    ]);
  });

  it('say where their values come from', async () => {
    const { series, start } = create(threeWays);
    await start();
    const factorAt = (time: string) => series.between(seconds(time), seconds(time))[0]?.factor;
    expect(factorAt('2025-06-01')).toEqual({
      id: 'price/cost/2025-01-01',
      quantity: 'price',
      value: 0.13,
      unit: 'USD/kWh',
      source: 'contract 7',
      year: 2025,
      state: 'static',
    });
    expect(factorAt('2026-08-01')?.source).toBe('configuration');
    expect(factorAt('2027-01-01')?.source).toBe('prices.csv');
  });

  it('hold since ever and for ever where none is before or after', () => {
    const always = [{ from: -Infinity, to: Infinity }];
    for (const [quantity, key, unit] of [
      ['price', 'usd_per_kwh', 'USD/kWh'],
      ['intensity', 'kg_per_kwh', 'kg/kWh'],
      ['core_price', 'usd_per_core_hour', 'USD/core-hour'],
    ] as const) {
      const factor = {
        id: `${quantity}/cost/always`,
        quantity,
        value: 0,
        unit,
        source: 'configuration',
        state: 'static',
      };
      const found = create([{ [key]: 0 }], quantity).series.between(5, 5);
      expect(found).toEqual(always.map((period) => ({ ...period, factor })));
    }
  });

  it('begin at a time with an offset, or at midnight of their time zone', () => {
    const begins = (entry: object) => create([{ usd_per_kwh: 1, ...entry }]).series.between(0, Infinity)[0]?.from;
    expect(begins({ effective_from: '2026-07-01' })).toBe(seconds('2026-07-01T00:00Z'));
    expect(begins({ effective_from: '2026-07-01', time_zone: 'America/New_York' })).toBe(seconds('2026-07-01T04:00Z'));
    expect(begins({ effective_from: '2026-07-01T02:30+02:00' })).toBe(seconds('2026-07-01T00:30Z'));
  });

  it('say how an intensity counts', () => {
    const config = factorSettings('intensity').parse([{ kg_per_kwh: 0.1 }]);
    const ctx = { id: 'co2', resolvePath: String };
    const { series } = createFactorSeries({ quantity: 'intensity', method: 'market' }, config, ctx);
    expect(series.between(0, 1)[0]?.factor.method).toBe('market');
  });
});

describe('files', () => {
  it('are read at the start, before which they say nothing', async () => {
    const { series, start } = create([{ file: 'prices.csv' }]);
    expect(series.between(0, Infinity)).toEqual([]);
    await start();
    expect(series.between(0, Infinity).map(({ factor }) => factor.value)).toEqual([0.1, 0.2]);
    expect(new Set(series.between(0, Infinity).map(({ factor }) => factor.id))).toEqual(
      new Set(['price/cost/always/prices.csv']),
    );
  });

  it('say what time they are about where it is another', async () => {
    const { series, start } = create([{ file: 'prices.csv' }, { effective_from: '2027-06-01', usd_per_kwh: 0.13 }]);
    await start();
    const why = (from: string, to: string) => series.whyUnknown?.(seconds(from), seconds(to));
    const problem = 'prices.csv is about the time from 2027-01-01T00:00:00Z to 2027-01-01T02:00:00Z';
    expect(why('2026-12-31T23:30Z', '2027-01-01T00:30Z')).toEqual({ reason: 'unknown_factor', problem });
    expect(why('2027-02-01T00:00Z', '2027-02-01T01:00Z')).toEqual({ reason: 'unknown_factor', problem });
    expect(why('2027-01-01T00:00Z', '2027-01-01T02:00Z')).toBeUndefined();
    expect(why('2027-06-01T00:00Z', '2027-06-02T00:00Z')).toBeUndefined();
  });

  it('keep the start from succeeding where one is broken', async () => {
    const { start } = create([{ file: 'prices.csv' }, { effective_from: '2026-01-01', file: 'broken.csv' }]);
    await expect(start()).rejects.toThrow(`${folder.path}/broken.csv:2: \`usd_per_kwh\` is "much"`);
  });

  it('are read again where they have changed, and keep their values where they are not valid then', async () => {
    await folder.write({ 'revised.csv': 'from,to,usd_per_kwh\n0,3600,0.1\n' });
    const { series, start, refresh } = create([{ file: 'revised.csv' }]);
    const value = () => series.between(0, 1)[0]?.factor.value;
    await start();
    expect(series.between(0, 1)[0]?.factor).toMatchObject({ mayChange: true, state: 'static' });
    expect(await refresh?.()).toBe(false);
    await folder.write({ 'revised.csv': 'from,to,usd_per_kwh\n0,3600,0.25\n' });
    expect(await refresh?.()).toBe(true);
    expect(value()).toBe(0.25);
    await folder.write({ 'revised.csv': 'from,to,usd_per_kwh\n0,3600,much more\n' });
    await expect(refresh?.()).rejects.toThrow(/revised\.csv:2: .*much more/);
    expect(await refresh?.()).toBe(false);
    expect(value()).toBe(0.25);
    await rm(join(folder.path, 'revised.csv'));
    await expect(refresh?.()).rejects.toThrow('cannot be read');
    expect(await refresh?.()).toBe(false);
    await folder.write({ 'revised.csv': 'from,to,usd_per_kwh\n0,3600,0.5\n' });
    expect(await refresh?.()).toBe(true);
    expect(value()).toBe(0.5);
    expect(create([{ usd_per_kwh: 1 }]).refresh).toBeUndefined();
  });

  it('say that they have changed although another one is not valid', async () => {
    const text = 'from,to,usd_per_kwh\n0,3600,0.1\n';
    await folder.write({ 'one.csv': text, 'other.csv': text });
    const { start, refresh } = create([{ file: 'one.csv' }, { effective_from: '2026-01-01', file: 'other.csv' }]);
    await start();
    await folder.write({ 'one.csv': 'nothing', 'other.csv': text.replace('0.1', '0.25') });
    await expect(refresh?.()).rejects.toThrow('one.csv:1: found `nothing`');
    expect(await refresh?.()).toBe(true);
    expect(await refresh?.()).toBe(false);
  });
});

describe('history', () => {
  const date = fc
    .integer({ min: seconds('2020-01-01') / 86_400, max: seconds('2030-01-01') / 86_400 })
    .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
  const content = fc.oneof(
    fc.record({ usd_per_kwh: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({
      time_zone: fc.constantFrom('Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'UTC'),
      tariff: fc.record({
        default: fc.double({ min: 0, max: 1, noNaN: true }),
        bands: fc.constantFrom(tariff.bands, tariff.bands.slice(0, 1)),
        holidays: fc.constant(tariff.holidays),
      }),
    }),
  );
  const entries = fc
    .uniqueArray(date, { minLength: 2, maxLength: 6 })
    .chain((dates) => fc.tuple(...dates.map((effective_from) => content.map((more) => ({ effective_from, ...more })))));
  const length = fc.integer({ min: 0, max: 20 * 86_400 });

  it('stays as it is when the last entry is edited, dropped, or followed by another', () => {
    fc.assert(
      fc.property(entries, content, length, fc.nat({ max: 100 * 86_400 }), (all, edited, seconds_, before) => {
        const sorted = [...all].sort((a, b) => a.effective_from.localeCompare(b.effective_from));
        const last = sorted.at(-1) as (typeof all)[number];
        // What is local midnight of the last entry is at most 14 hours before that in UTC.
        const to = seconds(last.effective_from) - 14 * 3600 - before;
        const from = to - seconds_;
        const earlier = sorted.slice(0, -1);
        const expected = known(create(all).series, from, to);
        const changes = [
          [...earlier, { effective_from: last.effective_from, ...edited }],
          earlier,
          [{ effective_from: '2031-01-01', ...edited }, ...all],
        ];
        for (const changed of changes) expect(known(create(changed).series, from, to)).toEqual(expected);
        for (const period of expected) expect(period.from).toBeLessThanOrEqual(period.to);
      }),
    );
  });

  it('has the entry in force at every moment, none before the first, and no time twice', () => {
    fc.assert(
      fc.property(
        entries,
        fc.integer({ min: 18_200 * 86_400, max: 22_000 * 86_400 }),
        length,
        (all, from, seconds_) => {
          const config = all.map((entry) => ({ ...entry, time_zone: 'UTC' }));
          const { series } = create(config);
          const inForce = config
            .filter(({ effective_from }) => seconds(effective_from) <= from)
            .sort((a, b) => b.effective_from.localeCompare(a.effective_from))[0];
          const [now] = series.between(from, from);
          expect(now?.factor.id.split('/')[2]).toBe(inForce?.effective_from);
          const first = Math.min(...config.map(({ effective_from }) => seconds(effective_from)));
          const to = from + seconds_;
          const covered = known(series, from, to).reduce((sum, period) => sum + period.to - period.from, 0);
          expect(covered).toBe(Math.max(0, to - Math.max(from, first)));
        },
      ),
    );
  });
});
