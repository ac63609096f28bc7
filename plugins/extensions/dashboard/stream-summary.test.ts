import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counter } from './counter-history.ts';
import type { Quantity } from './counter-points.ts';
import { type CounterRecord, withPoint } from './counter-record.ts';
import { type StreamRow, summariseStreams } from './stream-summary.ts';

const NOVEMBER = Date.UTC(2026, 10) / 1000;
const NOW = NOVEMBER + 36_000;

interface Described extends Partial<Omit<Counter, 'record' | 'quantity'>> {
  /** What it rises by in a second, over the last hour or up to so many seconds ago. */
  readonly rate: number;
  readonly ago?: number;
  readonly start?: number;
}

function counter(quantity: Quantity, { rate, ago = 0, start = NOW - 3600, ...name }: Described): Counter {
  let record: CounterRecord | undefined;
  for (let at = NOW - 3540; at <= NOW - ago; at += 60) {
    record = withPoint(record, { start, at, value: rate * (at - start) });
  }
  const nothing = { scenario: null, region: null, encoder: null, namespace: null, host: null };
  return { quantity, ...nothing, ...name, record: record as CounterRecord };
}

const near = (value: number): number => expect.closeTo(value, 9);

describe('what streams use', () => {
  it('is what they use now, and have used this month', () => {
    const { totals, month } = summariseStreams(
      [
        counter('joules', { rate: 100, host: 'a' }),
        counter('joules', { rate: 20, host: 'b' }),
        counter('core_seconds', { rate: 1.5 }),
        counter('energy_usd', { rate: 1e-5 }),
        counter('compute_usd', { rate: 2e-5 }),
        counter('co2_kg', { rate: 3e-6 }),
      ],
      {},
      NOW,
    );
    expect(totals).toEqual({
      ...{ power_w: near(120), cpu_cores: near(1.5), co2_per_hour_kg: near(0.0108) },
      ...{ cost_per_hour_usd: near(0.108), cost_energy_per_hour_usd: near(0.036) },
      cost_energy_included_per_hour_usd: null,
      ...{ cost_compute_per_hour_usd: near(0.072), energy_month_kwh: near(0.12), cpu_month_core_h: near(1.5) },
      ...{ cost_month_usd: near(0.108), cost_energy_month_usd: near(0.036), cost_compute_month_usd: near(0.072) },
      ...{ co2_month_kg: near(0.0108), last_at: new Date(NOW * 1000).toISOString() },
    });
    expect(month).toEqual({ from_at: '2026-11-01T00:00:00.000Z', since_at: '2026-11-01T00:00:00.000Z' });
  });

  it('does not add the energy that the price of CPU time includes', () => {
    const counters = [counter('included_energy_usd', { rate: 1e-5 }), counter('compute_usd', { rate: 2e-5 })];
    expect(summariseStreams(counters, {}, NOW).totals).toMatchObject({
      ...{ cost_per_hour_usd: near(0.072), cost_month_usd: near(0.072) },
      ...{ cost_energy_per_hour_usd: near(0.036), cost_energy_included_per_hour_usd: near(0.036) },
      ...{ cost_energy_month_usd: near(0.036), cost_compute_month_usd: near(0.072) },
    });
  });

  it('is null where it is not known, and costs are those that are known', () => {
    const { totals } = summariseStreams([counter('joules', { rate: 9 }), counter('energy_usd', { rate: 1 })], {}, NOW);
    expect(totals).toMatchObject({ cpu_cores: null, co2_per_hour_kg: null, co2_month_kg: null });
    expect(totals).toMatchObject({ cost_compute_month_usd: null, cost_per_hour_usd: near(3600) });
    expect(summariseStreams([], {}, NOW)).toMatchObject({ counters: 0, last_at: null, totals: { power_w: null } });
  });

  it('is not known now of what is silent, and is in the month', () => {
    const silent = counter('joules', { rate: 100, ago: 600, host: 'a' });
    expect(summariseStreams([silent], {}, NOW).totals).toMatchObject({ power_w: null, energy_month_kwh: near(1 / 12) });
    const both = summariseStreams([silent, counter('joules', { rate: 20, host: 'b' })], {}, NOW);
    expect(both.totals.power_w).toBeCloseTo(20, 9);
    const hosts = both.by_host?.map(({ name, power_w }) => [name, power_w]);
    expect(hosts).toEqual([
      ['a', null],
      ['b', near(20)],
    ]);
  });

  it('is nothing of what does not rise while others of the same do', () => {
    const idle = counter('compute_usd', { rate: 1, ago: 600, host: 'a' });
    const { totals } = summariseStreams([idle, counter('joules', { rate: 20, host: 'a' })], {}, NOW);
    expect(totals.cost_compute_per_hour_usd).toBe(0);
  });

  it('leaves out what was silent all month, and says when the last value was', () => {
    const old = counter('joules', { rate: 100, host: 'a' });
    const december = Date.UTC(2026, 11) / 1000;
    expect(summariseStreams([old], {}, december + 3600)).toMatchObject({
      ...{ counters: 0, all_counters: 0, by_host: [], last_at: new Date(NOW * 1000).toISOString() },
    });
  });

  it('says since when all of the month is known', () => {
    const late = counter('joules', { rate: 100, start: NOVEMBER - 5 });
    const { month, totals } = summariseStreams([late, counter('co2_kg', { rate: 1 })], {}, NOW);
    expect(month.since_at).toBe(new Date((NOW - 3540) * 1000).toISOString());
    expect(totals.energy_month_kwh).toBeCloseTo((100 * 3540) / 3.6e6, 9);
  });
});

