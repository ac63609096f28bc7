import { expect, it } from 'vitest';
import { extendRun, figureGauge, makeRun } from 'wattline/plugin';
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
  const run = makeRun({}, 'test', []);
  const batch = extendRun(run, 'test', [figureGauge({ name: 'figure', unit, description: '' }, 1, run)]);
  expect([...runFigures(batch).figures.keys()]).toEqual([column]);
});
