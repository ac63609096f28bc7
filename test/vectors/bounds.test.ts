import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import co2 from '../../plugins/processors/co2/index.ts';
import cost from '../../plugins/processors/cost/index.ts';
import currency from '../../plugins/processors/currency/index.ts';
import energy from '../../plugins/processors/energy/index.ts';
import type { Consumer } from '../../src/plugin/contract.ts';
import { cpuUsage, hostPower, Run, Series, samplesOf } from '../../src/plugin/index.ts';
import { createTestContext, figureLabels, figures } from '../kit/context.ts';

/** 2026-03-28T00:00:00Z. */
const MARCH = 1_774_656_000;
const HOUR = 3600;

/** What is predicted of a signal, and the ends of its interval; undefined where it is measured. */
interface Prediction {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

interface Case {
  readonly power: Prediction;
  readonly cpu: Prediction;
  readonly isPowerPredicted: boolean;
  readonly isCpuPredicted: boolean;
  readonly hours: number;
}

const price = [{ usd_per_kwh: 0.13 }, { effective_from: '2026-03-28T06:00:00Z', usd_per_kwh: 0.31 }];
const intensity = [{ kg_per_kwh: 0.45 }, { effective_from: '2026-03-28T12:00:00Z', kg_per_kwh: 0.2 }];
const market = { kg_per_kwh: 0.05, source: 'a contract' };
const rates = [{ date: '2026-01-01', EUR: 0.9 }];

/** Returns a run through energy, cost, CO₂ and currency. */
async function valued(run: Run, ofCost: object = {}, ofEnergy: object = {}): Promise<Run> {
  const last = createTestContext();
  const contextOf = (stage: Consumer) => createTestContext({ next: stage.consume.bind(stage) }).ctx;
  const fourth = currency.create(last.ctx, currency.configSchema.parse({ rates }));
  const third = co2.create(contextOf(fourth), co2.configSchema.parse({ region: 'us-east-1', intensity, market }));
  const second = cost.create(contextOf(third), cost.configSchema.parse({ region: 'us-east-1', price, ...ofCost }));
  const first = energy.create(contextOf(second), energy.configSchema.parse({ pue: 1.2, ...ofEnergy }));
  await first.consume([run], new AbortController().signal);
  return last.runs[0] as Run;
}

function runOf({ power, cpu, isPowerPredicted, isCpuPredicted, hours }: Case, more: Attributes = {}): Run {
  const constant = (value: number) =>
    Series.irregular([MARCH, 0], Float64Array.of(0, hours * HOUR), Float64Array.of(value, value));
  const attributes = {
    ...{ scenario: 'a run', 'run.start_time': MARCH, 'run.duration': hours * HOUR },
    ...(isPowerPredicted && {
      ...{ power: 'predicted', 'power.predicted_watts': power.value, 'power.interval_level': 0.8 },
      ...{ 'power.predicted_watts_lower': power.lower, 'power.predicted_watts_upper': power.upper },
    }),
    ...(isCpuPredicted && {
      ...{ cpu: 'predicted', 'cpu.predicted_cores': cpu.value, 'cpu.interval_level': 0.8 },
      ...{ 'cpu.predicted_cores_lower': cpu.lower, 'cpu.predicted_cores_upper': cpu.upper },
    }),
  };
  const samples = [samplesOf(hostPower, constant(power.value)), samplesOf(cpuUsage, constant(cpu.value))];
  return Run.of({ ...attributes, ...more }, { samples });
}

/** The run with an end of the interval in place of what is predicted of it. */
function atBound(given: Case, bound: 'lower' | 'upper'): Case {
  const { power, cpu, isPowerPredicted, isCpuPredicted } = given;
  return {
    ...given,
    power: isPowerPredicted ? { ...power, value: power[bound] } : power,
    cpu: isCpuPredicted ? { ...cpu, value: cpu[bound] } : cpu,
  };
}

const amount = fc.oneof(
  { arbitrary: fc.constant(0), weight: 1 },
  { arbitrary: fc.double({ min: 1e-3, max: 1e3, noNaN: true }), weight: 6 },
);
const prediction = fc
  .tuple(amount, amount, amount)
  .map((some) => some.sort((a, b) => a - b))
  .map(([lower, value, upper]) => ({ lower, value, upper }) as Prediction);
const cases = fc.record({
  ...{ power: prediction, cpu: prediction },
  ...{ isPowerPredicted: fc.boolean(), isCpuPredicted: fc.boolean() },
  hours: fc.double({ min: 0.1, max: 40, noNaN: true }),
});

const OF_POWER = ['energy_joules', 'cost_energy_load_aware', 'cost_energy_load_aware_eur'];
const OF_CPU = ['cpu_core_seconds', 'cost_compute_load_aware', 'cost_compute_load_aware_eur'];
const TOTALS = ['cost_total_load_aware', 'cost_total_load_aware_eur'];
const boundName = (name: string, bound: string) =>
  name.endsWith('_eur') ? name.replace('_eur', `_${bound}_eur`) : `${name}_${bound}`;

/** Every figure by name, with what tells those of one name apart; also those by location and by the market. */
function allFigures(run: Run): Record<string, number> {
  return Object.fromEntries(
    run.scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [
          attributes.method === undefined ? descriptor.name : `${descriptor.name} ${attributes.method}`,
          value as number,
        ]),
      ),
    ),
  );
}