describe('the groups', () => {
  const named = fc.record({
    scenario: fc.option(fc.constantFrom('x', 'y', 'z')),
    namespace: fc.option(fc.constantFrom('n', 'm')),
    host: fc.option(fc.nat(300).map(String)),
    rate: fc.nat(100),
    quantity: fc.constantFrom<Quantity>('joules', 'energy_usd'),
  });

  it('come each to the totals, whatever is named', () => {
    fc.assert(
      fc.property(fc.array(named, { maxLength: 300 }), (list) => {
        const counters = list.map(({ quantity, ...rest }) => counter(quantity, rest));
        const { totals, by_scenario, by_namespace, by_host } = summariseStreams(counters, {}, NOW);
        for (const rows of [by_scenario, by_namespace, by_host] as StreamRow[][]) {
          expect(rows.length).toBeLessThanOrEqual(101);
          for (const number of ['power_w', 'cost_month_usd'] as const) {
            const sum = rows.reduce((total, row) => total + (row[number] ?? 0), 0);
            expect(sum).toBeCloseTo(totals[number] ?? 0, 6);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('begin with the costliest; all beyond a hundred are one row', () => {
    const many = Array.from({ length: 150 }, (_, i) => counter('energy_usd', { rate: i, host: `h${i}` }));
    const hosts = summariseStreams(many, {}, NOW).by_host ?? [];
    expect(hosts.map(({ name }) => name)).toEqual([...Array.from({ length: 100 }, (_, i) => `h${149 - i}`), undefined]);
    expect(hosts.at(-1)?.names).toBe(50);
  });

  it('are of the streams that are selected', () => {
    const list = [
      counter('joules', { rate: 1, scenario: 'Web shop', region: 'r1' }),
      counter('joules', { rate: 2, scenario: 'encoder', region: 'r1', encoder: 'x' }),
      counter('joules', { rate: 4, region: 'r2' }),
    ];
    const watts = (selection: object) => summariseStreams(list, selection, NOW).totals.power_w;
    const all = [{}, { scenario: 'encoder' }, { search: 'SHOP' }, { region: 'r1' }, { encoder: 'x' }, { region: 'r3' }];
    expect(all.map(watts)).toEqual([near(7), near(2), near(1), near(3), near(2), null]);
    expect(summariseStreams(list, { region: 'r3' }, NOW)).toMatchObject({ counters: 0, all_counters: 3 });
  });
});
