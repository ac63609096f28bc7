import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { JULY, madeRun, packagedPipeline } from '../../test/kit/advice.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage } from '../model/signals.ts';
import { amountNames, type Proposal, type ValueRuns } from './advice.ts';
import { sumOf } from './amounts.ts';
import { changing, numbered, numberOfRun, withValues } from './changed-runs.ts';
import { valueProposals } from './value-proposals.ts';

const runs = numbered(
  [100, 200, 300, 400].map((watts, index) => madeRun({ start: JULY + 1000 * index, watts, cores: 1 + index })),
);

/** Proposes to scale what these runs draw and use. */
function scaling(id: string, factor: number, of: readonly number[], more: Partial<Proposal> = {}): Proposal {
  const chosen = runs.filter((run) => of.includes(numberOfRun(run)));
  const apply = changing(chosen, (run) => withValues(run, (was) => was * factor));
  return { kind: 'settings', id, title: id, assumes: [], check: '', apply, ...more };
}

describe('valued proposals', () => {
  let value: ValueRuns;
  beforeAll(async () => {
    value = await packagedPipeline();
  });

  it('save the difference of two valuations of all runs, the largest first, each of what is left', async () => {
    const small = scaling('small', 0.9, [0]);
    const large = scaling('large', 0.5, [0, 1, 2, 3]);
    const { advice, before, saved } = await valueProposals(runs, [small, large], value);
    const steps: (readonly Run[])[] = [runs, large.apply(runs), small.apply(large.apply(runs))];
    const sums = await Promise.all(steps.map(async (step) => sumOf(await value(step))));
    expect(advice.map(({ id }) => id)).toEqual(['large', 'small']);
    for (const name of amountNames) {
      const [raw, half, all] = sums.map((sum) => sum[name]?.value) as [number, number, number];
      expect(before[name]?.value).toBe(raw);
      expect(Math.abs((advice[0]?.saves[name]?.value as number) - (raw - half))).toBeLessThanOrEqual(1e-12);
      expect(Math.abs((advice[1]?.saves[name]?.value as number) - (half - all))).toBeLessThanOrEqual(1e-12);
      expect(saved[name]?.value).toBeCloseTo(raw - all, 9);
    }
    expect(advice[1]?.runs).toEqual([runs[0]]);
    expect(advice[1]?.cost.energy?.value).toBe(60_000);
  });

  it('never save more together than there was, whatever overlaps', async () => {
    const proposal = fc.record({
      factor: fc.double({ min: 0, max: 1.5, noNaN: true }),
      of: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(proposal, { maxLength: 4 }), async (given) => {
        const proposals = given.map(({ factor, of }, index) => scaling(String(index), factor, of));
        const { advice, before, saved } = await valueProposals(runs, proposals, value);
        for (const { saves } of advice) expect(saves.usd?.value).toBeGreaterThan(0);
        expect(saved.usd?.value ?? 0).toBeLessThanOrEqual((before.usd?.value as number) * (1 + 1e-12));
      }),
      { numRuns: 15 },
    );
  });

  it('are silent where nothing is saved, or nothing any more, or the ends of the interval do not tell', async () => {
    const again = { apply: changing(runs, (run) => withValues(run, () => 0)) };
    const { advice, silences } = await valueProposals(
      runs,
      [scaling('more', 1.1, [0]), scaling('off', 0, [0, 1, 2, 3], again), scaling('off again', 0, [0, 1, 2, 3], again)],
      value,
    );
    expect(advice.map(({ id }) => id)).toEqual(['off']);
    expect(silences.map(({ reason }) => reason).sort()).toEqual(['no_saving', 'nothing_left']);
    const ends = [0.9, 1.08].map((factor) => scaling('', factor, [0]).apply);
    const unsure = await valueProposals(runs, [scaling('unsure', 0.99, [0], { ends })], value);
    expect([unsure.advice, unsure.silences.map(({ reason }) => reason)]).toEqual([[], ['noise']]);
  });

  it('take the savings at the ends as the interval', async () => {
    const ends = [scaling('', 0.4, [1]).apply, scaling('', 0.6, [1]).apply];
    const { advice } = await valueProposals(runs, [scaling('half', 0.5, [1], { ends })], value);
    expect(advice[0]?.saves.energy).toEqual({
      value: expect.closeTo(60_000, 6),
      lower: expect.closeTo(48_000, 6),
      upper: expect.closeTo(72_000, 6),
    });
  });

  it('say no saving in money where a total cost would be compared with one of energy alone', async () => {
    const unknown = changing(runs.slice(0, 1), (run) => run.withoutSamples([cpuUsage]));
    const { advice, silences } = await valueProposals(runs, [{ ...scaling('cpu', 1, [0]), apply: unknown }], value);
    expect([advice, silences.map(({ reason }) => reason)]).toEqual([[], ['no_saving']]);
  });

  it('say no saving of what only the changed run has, as if it had cost nothing before', async () => {
    const nowhere = runs[0]?.with({ attributes: { region: 'nowhere' } }) as Run;
    const found = changing([nowhere], (run) => run.with({ attributes: { region: 'us-east-1' } }));
    const half = changing(runs.slice(1), (run) => withValues(run, (was) => was / 2));
    const both = {
      ...scaling('both', 1, [0]),
      apply: (all: readonly Run[]) => half(found(all)),
      aim: 'energy' as const,
    };
    const { advice } = await valueProposals([nowhere, ...runs.slice(1)], [both], value);
    expect(advice.map(({ saves: { usd, co2 } }) => [usd, co2])).toEqual([[undefined, undefined]]);
  });

  it('say no saving of what a changed run does not have any more, or cannot be compared', async () => {
    const lost = changing(runs.slice(0, 1), (run) => run.with({ attributes: { region: 'nowhere' } }));
    const half = scaling('half', 0.5, [1], { notCompared: ['usd'] });
    const nowhere = { ...scaling('nowhere', 1, [0]), apply: lost, aim: 'co2' as const };
    const { advice, silences, saved } = await valueProposals(runs, [half, nowhere], value);
    expect(advice.map(({ id, saves }) => [id, saves.usd, saves.energy?.value])).toEqual([['half', undefined, 60_000]]);
    expect(saved.usd).toBeUndefined();
    expect(silences).toEqual([expect.objectContaining({ reason: 'no_saving' })]);
  });
});
