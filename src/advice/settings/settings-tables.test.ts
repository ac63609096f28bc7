import { describe, expect, it } from 'vitest';
import type { Run } from '../../model/run.ts';
import { parseRun } from '../../results/index.ts';
import type { SettingsWanted, ValuedRun } from '../advice.ts';
import { settingsReport } from './settings-report.ts';
import { plainSettings, settingsTables, type TextTable } from './settings-tables.ts';

/** A run that took so many joules at 0.36 USD/kWh, and wrote so many kilobits in ten seconds. */
function encoded(preset: string, bitrate: string, vmaf: number, joules: number, kbits: number): ValuedRun {
  const bits = { output_bytes: kbits * 125, output_bits_per_second: kbits * 100 };
  const name = {
    name: `${preset} ${bitrate}`,
    content: 'bbb',
    encoder_type: 'x264',
    preset,
    bitrate,
    vmaf_score: vmaf,
  };
  const times = { start_time: 1_796_000_000, step_seconds: 10 };
  const { run } = parseRun({ ...name, ...bits, ...times, power_watts: [joules / 10, joules / 10] }, {});
  const raw = run as Run;
  return { raw, valued: raw, amounts: { energy: { value: joules }, usd: { value: joules * 1e-7 } } };
}

const runs = [
  encoded('fast', '1M', 80, 100, 10_000),
  encoded('fast', '1M', 80, 104, 10_000),
  encoded('fast', '2M', 90, 110, 20_000),
  encoded('slow', '1M', 84, 400, 10_000),
  encoded('slow', '2M', 94, 440, 20_000),
  encoded('slower', '1M', 84.5, 900, 10_000),
];
const tables = (wanted: Partial<SettingsWanted> = {}) =>
  settingsTables(settingsReport(runs, { tolerance: 1, ...wanted }));

describe('the tables of settings', () => {
  it('say what a run with each comes to, and what is worth choosing', () => {
    const [{ title, head, rows }] = tables({ vmaf: 83 }) as [TextTable];
    expect(title).toBe(
      'bbb: a run with each setting, mean ± standard deviation; * where no other * is as good in cost, energy, VMAF, whatever the rate',
    );
    expect(head).toEqual(['setting', 'runs', 'VMAF', 'cost [USD]', 'energy [J]', 'rate [kbit/s]', 'choice']);
    expect(rows).toEqual([
      ['x264 fast 1M', '2', '80 ± 0', '0.0000102 ± 2.8e-7', '102 ± 2.8', '1000 ± 0', '*'],
      ['x264 fast 2M', '1', '90', '0.000011', '110', '2000', '* cheapest'],
      ['x264 slow 1M', '1', '84', '0.00004', '400', '1000', ''],
      ['x264 slow 2M', '1', '94', '0.000044', '440', '2000', '*'],
      ['x264 slower 1M', '1', '84.5', '0.00009', '900', '1000', ''],
    ]);
  });

  it('compare encoders at the same quality, and say from how many views on the dearer encode takes less', () => {
    const [, equal] = tables({ vmaf: 87, joulesPerBit: 1e-6 });
    expect(equal?.title).toBe('bbb: at equal quality, interpolated between measured runs; BD against x264 fast');
    expect(equal?.head).toEqual([
      'encoder',
      'energy [J] at VMAF 87',
      'rate [kbit/s] at VMAF 87',
      'BD-rate [%]',
      'BD-energy [%]',
      'least energy',
    ]);
    // Two points make a line in the logarithms, here at 7/10 and 3/10 of it; the middle of what both share is at 87 too.
    const [fast, slow] = [102 * (110 / 102) ** 0.7, 400 * 1.1 ** 0.3];
    const [fastBits, slowBits] = [1e7 * 2 ** 0.7, 1e7 * 2 ** 0.3];
    const views = (slow - fast) / (1e-6 * (fastBits - slowBits));
    const four = (value: number) => String(Number(value.toPrecision(4)));
    const three = (value: number) => String(Number(value.toPrecision(3)));
    expect(equal?.rows).toEqual([
      ['x264 fast', four(fast), four(fastBits / 1e4), '–', '–', '–'],
      [
        'x264 slow',
        four(slow),
        four(slowBits / 1e4),
        three(100 * (2 ** -0.4 - 1)),
        `+${three(100 * (slow / fast - 1))}`,
        `above ${four(views)} views`,
      ],
    ]);
  });

  it('take the middle of what all were measured at where no quality is wanted, and say no views without joules a bit', () => {
    const [, equal] = tables();
    expect(equal?.head.slice(1)).toEqual([
      'energy [J] at VMAF 87',
      'rate [kbit/s] at VMAF 87',
      'BD-rate [%]',
      'BD-energy [%]',
    ]);
  });

  it('say nothing outside of what was measured', () => {
    const [, equal] = tables({ vmaf: 92 });
    expect(equal?.rows.map((row) => row.slice(0, 3))).toEqual([
      ['x264 slow', expect.any(String), expect.any(String)],
      ['x264 fast', '–', '–'],
    ]);
  });

  it('are none of contents with one setting, and of no runs', () => {
    expect(settingsTables(settingsReport(runs.slice(0, 2), { tolerance: 1 }))).toEqual([]);
    expect(settingsTables(settingsReport([], { tolerance: 1 }))).toEqual([]);
  });

  it('are plain data too, with units in the keys', () => {
    const [report] = settingsReport(runs, { tolerance: 1, vmaf: 87, joulesPerBit: 1e-6 });
    const plain = JSON.parse(JSON.stringify(report && plainSettings(report)));
    expect(plain.settings[1]).toEqual({
      encoder: 'x264',
      preset: 'fast',
      bitrate: '2M',
      runs: 1,
      non_dominated: true,
      cheapest: true,
      vmaf: { mean: 90, runs: 1 },
      usd: { mean: 110 * 1e-7, runs: 1 },
      energy_joules: { mean: 110, runs: 1 },
      output_bits: { mean: 2e7, runs: 1 },
      output_bits_per_second: { mean: 2e6, runs: 1 },
    });
    expect(plain.equal_quality).toMatchObject({ vmaf: 87, encoders: [{ name: 'x264 fast' }, { name: 'x264 slow' }] });
    expect(plain.equal_quality.encoders[1].break_even).toEqual({ views: expect.any(Number), above: 'second' });
  });
});
