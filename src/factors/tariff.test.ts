import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Factor, FactorSeries } from '../model/factor.ts';
import { bandName, type Day, dayNames, type Month, monthNames, type Tariff, tariffSeries } from './tariff.ts';

const zones = Intl.supportedValuesOf('timeZone');
const seconds = (text: string) => Date.parse(text) / 1000;
const factorOf = (value: number, id: string): Factor => ({
  id,
  quantity: 'price',
  value,
  unit: 'USD/kWh',
  source: 'test',
  state: 'static',
});
const seriesOf = (tariff: Partial<Tariff>, timeZone: string): FactorSeries =>
  tariffSeries({ bands: [], holidays: [], ...tariff }, timeZone, factorOf);

/** The periods of a series as `2026-03-29T01:00Z 0.2`, each with the time that it begins at. */
function written(series: FactorSeries, from: string, to: string): string[] {
  return series
    .between(seconds(from), seconds(to))
    .map((period) => `${new Date(period.from * 1000).toISOString().slice(0, 16)}Z ${period.factor.value}`);
}

/** The rate at a moment as one would read it off a clock and a calendar on the wall. */
function naiveRate(tariff: Tariff, timeZone: string, second: number): number | undefined {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const parts = format.formatToParts(second * 1000).map(({ type, value }) => [type, value]);
  const { year, month, day, hour, minute, weekday } = Object.fromEntries(parts) as Record<string, string>;
  const name = weekday?.slice(0, 3).toLowerCase() as Day;
  const isHoliday = tariff.holidays.includes(`${year}-${month}-${day}`);
  const isWeekend = name === 'sat' || name === 'sun';
  const kinds: Day[] = [
    ...(isHoliday ? ['holidays' as const] : []),
    ...(isWeekend ? ['weekend' as const, name] : []),
    ...(isWeekend || isHoliday ? [] : ['weekdays' as const, name]),
  ];
  const clock = `${hour}:${minute}`;
  const band = tariff.bands.find(({ days, months, from = '00:00', to = '24:00' }) => {
    if (days && !days.some((known) => kinds.includes(known))) return false;
    if (months && !months.includes(monthNames[Number(month) - 1] as Month)) return false;
    return from < to ? from <= clock && clock < to : from <= clock || clock < to;
  });
  return band ? band.rate : tariff.default;
}

const rate = fc.integer({ min: 0, max: 100 }).map((cents) => cents / 100);
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30', '59'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const day = fc.constantFrom<Day>(...dayNames, 'weekdays', 'weekend', 'holidays');
const band = fc
  .record(
    {
      rate,
      days: fc.uniqueArray(day, { minLength: 1, maxLength: 3 }),
      months: fc.uniqueArray(fc.constantFrom(...monthNames), { minLength: 1, maxLength: 8 }),
      from: clock,
      to: fc.oneof(clock, fc.constant('24:00')),
    },
    { requiredKeys: ['rate'] },
  )
  .filter(({ from = '00:00', to = '24:00' }) => from !== to);
const moment = fc.integer({ min: 0, max: seconds('2099-01-01') });
const tariffs = fc.record({
  default: fc.option(rate, { nil: undefined }),
  bands: fc.uniqueArray(band, { maxLength: 5, selector: bandName }),
  holidays: fc.array(
    moment.map((second) => new Date(second * 1000).toISOString().slice(0, 10)),
    { maxLength: 20 },
  ),
});
const zone = fc.oneof(
  fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Apia'),
  fc.constantFrom(...zones),
);

/** A moment, half of them within a day of a change of the zone's clocks. */
const momentIn = (timeZone: string) =>
  fc.oneof(
    moment,
    fc
      .tuple(moment, fc.integer({ min: -86_400, max: 86_400 }))
      .map(([near, offset]) => Math.max(0, nextChange(timeZone, near) + offset)),
  );

/** When the clocks of a zone are changed next, to the second, or the moment itself where they are not within 200 days. */
function nextChange(timeZone: string, from: number): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offset = (second: number) =>
    format
      .format(second * 1000)
      .split(',')
      .at(-1);
  let low = from;
  let high = from;
  for (let days = 0; days < 200 && offset(high) === offset(from); days += 10) {
    low = high;
    high += 864_000;
  }
  if (offset(low) === offset(high)) return from;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offset(middle) === offset(low)) low = middle;
    else high = middle;
  }
  return high;
}

