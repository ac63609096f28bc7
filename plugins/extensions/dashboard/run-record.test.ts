import { describe, expect, it } from 'vitest';
import { figure, Run } from 'wattline/plugin';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { isMeasured, recordOf } from './run-record.ts';

const whole: FiguredRun = {
  ...{ scenario: '2 streams', region: 'us-east-1', encoder: 'libx264', bitrate: '2500k', start: 100, end: 110 },
  ...{ power: [10, 20, 30], cpu: [1, 1, 2], energyUsd: 1e-5, computeUsd: 2, totalUsd: 2.00001, co2Kg: 3e-6 },
  attributes: { 'run.streams': 2 },
};

describe('the record of a run', () => {
  it('holds its labels, times, integrals and figures', () => {
    expect(recordOf(figuredRun(whole))).toMatchObject({
      ...{ scenario: '2 streams', region: 'us-east-1', encoder: 'libx264', bitrate: '2500k', power_kind: 'measured' },
      ...{ started: 100, ended: 110, duration: 10, joules: 200, core_seconds: 12.5 },
      ...{ energy_usd: 1e-5, compute_usd: 2, total_usd: 2.00001, co2_kg: 3e-6 },
    });
  });

  it('holds what else is said about it as JSON', () => {
    const { attributes, figures } = recordOf(figuredRun(whole));
    expect(JSON.parse(attributes)).toEqual({ 'run.streams': 2, 'run.start_time': 100, 'run.end_time': 110 });
    expect(JSON.parse(figures).co2_emissions_kg).toEqual({ value: 3e-6, unit: 'kg{CO2e}', attributes: {} });
  });

  it('has null for what the run does not have', () => {
    const nothing = { scenario: null, region: null, encoder: null, bitrate: null, started: null, duration: null };
    const figures = { joules: null, core_seconds: null, energy_usd: null, compute_usd: null, total_usd: null };
    expect(recordOf(figuredRun({ end: 5 }))).toMatchObject({ ...nothing, ...figures, co2_kg: null, ended: 5 });
  });

  it('takes a region from the figures where the run itself names none', () => {
    const { region, ...bare } = whole;
    const run = figuredRun({ ...bare, attributes: {} });
    const total = { name: 'cost_total_load_aware', unit: '{USD}', description: '' };
    const record = recordOf(run.with({ figures: [figure(total, 1, { region: 'eu-west-1', tariff: 'day' })] }));
    expect(record.region).toBe('eu-west-1');
    expect(JSON.parse(record.figures)['cost_total_load_aware (day)']).toEqual({
      value: 1,
      unit: '{USD}',
      attributes: { tariff: 'day' },
    });
  });

  it('has the same id for the same scenario, start and labels only', () => {
    const id = (change: FiguredRun) => recordOf(figuredRun({ ...whole, ...change })).id;
    expect(id({ power: [1, 2], totalUsd: 7, end: 111 })).toBe(id({}));
    const others = [
      { scenario: '3 streams' },
      { region: 'eu-west-1' },
      { encoder: 'x' },
      { bitrate: '1k' },
      { start: 99 },
    ];
    expect(new Set([{}, ...others].map(id)).size).toBe(others.length + 1);
    expect(id({})).toMatch(/^[0-9a-f]{16}$/);
  });

  it('says how its power came about, if it has any', () => {
    const kindOf = (run: FiguredRun) => recordOf(figuredRun(run)).power_kind;
    for (const power of ['modelled', 'predicted']) expect(kindOf({ ...whole, attributes: { power } })).toBe(power);
    expect(kindOf({ end: 5, attributes: { power: 'modelled' } })).toBe(null);
  });
});

describe('a run', () => {
  it('has samples, or says when it was', () => {
    const power = liveMetric('hw.host.power', 'gauge', [{ at: 1, value: 5 }]);
    expect(isMeasured(figuredRun(whole))).toBe(true);
    expect(isMeasured(liveRun({ scenario: 'a' }, power))).toBe(true);
    expect(isMeasured(Run.of({ scenario: 'a', 'run.duration': 5 }))).toBe(true);
  });

  it('is no slice of a stream, and nothing that only counts', () => {
    const counter = liveMetric('cost_load_aware_usd_total', 'counter', [{ at: 1, value: 5 }]);
    expect(isMeasured(liveRun({}, counter))).toBe(false);
    expect(isMeasured(Run.of({ scenario: 'a', 'stream.id': 'stream/a', 'run.duration': 5 }))).toBe(false);
  });
});
