import { expect, it } from 'vitest';
import { figure, Run } from 'wattline/plugin';
import { runFigures } from './run-figures.ts';

it.each([
  ['{USD}', 'figure [USD]'],
  ['kg{CO2e}', 'figure [kg]'],
  ['{USD}/h', 'figure [USD/h]'],
  ['{USD}/{pixel}', 'figure [USD/pixel]'],
  ['{USD}/kW.h', 'figure [USD/kW.h]'],
  ['{cpu}.s', 'figure [cpu.s]'],
  ['1', 'figure'],
  ['', 'figure'],
])('a figure in %j is a column %j', (unit, column) => {
  const run = Run.of({}, { figures: [figure({ name: 'figure', unit, description: '' }, 1)] });
  expect([...runFigures(run).figures.keys()]).toEqual([column]);
});
