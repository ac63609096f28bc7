import { expect, it } from 'vitest';
import type { PowerKind } from '../model/power-kind.ts';
import { type Figures, quantities } from './figures.ts';
import { formatDifference, formatRuns } from './tables.ts';

const row = (name: string, value: number, power: PowerKind = 'modelled') => ({
  name,
  power,
  figures: Object.fromEntries(quantities.map((key) => [key, value])) as Figures,
});

/** The words of the line that starts with a label. */
function line(table: string, label: string): string[] {
  const found = table.split('\n').find((text) => text.startsWith(`│ ${label}`));
  return (found ?? '').split('│').flatMap((cell) => cell.trim() || []);
}

it('shows one run, without statistics', () => {
  const table = formatRuns([row('a', 12.345678)]);
  expect(line(table, 'energy [kWh]')).toEqual(['energy [kWh]', '12.346']);
  expect(table).not.toContain('mean │');
});

it('shows runs side by side, and many below each other, with mean and deviation', () => {
  expect(line(formatRuns([row('a #1', 1), row('a #2', 3)]), 'energy [kJ]')).toEqual([
    'energy [kJ]',
    '1',
    '3',
    '2',
    '1.4',
  ]);
  const many = formatRuns([1, 2, 3, 4].map((value) => row(`a #${value}`, value)));
  expect(line(many, 'a #3')).toEqual(['a #3', 'modelled', ...quantities.map(() => '3')]);
  expect(line(many, 'standard deviation')[1]).toBe('1.3');
});

it('shows the difference of two commands with its spread, where there is one', () => {
  const [a, b] = [
    [row('a #1', 10), row('a #2', 20)],
    [row('b #1', 8), row('b #2', 16)],
  ] as const;
  const table = formatDifference(a, b);
  expect(table).toContain('b − a');
  expect(line(table, 'total cost')).toEqual(['total cost [USD]', '15 ± 7.1', '12 ± 5.7', '-3 ± 1.4', '-20 %']);
  expect(line(formatDifference([row('a', 0)], [row('b', 2)]), 'total cost')).toEqual([
    'total cost [USD]',
    '0',
    '2',
    '+2',
    '–',
  ]);
});

it('says how the power came about, of one run, of several and of two commands', () => {
  expect(line(formatRuns([row('a', 1, 'measured')]), 'power')).toEqual(['power', 'measured']);
  expect(line(formatRuns([row('a #1', 1), row('a #2', 3)]), 'power')).toEqual(['power', 'modelled', 'modelled']);
  expect(line(formatDifference([row('a', 1)], [row('b', 2)]), 'power')).toEqual(['power', 'modelled', 'modelled']);
});

it('lets no name drive the terminal', () => {
  expect(formatRuns([row('a\u001b[2J', 1)])).not.toContain('\u001b');
});
