import { describe, expect, it } from 'vitest';
import { knownFigures } from '../figures/names.ts';
import { type FigureDefinition, figure } from '../model/figure.ts';
import { Run } from '../model/run.ts';
import type { ValuedRun } from './advice.ts';
import { differenceOf, sumOf, valuedRun } from './amounts.ts';

const { energy, emissions, energyCost, totalCost } = knownFigures;
const end = (definition: FigureDefinition, which: 'lower' | 'upper') => ({
  ...definition,
  name: `${definition.name}_${which}`,
});
const raw = Run.of({ scenario: 'a run' });
const valued = (...figures: ReturnType<typeof figure>[]) => valuedRun(raw, raw.with({ figures }));

describe('what a run came to', () => {
  it('is known as far as its figures say, with their bounds', () => {
    const run = valued(
      figure(energy, 100),
      figure(end(energy, 'lower'), 90),
      figure(end(energy, 'upper'), 120),
      figure(energyCost, 1),
      figure(totalCost, 3),
    );
    expect(run.amounts).toEqual({ usd: { value: 3 }, energy: { value: 100, lower: 90, upper: 120 }, co2: undefined });
    expect(valued(figure(energyCost, 1)).amounts.usd).toEqual({ value: 1 });
    expect(valuedRun(raw, undefined)).toEqual({ raw, valued: undefined, amounts: {} });
  });

  it('has no sum of emissions by averages and by the plant at the margin', () => {
    const [average, marginal] = [{}, { method: 'marginal' }].map((labels) => valued(figure(emissions, 1, labels)));
    expect(sumOf([average, average] as ValuedRun[]).co2).toEqual({ value: 2 });
    expect(sumOf([average, marginal] as ValuedRun[]).co2).toBeUndefined();
  });

  it('is emissions by location before those at the margin, never both', () => {
    const by = (method: string, value: number) => figure(emissions, value, { method });
    expect(valued(by('marginal', 2))).toMatchObject({ amounts: { co2: { value: 2 } }, signal: 'marginal' });
    expect(valued(by('marginal', 2), by('location', 1))).toMatchObject({
      amounts: { co2: { value: 1 } },
      signal: 'average',
    });
    expect(valued(by('market', 2)).amounts.co2).toBeUndefined();
  });
});

describe('sums and differences', () => {
  it('have bounds where one of the amounts has', () => {
    const sum = sumOf([
      valued(figure(energy, 100), figure(end(energy, 'lower'), 90), figure(end(energy, 'upper'), 120)),
      valued(figure(energy, 50)),
      valued(),
    ]);
    expect(sum).toEqual({ usd: undefined, energy: { value: 150, lower: 140, upper: 170 }, co2: undefined });
  });

  it('have the errors of a host go the same way before and after', () => {
    const before = { energy: { value: 100, lower: 80, upper: 120 }, usd: { value: 3 } };
    expect(differenceOf(before, { energy: { value: 50, lower: 40, upper: 60 } })).toEqual({
      energy: { value: 50, lower: 40, upper: 60 },
      usd: { value: 3 },
      co2: undefined,
    });
    const ends = [{ energy: { value: 70 } }, { energy: { value: 30 } }];
    expect(differenceOf({ energy: { value: 100 } }, { energy: { value: 50 } }, ends).energy).toEqual({
      value: 50,
      lower: 30,
      upper: 70,
    });
  });
});