describe('a tariff', () => {
  it('has the rate of the local time at every second, in all time zones', () => {
    const cases = zone.chain((timeZone) =>
      fc.tuple(fc.constant(timeZone), tariffs, fc.array(momentIn(timeZone), { minLength: 1, maxLength: 8 })),
    );
    fc.assert(
      fc.property(cases, ([timeZone, tariff, moments]) => {
        const series = seriesOf(tariff, timeZone);
        for (const second of moments) {
          const rateNow = naiveRate(tariff, timeZone, second);
          const expected = rateNow === undefined ? [] : [rateNow];
          const windows = [second, second + 1, second + 200_000].map((end) =>
            series.between(second - (end - second), end),
          );
          for (const periods of windows) {
            const now = periods.filter(({ from, to }) => from <= second && second < to);
            expect(now.map(({ factor }) => factor.value)).toEqual(expected);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves nothing out of a window, counts nothing twice, and has no edge without a change', () => {
    const window = fc.tuple(moment, fc.integer({ min: 1, max: 60 * 86_400 }));
    fc.assert(
      fc.property(zone, tariffs, rate, window, (timeZone, tariff, otherwise, [from, length]) => {
        const to = from + length;
        const periods = seriesOf({ ...tariff, default: otherwise }, timeZone).between(from, to);
        let sum = 0;
        for (const [index, period] of periods.entries()) {
          sum += Math.min(period.to, to) - Math.max(period.from, from);
          const before = periods[index - 1];
          if (before) expect(before.to).toBe(period.from);
          if (before) expect(before.factor).not.toBe(period.factor);
        }
        expect(sum).toBe(length);
        expect(periods[0]?.from).toBeLessThanOrEqual(from);
        expect(periods.at(-1)?.to).toBeGreaterThanOrEqual(to);
      }),
      { numRuns: 200 },
    );
  });

  it('has as many records as it has rates, whatever is asked', () => {
    const made: string[] = [];
    const tariff = { default: 0.3, bands: [{ rate: 0.2, from: '22:00', to: '06:00' }], holidays: [] };
    const series = tariffSeries(tariff, 'Europe/Berlin', (value, name) => {
      made.push(name);
      return factorOf(value, name);
    });
    series.between(seconds('2020-01-01'), seconds('2030-01-01'));
    series.between(seconds('2026-01-01'), seconds('2026-02-01'));
    expect(made.sort()).toEqual(['22:00-06:00', 'default']);
  });

  it('is unknown before 1970 and after 2099', () => {
    const series = seriesOf({ default: 0.3 }, 'UTC');
    expect(series.between(-1000, -1)).toEqual([]);
    expect(series.between(seconds('2100-01-01'), 1e15)).toEqual([]);
    const all = series.between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    expect(all.map(({ from, to }) => [from, to])).toEqual([[0, seconds('2100-01-01')]]);
  });
});

describe('where the clocks are changed', () => {
  const night = { default: 0.3, bands: [{ rate: 0.2, from: '22:00', to: '06:00' }] };
  const edge = { default: 0.3, bands: [{ rate: 0.2, from: '00:00', to: '02:30' }] };

  it('a night is an hour shorter in spring and an hour longer in autumn', () => {
    const series = seriesOf(night, 'Europe/Berlin');
    expect(written(series, '2026-03-28T20:00Z', '2026-03-29T21:00Z')).toEqual([
      '2026-03-28T05:00Z 0.3',
      '2026-03-28T21:00Z 0.2',
      '2026-03-29T04:00Z 0.3',
      '2026-03-29T20:00Z 0.2',
    ]);
    expect(written(series, '2026-10-24T20:00Z', '2026-10-25T22:00Z').slice(0, 2)).toEqual([
      '2026-10-24T20:00Z 0.2',
      '2026-10-25T05:00Z 0.3',
    ]);
  });

  it('an edge within the hour that is skipped falls on the skip', () => {
    const series = seriesOf(edge, 'Europe/Berlin');
    expect(written(series, '2026-03-28T23:30Z', '2026-03-29T02:00Z')).toEqual([
      '2026-03-28T23:00Z 0.2',
      '2026-03-29T01:00Z 0.3',
    ]);
  });

  it('an edge within the hour that comes twice comes twice', () => {
    const series = seriesOf(edge, 'Europe/Berlin');
    expect(written(series, '2026-10-24T22:30Z', '2026-10-25T02:00Z')).toEqual([
      '2026-10-24T22:00Z 0.2',
      '2026-10-25T00:30Z 0.3',
      '2026-10-25T01:00Z 0.2',
      '2026-10-25T01:30Z 0.3',
    ]);
  });
});

describe('bands', () => {
  const at = (tariff: Partial<Tariff>, time: string) =>
    seriesOf({ default: 0, ...tariff }, 'UTC').between(seconds(time), seconds(time))[0]?.factor.value;

  it('count in their order', () => {
    const bands = [
      { rate: 1, from: '22:00', to: '06:00' },
      { rate: 2, days: ['weekend'] as const },
    ];
    expect(at({ bands }, '2026-07-04T23:00Z')).toBe(1);
    expect(at({ bands: [...bands].reverse() }, '2026-07-04T23:00Z')).toBe(2);
  });

  it('take a holiday for no day from Monday to Friday, and leave a Saturday what it is', () => {
    const bands = [
      { rate: 1, days: ['weekdays', 'fri'] as const },
      { rate: 2, days: ['sat'] as const },
    ];
    const holidays = ['2026-12-25', '2026-12-26'];
    expect(at({ bands, holidays: [] }, '2026-12-25T12:00Z')).toBe(1);
    expect(at({ bands, holidays }, '2026-12-25T12:00Z')).toBe(0);
    expect(at({ bands, holidays }, '2026-12-26T12:00Z')).toBe(2);
    const free = [{ rate: 3, days: ['holidays'] as const }, ...bands];
    expect(at({ bands: free, holidays }, '2026-12-25T12:00Z')).toBe(3);
    expect(at({ bands: free, holidays }, '2026-12-26T12:00Z')).toBe(3);
  });

  it('go by the day of the moment after midnight', () => {
    const bands = [{ rate: 1, days: ['fri'] as const, from: '22:00', to: '06:00' }];
    expect(at({ bands }, '2026-07-03T23:00Z')).toBe(1);
    expect(at({ bands }, '2026-07-04T02:00Z')).toBe(0);
    expect(at({ bands }, '2026-07-03T02:00Z')).toBe(1);
  });

  it('are named for their times', () => {
    expect(bandName({ months: ['nov', 'dec'], days: ['sat', 'holidays'], from: '07:00' })).toBe(
      'nov,dec/sat,holidays/07:00-24:00',
    );
    expect(bandName({ to: '06:30' })).toBe('00:00-06:30');
    expect(bandName({})).toBe('always');
  });
});
