import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import co2 from '../../plugins/processors/co2/index.ts';
import cost from '../../plugins/processors/cost/index.ts';
import energy from '../../plugins/processors/energy/index.ts';
import { cpuUsage, hostPower, Run, Series, samplesOf } from '../../src/plugin/index.ts';
import { createTestContext, figures } from '../kit/context.ts';

/** Figures that add up, each a sum over the run's time. */
const SUMS = [
  'energy_joules',
  'cpu_core_seconds',
  'cost_energy_load_aware',
  'cost_compute_load_aware',
  'cost_total_load_aware',
  'co2_emissions_kg',
] as const;
/** 2026-03-28T00:00:00Z; in the night after, clocks in Berlin go forward. */
const MARCH = 1_774_656_000;

const price = [
  { usd_per_kwh: 0.13 },
  {
    effective_from: '2026-03-28T06:00:00Z',
    time_zone: 'Europe/Berlin',
    tariff: {
      default: 0.31,
      bands: [
        { rate: 0.22, from: '22:00', to: '06:00' },
        { rate: 0.27, days: ['sun'] },
      ],
    },
  },
];
const intensity = [
  { kg_per_kwh: 0.45 },
  {
    effective_from: '2026-03-28T12:00:00Z',
    time_zone: 'Europe/Berlin',
    tariff: { default: 0.3, bands: [{ rate: 0.1, from: '11:00', to: '15:00' }] },
  },
];
const core_price = [{ usd_per_core_hour: 0.5 }, { effective_from: '2026-03-28T18:00:00Z', usd_per_core_hour: 0.4 }];

async function figuresOf(run: Run): Promise<Record<string, number>> {
  const { signal } = new AbortController();
  const last = createTestContext();
  const third = co2.create(last.ctx, co2.configSchema.parse({ region: 'us-east-1', intensity }));
  const second = cost.create(
    createTestContext({ next: third.consume.bind(third) }).ctx,
    cost.configSchema.parse({ region: 'us-east-1', price, core_price }),
  );
  const first = energy.create(
    createTestContext({ next: second.consume.bind(second) }).ctx,
    energy.configSchema.parse({ pue: 1.2 }),
  );
  await first.consume([run], signal);
  return figures(last.runs[0]);
}

interface Samples {
  readonly offsets: readonly number[];
  readonly watts: readonly number[];
  readonly cores: readonly number[];
}

function runOf({ offsets, watts, cores }: Samples): Run {
  const series = (values: readonly number[]) =>
    Series.irregular([MARCH, 0], Float64Array.from(offsets), Float64Array.from(values));
  return Run.of(
    { scenario: 'a run' },
    { samples: [samplesOf(hostPower, series(watts)), samplesOf(cpuUsage, series(cores))] },
  );
}

/** Distances of which none is more than twice another, so that there is no hole. */
const gaps = fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { minLength: 1, maxLength: 30 });

const run = fc
  .record({
    gaps,
    step: fc.double({ min: 1, max: 10_000, noNaN: true }),
    values: fc.array(
      fc.record({
        watts: fc.double({ min: 0, max: 900, noNaN: true }),
        cores: fc.double({ min: 0, max: 64, noNaN: true }),
      }),
      { minLength: 31, maxLength: 31 },
    ),
  })
  .map(({ gaps, step, values }): Samples => {
    const offsets = timesOf(gaps, step);
    const used = values.slice(0, offsets.length);
    return { offsets, watts: used.map(({ watts }) => watts), cores: used.map(({ cores }) => cores) };
  });

/** Returns the times of samples, in seconds from the first, whose distances are these in steps. */
function timesOf(gaps: readonly number[], step: number): number[] {
  const times = [0];
  for (const gap of gaps) times.push((times.at(-1) as number) + gap * step);
  return times;
}

const close = (actual: number | undefined, expected: number) =>
  expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * (Math.abs(expected) + 1e-9));

describe('energy, cost and emissions', () => {
  it('of a run are those of its two halves, wherever it is cut at a sample', async () => {
    await fc.assert(
      fc.asyncProperty(run, fc.nat(), async (samples, place) => {
        const cut = 1 + (place % (samples.offsets.length - 1));
        if (cut === samples.offsets.length - 1) return;
        const part = (from: number, to?: number) => ({
          offsets: samples.offsets.slice(from, to),
          watts: samples.watts.slice(from, to),
          cores: samples.cores.slice(from, to),
        });
        const whole = await figuresOf(runOf(samples));
        const first = await figuresOf(runOf(part(0, cut + 1)));
        const second = await figuresOf(runOf(part(cut)));
        for (const name of SUMS) close((first[name] ?? 0) + (second[name] ?? 0), whole[name] as number);
      }),
    );
  });

  it('grow with power as it does', async () => {
    await fc.assert(
      fc.asyncProperty(run, fc.double({ min: 0.001, max: 1000, noNaN: true }), async (samples, scale) => {
        const plain = await figuresOf(runOf(samples));
        const scaled = await figuresOf(runOf({ ...samples, watts: samples.watts.map((watts) => watts * scale) }));
        for (const name of ['energy_joules', 'cost_energy_load_aware', 'co2_emissions_kg'] as const) {
          close(scaled[name], (plain[name] as number) * scale);
        }
        expect(scaled.cost_compute_load_aware).toBe(plain.cost_compute_load_aware);
      }),
    );
  });

  it('of constant power are P · t, and each price for the time that it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 5000, noNaN: true }), gaps, async (watts, gaps) => {
        // A whole day of uneven samples.
        const offsets = timesOf(gaps, 86_400 / gaps.reduce((sum, gap) => sum + gap, 0));
        const samples = { offsets, watts: offsets.map(() => watts), cores: offsets.map(() => 1) };
        const { energy_joules, cost_energy_load_aware, cost_compute_load_aware, co2_emissions_kg } = await figuresOf(
          runOf(samples),
        );
        const kilowatts = (watts / 1000) * 1.2;
        close(energy_joules, watts * 86_400);
        // In Berlin, an hour ahead of UTC: 0.13 until 07:00, then 0.31 until 22:00, then 0.22 for two hours, then Sunday's one hour at 0.22.
        close(cost_energy_load_aware, kilowatts * (6 * 0.13 + 15 * 0.31 + 3 * 0.22));
        close(cost_compute_load_aware, 18 * 0.5 + 6 * 0.4);
        // 12:00 UTC is 13:00 there: two hours of noon are left.
        close(co2_emissions_kg, kilowatts * (12 * 0.45 + 2 * 0.1 + 10 * 0.3));
      }),
    );
  });
});