function expectClose(actual: number | undefined, expected: number | undefined): void {
  expect(Math.abs((actual ?? Number.NaN) - (expected ?? Number.NaN))).toBeLessThanOrEqual(
    1e-12 * Math.abs(expected ?? 0),
  );
}

describe('the bounds of the figures of a run', () => {
  it.each([
    ['priced apart', {}],
    ['whose price of CPU time includes the energy', { usd_per_core_hour: 0.04, includes_energy: true }],
  ])('%s are what it comes to with the bounds in place of the predictions', async (_, ofCost) => {
    const includesEnergy = 'includes_energy' in ofCost;
    const property = fc.asyncProperty(cases, async (given) => {
      const own = allFigures(await valued(runOf(given), ofCost));
      for (const bound of ['lower', 'upper'] as const) {
        const plain = { ...atBound(given, bound), isPowerPredicted: false, isCpuPredicted: false };
        const wanted = allFigures(await valued(runOf(plain), ofCost));
        const { isPowerPredicted, isCpuPredicted } = given;
        const isTotalPredicted = isCpuPredicted || (isPowerPredicted && !includesEnergy);
        const emissions = ['location', 'market'].map((method) => `co2_emissions_kg ${method}`);
        const names: [string, string, boolean][] = [
          ...OF_POWER.map((name): [string, string, boolean] => [name, boundName(name, bound), isPowerPredicted]),
          ...OF_CPU.map((name): [string, string, boolean] => [name, boundName(name, bound), isCpuPredicted]),
          ...TOTALS.map((name): [string, string, boolean] => [name, boundName(name, bound), isTotalPredicted]),
          ...emissions.map((name): [string, string, boolean] => {
            return [name, name.replace('_kg', `_kg_${bound}`), isPowerPredicted];
          }),
        ];
        for (const [name, ofBound, isPredicted] of names) {
          if (isPredicted) expectClose(own[ofBound], wanted[name]);
          else expect(own).not.toHaveProperty([ofBound]);
        }
      }
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('are those of what is assumed too, where that is a predicted power', async () => {
    const given = { power: { value: 10, lower: 7, upper: 12 }, cpu: { value: 2, lower: 2, upper: 2 }, hours: 1 };
    const measured = { ...given, isPowerPredicted: false, isCpuPredicted: false };
    const predicted = {
      ...{ 'power.predicted_watts': 10, 'power.predicted_watts_lower': 7, 'power.predicted_watts_upper': 12 },
      'run.duration': 2 * HOUR,
    };
    const run = await valued(runOf(measured, predicted), {}, { fill: 'predicted', pue: 1 });
    const found = figures(run);
    expect(found.energy_filled_joules_lower).toBeCloseTo(7 * HOUR, 6);
    expect(found.energy_filled_joules_upper).toBeCloseTo(12 * HOUR, 6);
    expect(found.cost_energy_filled_lower).toBeCloseTo((7 / 1000) * 0.13, 12);
    expect(found.co2_emissions_filled_kg_upper).toBeCloseTo((12 / 1000) * 0.45, 12);
    expect(found).not.toHaveProperty('energy_joules_lower');
    expect(found).not.toHaveProperty('cost_total_load_aware_lower');
  });

  it('say of what they are: predicted CPU time, and an extrapolated run', async () => {
    const given = { power: { value: 10, lower: 7, upper: 12 }, cpu: { value: 2, lower: 1, upper: 4 }, hours: 1 };
    const both = { ...given, isPowerPredicted: true, isCpuPredicted: true };
    const run = await valued(runOf(both, { 'power.extrapolated': true }));
    const common = { scenario: 'a run', region: 'us-east-1', power: 'predicted', extrapolated: 'true' };
    for (const end of ['', '_lower', '_upper']) {
      expect(figureLabels(run, `cost_energy_load_aware${end}`)).toEqual(common);
      expect(figureLabels(run, `cost_compute_load_aware${end}`)).toEqual({ ...common, cpu: 'predicted' });
      expect(figureLabels(run, `cost_total_load_aware${end}`)).toEqual({ ...common, cpu: 'predicted' });
    }
  });
});
