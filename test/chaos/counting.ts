import { expect } from 'vitest';
import { type Sample, seriesValue } from '../kit/exposition.ts';
import { stored } from './push.ts';
import { exportSeries } from './stored-points.ts';

const storage = 'file_storage';
const USD_PER_KWH = 0.25;
const USD_PER_CORE_HOUR = 0.5;
const KG_PER_KWH = 0.5;
const JOULES_PER_KWH = 3.6e6;
const EXACT = 1e-9;

interface CountingOptions {
  readonly port: number;
  readonly receivers: Readonly<Record<string, object>>;
  /** The VictoriaMetrics that counters are pushed to. */
  readonly url: string;
}

/** Returns a configuration that counts streams, keeps what it has counted, and shows it on the page of its port too. */
export function countingConfig({ port, receivers, url }: CountingOptions): object {
  const processors = {
    live: { storage },
    energy: {},
    cost: { usd_per_kwh: USD_PER_KWH, usd_per_core_hour: USD_PER_CORE_HOUR },
    co2: { kg_per_kwh: KG_PER_KWH },
    totals: { storage },
  };
  const exporters = {
    prometheus: { endpoint: `127.0.0.1:${port}` },
    victoriametrics: { ...stored, endpoint: url },
  };
  const namesOf = (components: object) => Object.keys(components);
  const metrics = { receivers: namesOf(receivers), processors: namesOf(processors), exporters: namesOf(exporters) };
  return {
    extensions: { [storage]: { directory: './queues' } },
    ...{ receivers, processors, exporters },
    service: { extensions: [storage], pipelines: { metrics } },
  };
}

/** What the machines of a scenario have used. */
export interface Used {
  readonly joules: number;
  readonly coreSeconds: number;
}

/** Expects the counters of a scenario to be what its machines have used. */
export function expectCounters(samples: readonly Sample[], scenario: string, { joules, coreSeconds }: Used): void {
  const energyUsd = (joules / JOULES_PER_KWH) * USD_PER_KWH;
  const computeUsd = (coreSeconds / 3600) * USD_PER_CORE_HOUR;
  const expected = {
    energy_joules_total: joules,
    cpu_core_seconds_total: coreSeconds,
    cost_energy_load_aware_usd_total: energyUsd,
    cost_compute_load_aware_usd_total: computeUsd,
    cost_load_aware_usd_total: energyUsd + computeUsd,
    co2_emissions_kg_total: (joules / JOULES_PER_KWH) * KG_PER_KWH,
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = seriesValue(samples, name, { scenario }) ?? Number.NaN;
    expect(Math.abs(found / value - 1), `${name} of ${scenario}: ${found}, not ${value}`).toBeLessThan(EXACT);
  }
}

/** What a store holds of counters. */
export interface StoredCounters {
  readonly points: number;
  /** Points that came again, of which the store keeps one. */
  readonly again: number;
}

/**
 * Expects a store to hold counters that end at what a page shows, never decrease, and have one value at each of their times,
 * also among the points that came again.
 */
export async function expectStoredCounters(url: string, samples: readonly Sample[]): Promise<StoredCounters> {
  const match = '{__name__=~".*_total",scenario!=""}';
  const series = await exportSeries(url, match);
  const shown = samples.filter(({ name, labels }) => name.endsWith('_total') && labels.scenario !== undefined);
  expect(series).toHaveLength(shown.length);
  for (const { metric, values, timestamps } of series) {
    const { __name__: name = '', ...labels } = metric;
    const title = `${name} ${JSON.stringify(labels)}`;
    expect(
      Math.abs((values.at(-1) as number) / (seriesValue(samples, name, labels) ?? Number.NaN) - 1),
      title,
    ).toBeLessThan(EXACT);
    expect(values, title).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(timestamps).size, title).toBe(timestamps.length);
  }
  let raw = 0;
  for (const { metric, values, timestamps } of await exportSeries(url, match, true)) {
    raw += values.length;
    const valueAt = new Map<number, number>();
    for (const [index, time] of timestamps.entries()) {
      const value = values[index] as number;
      expect(valueAt.get(time) ?? value, `${metric.__name__} at ${time}`).toBe(value);
      valueAt.set(time, value);
    }
  }
  const points = series.reduce((sum, { values }) => sum + values.length, 0);
  return { points, again: raw - points };
}
