import { describe, expect, it } from 'vitest';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { pullConfiguration, twoRuns, twoRunsFigures } from '../kit/results.ts';
import { freePort, startWattline } from '../kit/wattline-process.ts';

async function start(files: Record<string, unknown>) {
  const port = await freePort();
  const texts = Object.entries(files).map(([name, file]) => {
    return [`results/${name}`, typeof file === 'string' ? file : JSON.stringify(file)];
  });
  const wattline = await startWattline({ config: pullConfiguration(port), files: Object.fromEntries(texts) });
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  const scrape = async () => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  return { wattline, scrape };
}

describe('figures at /metrics', () => {
  it('are right to 1e-12, with the four labels', async () => {
    const { wattline, scrape } = await start({ 'test_results_1.json': twoRuns });
    try {
      await expect
        .poll(async () => seriesValue(await scrape(), 'co2_emissions_kg', { bitrate: '5000k' }))
        .toBeDefined();
      const samples = await scrape();
      for (const [metric, byScenario] of Object.entries(twoRunsFigures)) {
        for (const [scenario, expected] of Object.entries(byScenario)) {
          const labels = { scenario, region: 'us-east-1', encoder: 'libx264' };
          const value = seriesValue(samples, metric, labels) as number;
          expect(Math.abs(value / expected - 1), `${metric} of ${scenario}`).toBeLessThan(1e-12);
        }
      }
      expect(seriesValue(samples, 'cost_exporter_alive')).toBe(1);
      const labels = samples.find(({ name }) => name === 'cost_total_load_aware')?.labels;
      expect(Object.keys(labels ?? {})).toEqual(['scenario', 'region', 'bitrate', 'encoder']);
    } finally {
      expect(await wattline.stop()).toBe(0);
    }
  });

  it('follow new and changed files', async () => {
    const { wattline, scrape } = await start({});
    try {
      await expect.poll(() => wattline.logs()).toContain('no file matches');
      const [first, second] = twoRuns.scenarios;
      await wattline.write({ 'results/test_results_1.json': JSON.stringify({ scenarios: [first] }) });
      const total = async (scenario: string) => seriesValue(await scrape(), 'cost_total_load_aware', { scenario });
      await expect.poll(() => total(first.name), { timeout: 45_000 }).toBeCloseTo(0.014206965277777778, 12);
      await wattline.write({ 'results/test_results_1.json': JSON.stringify({ scenarios: [first, second] }) });
      await expect.poll(() => total(second.name), { timeout: 45_000 }).toBeCloseTo(0.03673643055555556, 12);
      await wattline.write({
        'results/test_results_2.json': JSON.stringify({ scenarios: [{ ...first, name: 'third' }] }),
      });
      await expect.poll(() => total('third'), { timeout: 45_000 }).toBeCloseTo(0.014206965277777778, 12);
    } finally {
      expect(await wattline.stop()).toBe(0);
    }
  });

  it('survive broken results: each refusal is said and counted, the rest is right, no series appears twice', async () => {
    const [good, other] = twoRuns.scenarios;
    const broken = (name: string, change: Record<string, unknown>) => ({ ...good, name, ...change });
    const repeated = Array.from({ length: 44 }, (_, index) => ({
      ...other,
      name: 'repeated',
      end_time: 1_705_320_000 + ((index * 7) % 44),
      power_watts: Array(12).fill(10 + ((index * 7) % 44)),
    }));
    const { wattline, scrape } = await start({
      'test_results_a_cut_off.json': JSON.stringify({ scenarios: [broken('before the cut', {}), good] }).slice(0, -60),
      'test_results_b_not_json.json': 'this is not JSON\n',
      'test_results_c_mixed.json': {
        scenarios: [
          broken('strings', { power_watts: [1, '2', 3] }),
          broken('lists', { power_watts: [1, [2], 3] }),
          broken('negatives', { power_watts: [1, -2, 3] }),
          broken('no step', { step_seconds: 0 }),
          broken('', {}),
          'not an object',
          ...repeated,
          other,
        ],
      },
    });
    try {
      await expect
        .poll(async () => seriesValue(await scrape(), 'cost_total_load_aware', { scenario: '4 streams @ 5000k' }))
        .toBeCloseTo(0.03673643055555556, 12);
      // No file waits for another.
      const malformed = { receiver: 'file', item: 'file', reason: 'malformed' };
      await expect.poll(async () => seriesValue(await scrape(), 'wattline_skipped_total', malformed)).toBe(2);
      const samples = await scrape();
      expect(seriesValue(samples, 'cost_total_load_aware', { scenario: 'before the cut' })).toBeCloseTo(
        0.014206965277777778,
        12,
      );
      for (const scenario of ['strings', 'lists', 'negatives']) {
        expect(seriesValue(samples, 'cost_energy_load_aware', { scenario })).toBeUndefined();
        expect(seriesValue(samples, 'co2_emissions_kg', { scenario })).toBeUndefined();
        expect(seriesValue(samples, 'cost_compute_load_aware', { scenario })).toBeCloseTo((101.75 / 3600) * 0.5, 12);
      }
      expect(samples.filter(({ labels }) => labels.scenario === 'no step')).toEqual([]);
      const latest = seriesValue(samples, 'cost_energy_load_aware', { scenario: 'repeated' });
      expect(latest).toBeCloseTo(((53 * 55) / 3.6e6) * 0.13, 12);
      const skipped = (labels: Record<string, string>) =>
        seriesValue(samples, 'wattline_skipped_total', { receiver: 'file', ...labels });
      expect(skipped({ item: 'file', reason: 'malformed' })).toBe(2);
      expect(skipped({ item: 'power_watts', reason: 'not_a_number' })).toBe(2);
      expect(skipped({ item: 'power_watts', reason: 'negative' })).toBe(1);
      expect(skipped({ item: 'power_watts', reason: 'no_step' })).toBe(1);
      expect(skipped({ item: 'cpu_usage_cores', reason: 'no_step' })).toBe(1);
      expect(skipped({ item: 'run', reason: 'no_name' })).toBe(1);
      expect(skipped({ item: 'run', reason: 'not_an_object' })).toBe(1);
      expect(wattline.logs()).toContain('cut off at byte 496, after 1 complete run');
      expect(wattline.logs()).toContain('`power_watts` is refused: sample 1 is [2], not a number');
    } finally {
      expect(await wattline.stop()).toBe(0);
    }
  });
});
