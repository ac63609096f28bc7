import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseExposition, type Sample, seriesValue } from '../kit/exposition.ts';
import { twoRuns, twoRunsFigures } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const [first, second] = twoRuns.scenarios;
const two = first.name;
const four = second.name;
const results = {
  scenarios: [
    { ...first, pixels_processed: 8_957_952_000, total_frames: 3612 },
    { ...second, pixels_processed: 13_436_928_000, total_frames: 5412 },
    { ...first, name: 'baseline', pixels_processed: 0 },
  ],
};

const configuration = (port: number) => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
  unit_cost:
  savings: { baseline: 2 streams @ 2500k, per: watch_hour }
  sci:
    embodied: { total_kg: 1000, share: { reserved_vcpus: 2, total_vcpus: 8 } }
    functional_units: [stream_hour, frame]
  currency:
    rates: [{ date: 2024-01-15, EUR: 0.92 }, { date: 2024-01-16, EUR: 0.5 }, { date: 2025-01-01, SEK: 10 }]
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
service:
  pipelines:
    metrics:
      receivers: [file]
      processors: [cost, co2, unit_cost, savings, sci, currency]
      exporters: [prometheus]
`;

describe('figures by the unit at /metrics', () => {
  let wattline: WattlineProcess;
  let samples: Sample[];

  beforeAll(async () => {
    const port = await freePort();
    const files = { 'results/test_results_1.json': JSON.stringify(results) };
    wattline = await startWattline({ config: configuration(port), files });
    await wattline.waitFor(`http://127.0.0.1:${port}/health`);
    const scrape = async () => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    samples = await vi.waitUntil(
      async () => {
        const found = await scrape();
        return seriesValue(found, 'cost_total_load_aware', { scenario: 'baseline' }) === undefined ? undefined : found;
      },
      { timeout: 5000 },
    );
  });
  afterAll(async () => {
    expect(await wattline.stop()).toBe(0);
  });

  const value = (metric: string, scenario: string, labels: Record<string, string> = {}) =>
    seriesValue(samples, metric, { scenario, region: 'us-east-1', ...labels });
  const expectClose = (actual: number | undefined, expected: number) =>
    expect(Math.abs((actual as number) / expected - 1)).toBeLessThan(1e-12);

  it('are costs by the pixel, the watch hour, the hour and the month', () => {
    expectClose(value('cost_per_pixel', two), 1.5859613087654e-12);
    expectClose(value('cost_per_pixel', four), 2.7339902807811e-12);
    expectClose(value('cost_per_watch_hour', two), 0.21222022821576764);
    expectClose(value('cost_per_watch_hour', four), 0.18337652523571826);
    expectClose(value('cost_per_hour', four), 4 * 0.18337652523571826);
    expectClose(value('cost_per_month', two), 2 * 0.21222022821576764 * 730);
  });

  it('are savings beside the baseline', () => {
    const labels = { baseline: two, per: 'watch_hour' };
    expectClose(value('cost_savings_ratio', four, labels), 1 - 0.18337652523571826 / 0.21222022821576764);
    expect(value('cost_savings_usd', two)).toBeUndefined();
  });

  it('are software carbon intensities', () => {
    for (const [scenario, streams, duration, frames] of [
      [two, 2, 120.5, 3612],
      [four, 4, 180.3, 5412],
    ] as const) {
      const embodied = ((28.538812785388128 / 1000) * duration) / 3600 / 4;
      expectClose(value('embodied_emissions_kg', scenario), embodied);
      const grams = ((twoRunsFigures.co2_emissions_kg?.[scenario] as number) + embodied) * 1000;
      expectClose(value('sci', scenario, { functional_unit: 'frame' }), grams / frames);
      const hours = (streams * duration) / 3600;
      expectClose(value('sci', scenario, { functional_unit: 'stream_hour' }), grams / hours);
    }
  });

  it('are in euros at the rate of the day', () => {
    expectClose(value('cost_total_load_aware_eur', two), 0.014206965277777778 * 0.92);
    expectClose(value('cost_per_pixel_eur', two), 1.5859613087654e-12 * 0.92);
    const saved = value('cost_savings_usd', four, { per: 'watch_hour' }) as number;
    expectClose(value('cost_savings_eur', four, { per: 'watch_hour' }), saved * 0.92);
    expect(value('cost_total_load_aware_sek', two)).toBeUndefined();
  });

  it('are absent where there is no unit, and counted', () => {
    for (const metric of ['cost_per_pixel', 'cost_per_watch_hour', 'sci']) {
      expect(value(metric, 'baseline')).toBeUndefined();
    }
    const skipped = (processor: string, item: string, reason: string) =>
      seriesValue(samples, 'wattline_skipped_total', { processor, item, reason });
    expect(skipped('unit_cost', 'cost_per_pixel', 'no_pixel')).toBe(1);
    expect(skipped('unit_cost', 'cost_per_watch_hour', 'no_streams')).toBe(1);
    expect(skipped('savings', 'cost_savings_usd', 'no_streams')).toBe(1);
    expect(skipped('sci', 'sci', 'no_streams')).toBe(1);
    expect(skipped('sci', 'sci', 'no_frame')).toBe(1);
    expect(skipped('currency', 'SEK', 'no_rate')).toBe(3);
  });
});
