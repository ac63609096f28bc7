import { afterEach, describe, expect, it } from 'vitest';
import { defaultCorePrice } from 'wattline/figures';
import { factorAttributes } from 'wattline/plugin';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { counterNameOf } from './counter-points.ts';
import { openDatabase } from './database.ts';
import { History } from './history.ts';
import type { Selection } from './selection.ts';
import { choices, summarise } from './summary.ts';

let open: History | undefined;
afterEach(() => open?.close());

async function historyOf(runs: readonly FiguredRun[]): Promise<History> {
  const history = new History(openDatabase(undefined), {
    maxRuns: 1000,
    onLoss: (_, error) => expect.unreachable(String(error)),
  });
  open = history;
  for (const run of runs) history.add(figuredRun(run));
  await expect.poll(() => history.database.prepare('SELECT count(*) AS n FROM run').get()?.n).toBe(runs.length);
  return history;
}

const runs: FiguredRun[] = [
  {
    scenario: 'A',
    region: 'r1',
    encoder: 'x',
    start: 0,
    end: 60,
    energyUsd: 1,
    computeUsd: 2,
    totalUsd: 3,
    co2Kg: 0.5,
  },
  {
    scenario: 'A',
    region: 'r2',
    encoder: 'x',
    start: 0,
    end: 61,
    energyUsd: 1,
    computeUsd: 4,
    totalUsd: 5,
    co2Kg: 0.5,
  },
  { scenario: 'b', region: 'r1', encoder: 'y', start: 0, end: 3600, energyUsd: 1, co2Kg: 2 },
  { region: 'r1', start: 0, end: 3660, computeUsd: 1, totalUsd: 1 },
];

describe('a summary', () => {
  const of = async (selection: Selection) => summarise((await historyOf(runs)).database, selection);

  it('sums what is known, and counts the runs that have it', async () => {
    const { totals, by_scenario, timeline } = await of({});
    expect(totals).toMatchObject({
      ...{
        runs: 4,
        measured_runs: 0,
        modelled_runs: 0,
        predicted_runs: 0,
        runs_with_total: 3,
        runs_with_co2: 3,
        first_s: 60,
        last_s: 3660,
      },
      ...{ cost_total_usd: 9, cost_energy_usd: 3, cost_compute_usd: 7, co2_kg: 3, energy_kwh: null, cpu_core_h: null },
    });
    expect(by_scenario).toEqual([
      { scenario: 'A', scenarios: 1, runs: 2, cost_total_usd: 8 },
      { scenario: null, scenarios: 1, runs: 1, cost_total_usd: 1 },
    ]);
    expect(timeline).toEqual({
      bucket_s: 60,
      sums: [
        { at_s: 60, runs: 2, cost_energy_usd: 2, cost_compute_usd: 6, co2_kg: 1 },
        { at_s: 3600, runs: 1, cost_energy_usd: 1, cost_compute_usd: null, co2_kg: 2 },
        { at_s: 3660, runs: 1, cost_energy_usd: null, cost_compute_usd: 1, co2_kg: null },
      ],
      mean_total_usd: [
        { at_s: 60, share: 0, usd: 4 },
        { at_s: 3660, share: 1, usd: 1 },
      ],
    });
  });

  it('counts runs by how their power came about', async () => {
    const kinds = ['measured', 'modelled', 'modelled', 'predicted', 'predicted', 'predicted'];
    const known = kinds.map((power, i) => ({
      scenario: `run ${i}`,
      start: 0,
      end: 10,
      power: [1, 2, 3],
      attributes: { power },
    }));
    const { database } = await historyOf([...known, { scenario: 'without power', start: 0, end: 10 }]);
    expect(summarise(database, {}).totals).toMatchObject({ measured_runs: 1, modelled_runs: 2, predicted_runs: 3 });
  });

  it('keeps apart the energy that the price of CPU time includes', async () => {
    const included = {
      scenario: 'A',
      start: 0,
      end: 60,
      energyUsd: 1,
      computeUsd: 2,
      totalUsd: 2,
      includesEnergy: true,
    };
    const other = { scenario: 'b', start: 0, end: 60, energyUsd: 4, computeUsd: 8, totalUsd: 12 };
    const { totals, timeline } = summarise((await historyOf([included, other])).database, {});
    expect(totals).toMatchObject({ cost_total_usd: 14, cost_energy_usd: 5, cost_energy_included_usd: 1 });
    expect(timeline.sums).toEqual([{ at_s: 60, runs: 2, cost_energy_usd: 4, cost_compute_usd: 10, co2_kg: null }]);
  });

  it('names the defaults that its runs rest on, and how many do', async () => {
    const attributes = factorAttributes(defaultCorePrice);
    const list = [1, 2, 3].map((n) => ({ scenario: `s${n}`, start: 0, end: n, ...(n > 1 && { attributes }) }));
    const { database } = await historyOf(list);
    const text =
      'CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set `usd_per_core_hour` or `list_prices`';
    expect(summarise(database, {}).assumptions).toEqual([{ text, runs: 2 }]);
    expect(summarise(database, { scenario: 's1' }).assumptions).toEqual([]);
  });

  it.each<[Selection, number]>([
    [{ scenario: 'A' }, 2],
    [{ scenario: 'a' }, 0],
    [{ search: 'a' }, 2],
    [{ search: 'B' }, 1],
    [{ region: 'r1' }, 3],
    [{ region: 'r1', encoder: 'x' }, 1],
    [{ from: 61 }, 3],
    [{ from: 61, to: 3600 }, 2],
  ])('of %j has %i runs', async (selection, count) => {
    expect((await of(selection)).totals.runs).toBe(count);
  });

  it('of nothing has nulls, not zeros', async () => {
    const { totals, by_scenario, timeline } = await of({ scenario: 'none' });
    expect(totals).toMatchObject({ runs: 0, cost_total_usd: null, co2_kg: null, last_s: null });
    expect([by_scenario, timeline.sums, timeline.mean_total_usd]).toEqual([[], [], []]);
  });

  it('puts the scenarios beyond the costliest together', async () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ scenario: `s${i}`, start: 0, end: 10, totalUsd: i + 1 }));
    const { by_scenario, timeline } = summarise((await historyOf(many)).database, {});
    expect(by_scenario.map(({ scenario }) => scenario)).toEqual([
      ...Array.from({ length: 8 }, (_, i) => `s${19 - i}`),
      undefined,
    ]);
    expect(by_scenario[8]).toEqual({ scenarios: 12, runs: 12, cost_total_usd: 78 });
    expect(timeline.mean_total_usd?.at(-1)).toEqual({ at_s: 10, share: 8, usd: 6.5 });
  });
});

it('offers the values that occur, of runs and of streams', async () => {
  const { database } = await historyOf(runs);
  expect(choices(database, [])).toEqual({ scenarios: ['A', 'b'], regions: ['r1', 'r2'], encoders: ['x', 'y'] });
  const stream = counterNameOf(`joules ${JSON.stringify(Object.entries({ scenario: 'a host', region: 'r2' }))}`);
  expect(choices(database, [stream])).toMatchObject({ scenarios: ['A', 'a host', 'b'], regions: ['r1', 'r2'] });
});
