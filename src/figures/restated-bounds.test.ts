import { describe, expect, it, vi } from 'vitest';
import { figures } from '../../test/kit/context.ts';
import { memoryStorage } from '../../test/kit/memory-storage.ts';
import { Grid, HOUR, runOf, START, stageOf } from '../../test/kit/revised-grid.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';

const { signal } = new AbortController();

/** Emissions in kg: the lower bound, the figure, and the upper one. */
const emissionsOf = (run: Run | undefined) => {
  const all = figures(run);
  return ['co2_emissions_kg_lower', 'co2_emissions_kg', 'co2_emissions_kg_upper'].map((name) => all[name]);
};

/** 1 kW, predicted with an interval in watts. */
const predicted = (lower: number, upper: number) => ({
  ...{ power: 'predicted', 'power.predicted_watts': 1000, 'power.interval_level': 0.75 },
  ...{ 'power.predicted_watts_lower': lower, 'power.predicted_watts_upper': upper },
});

describe('bounds whose intensity is revised', () => {
  it('follow with the figures of their run', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const { stage, runs } = await stageOf({ grid });
    const plain = runOf('a');
    await stage.consume([plain.withAttributes({ ...plain.attributes, ...predicted(800, 1600) })], signal);
    expect(emissionsOf(runs[0])).toEqual([0.4, 0.5, 0.8]);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => runs.length === 2);
    expect(emissionsOf(runs[1])).toEqual([0.2, 0.25, 0.4]);
  });

  it('of slices are corrected together, whatever was predicted of each, also after a restart', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const disk = memoryStorage();
    const slice = (at: number, ends: object) => {
      const marks = { 'stream.id': 'stream/a', 'stream.part': 0, 'stream.position': String(at) };
      const window = { 'run.start_time': at, 'run.duration': HOUR / 2, 'run.sampling': 'interval' };
      const power = samplesOf(hostPower, Series.regular([at, 0], HOUR / 2, Float64Array.of(1000)));
      return Run.of({ scenario: 'host', region: 'us-east-1', ...window, ...marks, ...ends }, { samples: [power] });
    };
    const first = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    await first.stage.consume([slice(START, predicted(800, 1200))], signal);
    await first.stage.consume([slice(START + HOUR / 2, predicted(400, 2000))], signal);
    expect(first.runs.map(emissionsOf)).toEqual([
      [0.2, 0.25, 0.3],
      [0.1, 0.25, 0.5],
    ]);
    await first.stage.shutdown?.(signal);
    const second = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => second.runs.length === 1);
    const [lower, own, upper] = emissionsOf(second.runs[0]);
    expect(lower).toBeCloseTo(-0.15, 12);
    expect(own).toBeCloseTo(-0.25, 12);
    expect(upper).toBeCloseTo(-0.4, 12);
    expect(second.runs[0]?.attributes).not.toHaveProperty(['power.predicted_watts']);
  });
});
